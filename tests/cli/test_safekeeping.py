"""The commands that keep a review safe say what they did, and what to do next."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.records import Choice, Stage
from leads_local.review.database import ReviewReplaced
from leads_local.review.review import Review
from tests.cli.conftest import Done
from tests.review import old_reviews

Leads = Callable[..., Done]


def test_back_up_decide_and_go_back(leads: Leads, review: Path) -> None:
    copy = leads("backup", review).out.strip()
    assert leads("decide", review, 3, "exclude").code == 0
    listed = leads("restore", review)
    assert copy in listed.out and "by hand" in listed.out
    done = leads("restore", review, "--from", copy)
    assert (done.code, "0 of 3 records decided" in done.out, "is kept as" in done.err) == (0, True, True)
    assert json.loads(leads("status", review, "--json").out)["counts"]["screened"] == 0
    assert len(json.loads(leads("restore", review, "--json").out)) == 2


def test_going_back_without_copies(leads: Leads, review: Path) -> None:
    done = leads("restore", review)
    assert done.code == 2 and "--from" in done.err


def test_a_sound_review_is_said_to_be(leads: Leads, review: Path) -> None:
    assert "is sound" in leads("check", review).out
    assert json.loads(leads("check", review, "--json").out)["sound"] is True


@pytest.fixture
def damaged(review: Path) -> Path:
    """One record's authors are half a list, and a title has another letter."""
    raw = sqlite3.connect(review, isolation_level=None)
    raw.execute("DROP TRIGGER citation_keep")
    raw.execute("UPDATE citation SET authors = '[\"It' WHERE record_id = 2")
    raw.close()
    return review


def test_a_damaged_review_is_named_by_every_command_and_changed_by_none(
    leads: Leads, damaged: Path, tmp_path: Path
) -> None:
    before = damaged.read_bytes()
    checked = leads("check", damaged)
    assert checked.code == 1
    assert "the trigger citation_keep is missing" in checked.out and "row of citation 2 can't be read" in checked.out
    for command in (["decide", damaged, 1, "include"], ["dedupe", damaged]):
        done = leads(*command)
        assert done.code == 2 and "is damaged" in done.err and "leads-local restore" in done.err
    assert leads("status", damaged).code == 0
    done = leads("export", damaged, "--to", tmp_path / "out")
    assert done.code == 1
    assert "citation of record 2 can't be read; it was left out" in done.err
    assert (
        len((tmp_path / "out" / "records.csv").read_text("utf-8-sig").splitlines()) == 3
    )  # the header and the other two
    assert damaged.read_bytes() == before


def test_an_older_review_is_read_and_upgraded_when_asked(leads: Leads, tmp_path: Path) -> None:
    old_reviews.make(path := tmp_path / "old.leads", 1)
    before = path.read_bytes()
    for command in (["status", path], ["check", path], ["export", path, "--to", tmp_path / "out"], ["backup", path]):
        assert leads(*command).code == 0, command
    done = leads("decide", path, 1, "exclude")
    assert done.code == 2 and "leads-local upgrade" in done.err
    assert path.read_bytes() == before
    assert "is kept as" in leads("upgrade", path).out
    assert "up to date" in leads("upgrade", path).out
    assert leads("decide", path, 1, "exclude").code == 0


def test_what_was_rescued_is_put_back(leads: Leads, review: Path, tmp_path: Path) -> None:
    version = shutil.copy(review, tmp_path / "version.leads")
    with Review.open(review) as opened:
        opened.decide(3, Stage.ABSTRACT, Choice.EXCLUDE, "animals", "Ann")
        os.replace(version, review)  # noqa: PTH105
        with pytest.raises(ReviewReplaced) as caught:
            opened.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "", "Ann")
    assert caught.value.acts is not None
    done = leads("rescue", review, caught.value.acts)
    assert (done.code, done.out) == (0, "2 put back, 0 were there already, 0 are left for you to look at.\n")
    assert leads("rescue", review, review).code == 2


def test_where_a_review_lies_is_told_once_on_standard_error_and_by_check(leads: Leads, review: Path) -> None:
    (review.parent / ".stfolder").mkdir()
    first, second = leads("status", review, "--json"), leads("decide", review, 1, "include")
    assert "seems to be kept in step with other computers by Syncthing" in first.err
    assert json.loads(first.out)
    assert (second.code, second.err) == (0, "")
    assert "Syncthing" in leads("check", review).err
