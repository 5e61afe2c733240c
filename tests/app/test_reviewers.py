"""Reviewers have names of their own."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local import config
from leads_local.app import reviewers
from leads_local.config import Settings
from leads_local.errors import InputError
from leads_local.records import Choice, Stage
from leads_local.review.review import Review
from tests.cli.conftest import Done
from tests.terminal import LEADS, Terminal

Leads = Callable[..., Done]


def test_a_name_is_stored_in_one_form() -> None:
    assert reviewers.clean_name("  Zoe\u0308  Ilves ") == unicodedata.normalize("NFC", "Zoe\u0308  Ilves")
    assert reviewers.clean_name("می\u200cنا") == "می\u200cنا"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "empty"),
        (" \t ", "empty"),
        ("Kim\x1b[2J", "can't be seen"),
        ("Kim\nLee", "can't be seen"),
        ("Kim\u202emiK", "can't be seen"),
        ("—", "no letter"),
        ("\u200d", "no letter"),
        ("K" * 101, "longer than 100"),
    ],
)
def test_what_is_no_name(said: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        reviewers.clean_name(said)


def test_one_person_spelt_in_two_ways_is_seen() -> None:
    known = ["Ana Peña", "Ben"]
    for name in ("ana peña", "Ana Pena", "ANA  PENA"):
        assert reviewers.same_but_for_spelling(name, known) == "Ana Peña"
    for name in ("Ana Peña", "Anna Peña", "Bea"):
        assert reviewers.same_but_for_spelling(name, known) == ""
    assert reviewers.same_but_for_spelling("Ben", ["ben", "Ben"]) == "", "both are known already"


@pytest.fixture
def unnamed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Nobody has said who decides; and the account has this name."""
    monkeypatch.delenv("LEADS_LOCAL_REVIEWER")

    def account(name: str) -> None:
        for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            monkeypatch.setenv(variable, name)

    return account


def reviewer_of(review: Path) -> str:
    with Review.read(review) as opened:
        return opened.record(3).votes[Stage.ABSTRACT][-1].reviewer


def test_in_a_script_the_account_decides_but_never_root(
    leads: Leads, review: Path, unnamed: Callable[[str], None]
) -> None:
    unnamed("root")
    done = leads("decide", review, 3, "exclude")
    assert done.code == 2
    assert done.err == (
        "The account 'root' is no person, so what is said here would be nobody's. Say who you are: --reviewer "
        '"Your name" or LEADS_LOCAL_REVIEWER, or set `reviewer` in your settings.\n'
    )
    assert "no person" in leads("import", review, review).err
    assert "no person" not in leads("screen", review, "--model", "none.gguf").err, "the model's work is nobody's word"
    assert leads("decide", review, 3, "exclude", "--reviewer", "Ana").code == 0
    unnamed("meier")
    assert leads("decide", review, 3, "include").code == 0
    assert reviewer_of(review) == "meier"
    assert config.load_stored().reviewer == "", "nobody was asked, so nothing is remembered"


def test_an_account_without_a_name_decides_nothing(
    leads: Leads, review: Path, unnamed: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "reviewer_name", property(lambda self: self.reviewer))
    unnamed("x")
    done = leads("decide", review, 3, "exclude")
    assert done.code == 2
    assert "This computer's account has no name" in done.err


def test_names_come_from_the_command_the_environment_or_the_settings(
    leads: Leads, review: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.save(Settings(reviewer="Stored"))
    leads("decide", review, 3, "exclude")
    assert reviewer_of(review) == "Tess Tester"
    monkeypatch.delenv("LEADS_LOCAL_REVIEWER")
    leads("decide", review, 3, "exclude")
    assert reviewer_of(review) == "Stored"
    leads("decide", review, 3, "exclude", "--reviewer", " Zoe\u0308 ")
    assert reviewer_of(review) == "Zo\u00eb"
    assert leads("decide", review, 3, "exclude", "--reviewer", "Kim\u202e").code == 2


def test_a_name_that_differs_only_by_spelling_is_pointed_out(leads: Leads, review: Path) -> None:
    leads("decide", review, 3, "exclude", "--reviewer", "Ana Peña")
    done = leads("decide", review, 1, "exclude", "--reviewer", "ana pena")
    assert done.err.startswith("You decide as 'ana pena', and this review has a reviewer 'Ana Peña': the two count as")
    assert leads("decide", review, 1, "exclude", "--reviewer", "Ana Peña").err.count("two people") == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_at_a_terminal_a_person_is_asked_once(review: Path, unnamed: Callable[[str], None]) -> None:
    with Review.open(review) as opened:
        opened.decide(1, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ben")
    unnamed("root")
    command = [*LEADS, "decide", review, "3", "exclude"]
    with Terminal(command) as terminal:
        terminal.until(lambda: b"Under which name do you decide" in terminal.seen)
        assert b"[root]" not in terminal.seen
        assert "In this review there are so far: Ben, Tess Tester. If you are one of them" in " ".join(
            terminal.seen.decode().split()
        )
        terminal.type("\x03")
        assert terminal.ended(20.0) == 130
    with Terminal(command) as terminal:
        terminal.until(lambda: b"Under which name do you decide" in terminal.seen)
        terminal.type("—\n")
        terminal.until(lambda: b"has no letter" in terminal.seen)
        terminal.type(" Ana Pe\u00f1a \n")
        assert terminal.ended(20.0) == 0
    assert reviewer_of(review) == config.load_stored().reviewer == "Ana Peña"
    with Terminal([*command, "--reason", "again"]) as terminal:
        assert terminal.ended(20.0) == 0
        assert b"Under which name" not in terminal.seen
