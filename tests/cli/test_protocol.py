"""The protocol on the command line: printed, edited as one document, locked; its history; and reports not to be had."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.review.review import Review
from leads_local.tasks import forms

from .conftest import Done

Leads = Callable[..., Done]
EDIT = "import pathlib, sys; file = pathlib.Path(sys.argv[-1]); text = file.read_text(encoding='utf-8'); "
EDIT += "file.write_text(text.replace({old!r}, {new!r}), encoding='utf-8'); sys.exit({code})"


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the person's editor replace some words of what it opens."""

    def use(old: str, new: str, code: int = 0) -> None:
        script = tmp_path / "an editor.py"
        script.write_text(EDIT.format(old=old, new=new, code=code), encoding="utf-8")
        monkeypatch.setenv("VISUAL", f'"{sys.executable}" -P "{script}"')

    monkeypatch.delenv("EDITOR", raising=False)
    return use


def typed(review: Path) -> list[Path]:
    return sorted(review.parent.glob("*.protocol*.toml"))


def test_it_is_printed_and_its_hash_is_the_lock(leads: Leads, review: Path) -> None:
    printed = leads("protocol", review).out
    for part in ("[question]", "[[reason]]", "[[rule]]", "[keywords]", "[[form.field]]"):
        assert part in printed
    locked = leads("protocol", review, "--lock", "--reviewer", "Ann")
    assert f"by Ann, SHA-256 {hashlib.sha256(printed.encode()).hexdigest()}." in locked.out
    again = leads("protocol", review)
    assert again.out == printed
    assert "The protocol is locked since " in again.err


def test_editing_shows_what_changes_and_is_one_step(leads: Leads, review: Path, editor: Callable[..., None]) -> None:
    before = leads("protocol", review).out
    editor('kind = "one"', 'kind = "two"')
    done = leads("protocol", review, "--edit", "--reviewer", "Ann")
    assert done.code == 0, done.err
    assert "rule of the abstract stage: two reviewers must agree (was: one reviewer decides)" in done.out
    assert leads("rule", review).out.count("two reviewers must agree") == 2
    assert typed(review) == []
    assert leads("undo", review, "--reviewer", "Ann").code == 0
    assert leads("protocol", review).out == before


def test_a_mistake_costs_nothing_that_was_typed(leads: Leads, review: Path, editor: Callable[..., None]) -> None:
    before = leads("protocol", review).out
    editor('kind = "one"', 'kind = "won"')
    done = leads("protocol", review, "--edit")
    assert done.code == 2
    (file,) = typed(review)
    assert f"{file}, line " in done.err
    assert "kind is one of one, two" in done.err
    assert "use --from with it" in done.err
    assert 'kind = "won"' in file.read_text(encoding="utf-8")
    assert leads("protocol", review).out == before
    file.write_text(file.read_text(encoding="utf-8").replace('"won"', '"two"'), encoding="utf-8-sig")
    assert leads("protocol", review, "--from", file).code == 0
    assert "two reviewers must agree" in leads("rule", review).out
    assert file.exists(), "a file of the person's own is left alone"


def test_an_editor_that_fails_changes_nothing(leads: Leads, review: Path, editor: Callable[..., None]) -> None:
    editor('kind = "one"', 'kind = "two"', code=3)
    done = leads("protocol", review, "--edit")
    assert done.code == 2
    assert "ended with exit code 3; nothing was changed" in done.err
    assert len(typed(review)) == 1
    assert "one reviewer decides" in leads("rule", review).out


def test_nothing_typed_is_nothing_changed(leads: Leads, review: Path, editor: Callable[..., None]) -> None:
    editor("nothing like it", "")
    assert leads("protocol", review, "--edit").out == "Nothing is changed.\n"
    assert typed(review) == []


@pytest.mark.parametrize("named", ["", "no-such-editor-here --wait"])
def test_without_an_editor_that_is_said(
    leads: Leads, review: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setattr("leads_local.cli.protocol.SYSTEM", "linux")
    monkeypatch.setenv("VISUAL", named)
    monkeypatch.delenv("EDITOR", raising=False)
    done = leads("protocol", review, "--edit")
    assert done.code == 2
    assert ("no-such-editor-here --wait' is not on this computer" if named else "There is no editor set") in done.err


def test_on_windows_the_editor_is_notepad_and_paths_keep_their_backslashes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from leads_local.cli import protocol

    monkeypatch.setattr("leads_local.cli.protocol.SYSTEM", "win32")
    known = {"notepad": "notepad", r"C:\Program Files\Ed\ed.exe": "ed"}
    monkeypatch.setattr("leads_local.cli.protocol.shutil.which", known.get)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    assert protocol._editor() == ["notepad"]
    monkeypatch.setenv("EDITOR", r"C:\Program Files\Ed\ed.exe")
    assert protocol._editor() == [r"C:\Program Files\Ed\ed.exe"]
    monkeypatch.setenv("EDITOR", r'"C:\Program Files\Ed\ed.exe" --wait')
    assert protocol._editor() == [r"C:\Program Files\Ed\ed.exe", "--wait"]


def test_at_a_terminal_it_is_asked_first(
    leads: Leads, review: Path, editor: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    editor('kind = "one"', 'kind = "two"')
    monkeypatch.setattr("leads_local.cli.protocol.at_terminal", lambda *streams: True)
    monkeypatch.setattr("leads_local.cli.protocol.ask_yes_or_no", lambda question: False)
    done = leads("protocol", review, "--edit")
    assert done.code == 1
    assert "Nothing was changed." in done.out
    assert f"What you typed is in {typed(review)[0]}." in done.err
    assert leads("protocol", review, "--edit", "--yes").code == 0
    assert "two reviewers must agree" in leads("rule", review).out


def test_the_history_names_deviations(leads: Leads, review: Path) -> None:
    leads("protocol", review, "--lock", "--reviewer", "Ann")
    leads("rule", review, "--rule", "two", "--reviewer", "Ben")
    done = leads("protocol", review, "--history")
    assert "UTC, Ann: locked, SHA-256 " in done.out
    assert "UTC, Ben: DEVIATION: rule of the abstract stage: two reviewers must agree (was: one reviewer" in done.out
    assert "Deviations from it: 1." in done.err
    listed = json.loads(leads("protocol", review, "--history", "--json").out)
    assert [change["deviation"] for change in listed] == [False, False, True]


def test_from_and_a_task_are_two_tasks(leads: Leads, review: Path, tmp_path: Path) -> None:
    done = leads("protocol", review, "--lock", "--from", tmp_path / "p.toml")
    assert done.code == 2
    assert "--from and --lock are two tasks" in done.err


@pytest.mark.parametrize("made", [False, True])
def test_a_file_that_is_none_is_one_sentence(leads: Leads, review: Path, tmp_path: Path, made: bool) -> None:
    file = tmp_path / "p.toml"
    if made:
        file.write_bytes(b"\xff\xfe")
    done = leads("protocol", review, "--from", file)
    assert done.code == 2
    assert str(file) in done.err


def test_a_report_that_could_not_be_had(leads: Leads, review: Path) -> None:
    leads("decide", review, 1, "include")
    done = leads("retrieval", review, 1)
    assert "PRISMA counts it as not retrieved" in done.out
    assert "nothing is changed" in leads("retrieval", review, 1).out
    counts = json.loads(leads("status", review, "--json").out)["counts"]
    assert (counts["not_retrieved"], counts["not_retrieved_said"], counts["fulltext_excluded"]) == (1, 1, 0)
    assert leads("undo", review).out.startswith("Undone: record 1 not retrieved")
    leads("redo", review)
    assert "sought again" in leads("retrieval", review, 1, "--back").out
    assert leads("retrieval", review, 3).code != 0


def test_full_text_not_available_is_no_reason(leads: Leads, review: Path) -> None:
    leads("decide", review, 1, "include")
    reason = ("--reason", "Full text not available", "--stage", "fulltext")
    done = leads("decide", review, 1, "exclude", *reason)
    assert done.code == 2
    assert "excludes no report" in done.err
    assert "leads-local retrieval" in done.err
    assert leads("adjudicate", review, 1, "exclude", *reason).code == 2


def test_a_form_is_stored_in_the_review_after_saying_what_differs(leads: Leads, review: Path, tmp_path: Path) -> None:
    form = tmp_path / "form.toml"
    form.write_text('title = "Own"\n[[field]]\nname = "Country"\n', encoding="utf-8")
    done = leads("extract", review, "--form", form)
    assert "title of the form: Own (was: Randomised trials)" in done.err
    assert "field of the form taken out: Setting" in done.err
    with Review.read(review) as opened:
        assert opened.form() == forms.load(form)
    assert "form:" not in leads("extract", review, "--form", form).err


def test_what_was_judged_by_an_earlier_wording_is_listed(leads: Leads, review: Path) -> None:
    from dataclasses import replace

    from leads_local.records import Eligibility
    from tests.review.test_protocol import judge

    assert leads("protocol", review, "--stale").out == (
        "Every judgement and every decision is by the criteria that are asked now.\n"
    )
    leads("decide", review, 3, "exclude")
    with Review.open(review) as opened:
        judge(opened, 1, Eligibility.YES)
        opened.set_question(replace(opened.question, population="children"))
    done = leads("protocol", review, "--stale")
    assert done.code == 1
    assert "1 record judged by an earlier wording of the criteria at the abstract stage:" in done.out
    assert "record 1: Walking for knees" in done.out
    assert "leads-local screen" in done.err
    assert "1 record decided by an earlier wording of the criteria at the abstract stage:\nrecord 3: Diet" in done.out
    assert "`find --where earlier-wording` lists it" in done.err
    assert json.loads(leads("protocol", review, "--stale", "--json").out) == {
        "abstract": [1],
        "fulltext": [],
        "decided": {"abstract": [3], "fulltext": []},
    }
    found = leads("find", review, "--where", "earlier-wording").out
    assert found == "1: Walking for knees (2019): not decided\n3: Diet for hips: exclude\n"
    assert "judged by an earlier wording" in leads("status", review).out
