"""Criteria that are checked by rule, on the command line: added, shown with counts, made to exclude, taken back."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done

Leads = Callable[..., Done]
RIS = """TY  - JOUR
TI  - Aspirin long ago
PY  - 1990
LA  - eng
ER  -
TY  - JOUR
TI  - Ibuprofen today
PY  - 2010
LA  - ger
M3  - Review
ER  -
TY  - JOUR
TI  - Placebo some day
ER  -
"""


@pytest.fixture
def old(leads: Leads, tmp_path: Path) -> Path:
    """Record 1 is too old, 2 is a German review, 3 doesn't say."""
    review, file = tmp_path / "old.leads", tmp_path / "old.ris"
    file.write_text(RIS, encoding="utf-8")
    assert leads("init", review, "--population", "adults").code == 0
    assert leads("import", review, file).code == 0
    return review


def test_a_limit_is_added_told_and_made_to_exclude(leads: Leads, old: Path) -> None:
    assert leads("limits", old).out == "No criterion is checked by rule.\n"
    done = leads("limits", old, "--set", "Years=year only 2000-", "--set", "Language=language only English")
    assert done.code == 0, done.err
    assert "new criterion by rule Years: year only 2000-\n" in done.out
    assert leads("limits", old).out == (
        "Years: year only 2000-: 1 yes, 1 no, 1 don't say\n"
        "Language: language only English: 1 yes, 1 no, 1 don't say\n"
        "Taken out before screening: 0 reports.\n"
    )
    done = leads("limits", old, "--exclude", "years", "--reviewer", "Ann")
    assert "Taken out before screening by rule: 1 report (now 0;" in done.out
    assert "- 1: Aspirin long ago (year: 1990)\n" in done.out
    assert "Years: year only 2000-, excludes: 1 yes" in leads("limits", old).out
    assert leads("find", old, "--ruled-out").out == "1: Aspirin long ago (1990): ruled out (Years)\n"
    assert leads("find", old, "aspirin").out == "1: Aspirin long ago (1990): ruled out (Years)\n"
    assert leads("find", old, "--undecided").out.count("\n") == 2
    status = leads("status", old).out
    assert "  Records marked as ineligible by automation" in status
    assert "By rule: not within Years" in status
    assert "Criteria (by rule): Years, Language\n" in status
    assert json.loads(leads("status", old, "--json").out)["counts"]["to_screen"] == 2
    assert "Undone: change of the criteria that are checked by rule." in leads("undo", old, "--reviewer", "Ann").out
    assert leads("find", old, "--ruled-out").out == ""
    assert leads("check", old).code == 0


def test_a_decision_takes_a_report_in_again(leads: Leads, old: Path) -> None:
    leads("limits", old, "--set", "Years=year only 2000-", "--exclude", "Years")
    shown = leads("show", old, "1").out
    assert "By rule, from the record's own fields (not the model):" in shown
    assert "- Years: no (year: 1990); by rule: year only 2000-" in shown
    assert "Taken out before screening, as not within Years" in shown
    assert "- Years: the record doesn't say; by rule" in leads("show", old, "3").out
    assert leads("decide", old, "1", "include", "--reviewer", "Ann").code == 0
    assert leads("find", old, "--ruled-out").out == ""
    assert "Taken out" not in leads("show", old, "1").out
    assert json.loads(leads("status", old, "--json").out)["counts"]["screened"] == 1


def test_many_are_taken_in_again_at_once(leads: Leads, old: Path) -> None:
    leads("limits", old, "--set", "Years=year only 2020-", "--exclude", "Years")
    done = leads("decide", old, "--where", "ruled-out", "--where", "year<2000", "maybe", "--yes", "--reviewer", "Ann")
    assert done.code == 0, done.err
    assert leads("find", old, "--ruled-out").out.startswith("2: ")
    assert leads("decide", old, "--where", "all", "maybe", "--yes", "--reviewer", "Ann").code == 0
    assert leads("find", old, "--ruled-out").out.startswith("2: "), "all is what is to be screened"


def test_a_correction_is_heard_at_once(leads: Leads, old: Path) -> None:
    leads("limits", old, "--set", "Language=language only English", "--exclude", "Language")
    assert leads("find", old, "--ruled-out").out.startswith("2: ")
    assert leads("correct", old, "2", "language", "English").code == 0
    assert leads("find", old, "--ruled-out").out == ""
    assert leads("correct", old, "3", "language", "fre").code == 0
    assert leads("find", old, "--ruled-out").out.startswith("3: ")


def test_it_is_kept_removed_and_told_as_data(leads: Leads, old: Path) -> None:
    leads("limits", old, "--set", "Type=publication type not Review", "--exclude", "Type")
    told = json.loads(leads("limits", old, "--json").out)
    assert told["ruled_out"] == [{"record": 2, "limit": "Type", "evidence": "publication type: JOUR; Review"}]
    assert [(one["name"], one["yes"], one["no"], one["not said"]) for one in told["limits"]] == [("Type", 0, 1, 2)]
    leads("limits", old, "--keep", "Type")
    assert leads("find", old, "--ruled-out").out == ""
    leads("limits", old, "--set", "type=publication type not Letter")
    assert "type: publication type not Letter" in leads("limits", old).out
    assert "criterion by rule taken out: type" in leads("limits", old, "--remove", "TYPE").out
    assert leads("limits", old, "--set", "Type=year only 2000", "--remove", "Type").out == "Nothing is changed.\n"


def test_the_protocol_has_it_and_shows_what_it_takes_out(leads: Leads, old: Path, tmp_path: Path) -> None:
    text = leads("protocol", old).out.replace(
        "# Reasons for",
        '[[criterion]]\nname = "Years"\nfield = "year"\nonly = ["2000-"]\nexcludes = true\n\n# Reasons for',
    )
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    done = leads("protocol", old, "--from", tmp_path / "p.toml")
    assert "- 1: Aspirin long ago (year: 1990)\n" in done.out
    assert 'only = ["2000-"]\nexcludes = true\n' in leads("protocol", old).out
    assert leads("find", old, "--ruled-out").out.startswith("1: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "Years"], "'Years' is not NAME=RULE."),
        (["--set", "Years=only 2000"], "The limit 'Years' does not begin with what it reads."),
        (["--set", "Population=year only 2000-"], "There are two criteria called 'Population'."),
        (["--exclude", "Years"], "No criterion that is checked by rule is called 'Years'. There are: none."),
    ],
)
def test_what_makes_no_sense_is_one_sentence(leads: Leads, old: Path, arguments: list[str], said: str) -> None:
    done = leads("limits", old, *arguments)
    assert done.code == 2
    assert said in done.err
    assert leads("limits", old).out == "No criterion is checked by rule.\n"


def test_exports_say_that_a_rule_judged(leads: Leads, old: Path, tmp_path: Path) -> None:
    leads("limits", old, "--set", "Years=year only 2000-", "--exclude", "Years")
    assert leads("export", old, "--to", tmp_path / "out").code == 0

    def rows(name: str) -> list[dict[str, str]]:
        with (tmp_path / "out" / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    records = rows("records.csv")
    assert [row["by rule: Years"] for row in records] == ["no (year: 1990)", "yes (year: 2010)", "not said"]
    assert [row["taken out before screening by rule"] for row in records] == ["Years", "", ""]
    judged = rows("judgements.csv")
    assert [(row["report"], row["judged by"], row["model: eligibility"], row["rule: answer"]) for row in judged] == [
        ("1", "rule", "", "no"),
        ("2", "rule", "", "yes"),
        ("3", "rule", "", "not said"),
    ]
    assert judged[0]["rule: the record says"] == "year: 1990"
    numbers = {row["key"]: row["number"] for row in rows("prisma.csv")}
    assert (numbers["automation"], numbers["automation 1"], numbers["to_screen"]) == ("1", "1", "2")
    page = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
    assert "Criteria that were checked by rule" in page
    assert "Taken out before screening by that: 1." in " ".join(page.split())
    tables = [json.loads(line) for line in (tmp_path / "out" / "everything.jsonl").read_text("utf-8").splitlines()]
    assert [row for row in tables if row["table"] == "ruled_out"] == [
        {"table": "ruled_out", "record_id": 1, "by_limit": "Years"}
    ]
