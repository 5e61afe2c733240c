"""Notes, tags, priorities and corrections on the command line; finding and showing records."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.review.protocol import Keywords
from leads_local.review.review import Review

from .conftest import Done

Leads = Callable[..., Done]
ANNA, BEN = ("--reviewer", "Anna"), ("--reviewer", "Ben")


def test_notes(leads: Leads, review: Path) -> None:
    assert leads("note", review, 1).out == "Record 1: no note.\n"
    done = leads("note", review, 1, "ask the authors", *ANNA)
    assert done.code == 0
    assert done.out.startswith("Record 1: note by Anna, 2")
    assert done.out.endswith(": ask the authors\n")
    leads("rule", review, "--rule", "two")
    hidden = leads("note", review, 1, *BEN)
    assert "ask the authors" not in hidden.out
    assert hidden.err == "1 note of others: to be read once you have decided for yourself.\n"
    assert leads("undo", review, *ANNA).out.startswith("Undone: note on record 1 by Anna")


def test_tags(leads: Leads, review: Path) -> None:
    assert leads("tag", review).out == "No record has a tag.\n"
    assert leads("tag", review, 1, "rct", "#Cluster trial").out == "Record 1: #Cluster-trial #rct.\n"
    assert leads("tag", review, 3, "RCT").out == "Record 3: #rct.\n"
    assert leads("tag", review).out == "#Cluster-trial: 1 report\n#rct: 2 reports\n"
    assert leads("tag", review, 1, "RCT", "--off").out == "Record 1: #Cluster-trial.\n"
    assert leads("tag", review, 3).out == "Record 3: #rct.\n"
    assert leads("undo", review).out.startswith("Undone: tag #rct taken off record 1")


def test_priority(leads: Leads, review: Path) -> None:
    assert leads("priority", review, 3, "high").out == "Record 3: priority high.\n"
    assert leads("find", review, "!high").out == "3: Diet for hips: not decided\n"
    assert leads("priority", review, 3, "normal").out == "Record 3: priority normal.\n"
    assert leads("undo", review).out.startswith("Undone: priority normal of record 3")
    assert leads("priority", review, 3, "urgent").code == 2


def test_corrections(leads: Leads, review: Path) -> None:
    done = leads("correct", review, 3, "title", "Diet for knees", *ANNA)
    assert done.out.startswith("Record 3: title corrected by Anna, 2")
    assert done.out.endswith("to “Diet for knees”; imported was “Diet for hips”.\n")
    assert leads("find", review, "DIET knees").out == ""
    assert leads("find", review, "diet", "knees").out == "3: Diet for knees: not decided\n"
    assert leads("correct", review, 3, "title", "--back").out == "Record 3: the title is as it was imported.\n"
    assert leads("undo", review).out.startswith("Undone: title of record 3 as imported again")
    leads("correct", review, 3, "year", "1999")
    assert leads("correct", review, 3, "--back").out == "Record 3: all is as it was imported again.\n"
    assert leads("correct", review, 3, "--back").out == "Record 3: all is as it was imported.\n"
    assert leads("undo", review).code == 0
    assert "3: Diet for knees (1999)" in leads("find", review, "diet", "knees").out
    for wrong in (["title"], ["title", "x", "--back"], ["publisher", "3"], ["year", "soon"], []):
        assert leads("correct", review, 3, *wrong).code == 2
    assert "“soon” is no year. Give four digits, such as 2019." in leads("correct", review, 3, "year", "soon").err
    assert "there is no record 9" in leads("correct", review, 9, "title", "x").err


def test_keywords_are_marked_in_what_is_shown(leads: Leads, review: Path) -> None:
    assert "[+" not in leads("show", review, 3).out
    with Review.open(review) as opened:
        opened.set_keywords(Keywords(("diet",), ("rat*",)))
    done = leads("show", review, 3)
    assert "Record 3: [+Diet+] for hips\n" in done.out
    assert "Twelve [-rats-] ate less.\n" in done.out
    assert "Marked of the protocol: 1 keyword [+for including+], 1 keyword [-for excluding-].\n" in done.out
    data = json.loads(leads("show", review, 3, "--json").out)
    assert data["citation"]["abstract"] == "Twelve rats ate less."
    assert data["keywords"] == {"for including": ["Diet"], "for excluding": ["rats"]}


def test_find(leads: Leads, review: Path) -> None:
    leads("dedupe", review)
    assert leads("find", review, "walking", "ITO").out == "1: Walking for knees (2019): not decided\n"
    done = leads("find", review, "nowhere")
    assert (done.code, done.out, done.err) == (0, "", "0 reports found.\n")
    leads("decide", review, 1, "include", *ANNA)
    leads("decide", review, 1, "exclude", *BEN)
    assert leads("find", review, "--conflict").out == "1: Walking for knees (2019): not decided\n"
    assert leads("find", review, "--conflict", *ANNA).out == "1: Walking for knees (2019): conflict\n"
    assert leads("find", review, "rats", "--undecided").out == "3: Diet for hips: not decided\n"
    assert leads("find", review, "rats", "--stage", "fulltext").out == ""
    leads("tag", review, 3, "animal")
    assert leads("find", review, "--tag", "ANIMAL").out == "3: Diet for hips: not decided\n"
    assert leads("find", review, "--where", "tag=animal", "--where", "year<2000").out == ""
    assert leads("find", review, "diet", "--where", "tag=animal").out == "3: Diet for hips: not decided\n"
    assert leads("find", review, "walking", "--where", "duplicates>0").out.startswith("1: Walking for knees")
    assert leads("find", review, "--tag", "animal", "walking").out == ""
    (found,) = json.loads(leads("find", review, "rats", "--json").out)
    assert (found["record"], found["title"], found["decision"]) == (3, "Diet for hips", "not decided")
    refused = leads("find", review)
    assert refused.code == 2
    assert "find needs something to look for." in refused.err


def test_show_tells_all_of_one_record(leads: Leads, review: Path, fake_model: None) -> None:
    leads("dedupe", review)
    leads("screen", review)
    leads("tag", review, 2, "rct")
    leads("priority", review, 1, "high")
    leads("note", review, 1, "ask", *ANNA)
    leads("correct", review, 1, "journal", "J Walk")
    leads("decide", review, 1, "include", "--reason", "fits", *ANNA)
    told = leads("show", review, 2).out
    for part in (
        "Record 1: Walking for knees (2019)",
        "Record 2 is a duplicate of it.",
        "Ito, Mai. J Walk. DOI 10.5555/walk.1",
        "some.ris",
        "Duplicate: 2: Walking for knees",
        "Grouped because: ",
        "We randomised 84 adults",
        "Tags: #rct",
        "Priority: high",
        "Record 1: journal corrected",
        "Note by Anna, ",
        "At the abstract stage: include",
        "- Anna: include (fits)",
        "UTC: decided: Anna: include (fits)",
        "The model at the abstract stage (fake): score ",
        "- Design: ",
        "No full text.",
    ):
        assert part in told, part
    data = json.loads(leads("show", review, 2, "--json").out)
    assert (data["record"], data["report"], data["citation"]["journal"]) == (2, 1, "J Walk")
    assert data["annotations"]["corrections"][0]["imported"] == ""
    assert data["decisions"]["abstract"][0]["reviewer"] == "Anna"
    assert "there is no record 9" in leads("show", review, 9).err


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_show_tells_nothing_of_others_before_one_has_decided(leads: Leads, review: Path, form: tuple[str, ...]) -> None:
    leads("rule", review, "--rule", "two")
    leads("decide", review, 3, "exclude", "--reason", "mice", *ANNA)
    leads("note", review, 3, "surely not", *ANNA)
    told = leads("show", review, 3, *form, *BEN)
    assert not any(word in told.out for word in ("Anna", "mice", "surely", "exclude"))
    leads("decide", review, 3, "include", *BEN)
    told = leads("show", review, 3, *form, *BEN)
    assert all(word in told.out for word in ("Anna", "mice", "surely", "exclude"))


def test_exports_have_them_in_columns_of_their_own(leads: Leads, review: Path, tmp_path: Path) -> None:
    leads("dedupe", review)
    leads("note", review, 1, "=1+1", *ANNA)
    leads("note", review, 1, "odd", *BEN)
    leads("tag", review, 1, "rct", "=cmd")
    leads("priority", review, 1, "low")
    leads("correct", review, 1, "title", "=HYPERLINK()", *ANNA)
    leads("correct", review, 1, "year", "2020", *BEN)
    leads("decide", review, 1, "include")
    assert leads("export", review, "--to", tmp_path / "out").code == 0
    with (tmp_path / "out" / "records.csv").open(encoding="utf-8-sig", newline="") as file:
        first, second, third = csv.DictReader(file)
    assert first["people: notes"] == "Anna: =1+1 | Ben: odd"
    assert first["people: tags"].lstrip("'") == "#=cmd #rct"
    assert first["people: priority"] == "low"
    assert first["people: corrected"] == "title by Anna (imported: Walking for knees); year by Ben (imported: 2019)"
    assert first["title"] == "'=HYPERLINK()"
    assert second["people: notes"] == first["people: notes"], "what is said of the report"
    assert (second["people: corrected"], second["title"]) == ("", "Walking for knees")
    assert third["people: tags"] == ""
    ris = (tmp_path / "out" / "included.ris").read_text(encoding="utf-8")
    assert "TI  - =HYPERLINK()" in ris
    assert "N1  - Corrected by the reviewers: title, year" in ris
    audit = [json.loads(line) for line in (tmp_path / "out" / "everything.jsonl").read_text("utf-8").splitlines()]
    assert next(row["title"] for row in audit if row["table"] == "citation") == "Walking for knees"
    assert len([row for row in audit if row["table"] == "annotation"]) == 7
