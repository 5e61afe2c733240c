"""Imports from the command line: listed with their counts, a wrong one taken out and had back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done

Leads = Callable[..., Done]


def test_imports_are_listed_withdrawn_and_had_back(leads: Leads, review: Path, citations: Path) -> None:
    leads("dedupe", review)
    done = leads("sources", review)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1: some.ris: 3 records (ris, 20") and "1 of them duplicates." in done.out
    done = leads("sources", review, "--withdraw", "some.ris", "--reason", "a wrong search", "--reviewer", "Ann")
    assert done.out == "some.ris is withdrawn with its 3 records. The review has 0 now.\n"
    assert "undo brings all back" in done.err
    assert "Withdrawn by Ann on 20" in leads("sources", review).out
    (told,) = json.loads(leads("sources", review, "--json").out)
    assert (told["withdrawn"], told["reason"], told["records"]) == (True, "a wrong search", 3)
    done = leads("import", review, citations)
    assert done.code == 2 and "withdrawn" in done.err and "--back" in done.err
    assert "undone: withdrawal of some.ris" in leads("undo", review, "--reviewer", "Ann").out.lower()
    leads("sources", review, "--withdraw", "1")
    done = leads("sources", review, "--back", "1")
    assert done.out == "some.ris is back with its 3 records. The review has 3 now.\n"
    assert leads("check", review).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--withdraw", "2"], "2: no import of this review is called so. Name it by its number"),
        (["--withdraw", "1", "--back", "1"], "can't be given together"),
        (["--reason", "x"], "Give it with --withdraw"),
        (["--back", "1"], "it was not withdrawn"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(leads: Leads, review: Path, arguments: list[str], said: str) -> None:
    done = leads("sources", review, *arguments)
    assert done.code == 2
    assert said in done.err


def test_a_review_without_imports(leads: Leads, tmp_path: Path) -> None:
    assert leads("init", tmp_path / "new.leads", "--population", "adults").code == 0
    assert leads("sources", tmp_path / "new.leads").out == "Nothing has been imported yet.\n"


def test_a_newer_export_says_what_it_changed_and_what_was_decided_is_listed(leads: Leads, tmp_path: Path) -> None:
    entry = "TY  - JOUR\nTI  - Walking for knees\nDO  - 10.5555/w\nAB  - {}\nER  - \n"
    review, old, new = tmp_path / "r.leads", tmp_path / "jan.ris", tmp_path / "jul.ris"
    old.write_text(entry.format("A protocol."), encoding="utf-8")
    new.write_text(entry.format("With results."), encoding="utf-8")
    leads("init", review, "--population", "adults")
    leads("import", review, old)
    leads("decide", review, "1", "exclude")
    done = leads("import", review, new)
    assert "Newer text of 1 known record (abstract 1); the earlier one is kept" in done.err
    assert leads("find", review, "--where", "changed").out == "1: Walking for knees: exclude\n"
    assert "changed or retracted since: 1 at the abstract stage" in leads("status", review).out
    assert "abstract is that of a newer export" in leads("show", review, "1").out
    watch = tmp_path / "rw.csv"
    watch.write_text(
        "OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature\n10.5555/w,0,Retraction\n", encoding="utf-8"
    )
    done = leads("retractions", review, watch)
    assert done.code == 1 and "record 1: retracted: Walking for knees" in done.out
    assert leads("find", review, "knees").out.startswith("1: [RETRACTED] Walking for knees")
    assert "Download" in leads("retractions", review, old).err or leads("retractions", review, old).code == 2


def test_how_they_were_searched_is_said_and_told(leads: Leads, review: Path, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("title\nOne trial\nAnother trial\n")
    (tmp_path / "strategy.txt").write_text("1. exp pain/\n2. trial.ti,ab.\n3. 1 and 2\n")
    options = ["--database", "Embase", "--platform", "Ovid", "--kind", "database", "--searched", "2026-11-29"]
    done = leads("import", review, tmp_path / "more.csv", *options, "--claimed", "5", "--strategy", "*")
    assert done.code == 0
    done = leads("sources", review)
    assert "\n- Embase (Ovid); database; searched 2026-11-29; 5 hits by its own count; strategy: *\n" in done.out
    assert "2: more.csv: the database claimed 5 hits, and 2 records came in, 3 fewer." in done.err
    done = leads(
        "sources", review, "more.csv", "--claimed", "2", "--strategy", tmp_path / "strategy.txt", "--limits", ""
    )
    assert done.code == 0 and done.err == ""
    assert done.out.endswith("claimed: 2\nstrategy:\n1. exp pain/\n2. trial.ti,ab.\n3. 1 and 2\n")
    _, second = json.loads(leads("sources", review, "--json").out)
    assert second["search"]["claimed"] == 2
    assert "Records identified" in leads("status", review).out
    assert "Records from databases" in leads("status", review).out
    assert leads("undo", review).out.startswith("Undone: how more.csv was searched")
    assert leads("check", review).code == 0
    leads("export", review, "--to", tmp_path / "out")
    line = (tmp_path / "out" / "searches.csv").read_text(encoding="utf-8-sig").splitlines()[2]
    assert line.startswith("2,more.csv,database,Embase,Ovid,2026-11-29,2,5,-3,")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--claimed", "5"], "Of which import is that said? Name it"),
        (["1", "--claimed", "many"], "'many' is no number of hits"),
        (["1", "--withdraw", "1"], "name the import themselves"),
        (["9"], "no import of this review is called so"),
    ],
)
def test_what_can_not_be_said(leads: Leads, review: Path, arguments: list[str], said: str) -> None:
    done = leads("sources", review, *arguments)
    assert done.code == 2
    assert said in done.err


def test_nothing_is_imported_where_a_field_can_not_be_so(leads: Leads, review: Path, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("title\nOne trial\n")
    done = leads("import", review, tmp_path / "more.csv", "--searched", "yesterday")
    assert done.code == 2 and "'yesterday' is no day" in done.err
    assert "more.csv" not in leads("sources", review).out
