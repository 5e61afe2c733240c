"""Cochrane's text, CSL-JSON, and what trial registers give: every value is kept, and what it means is known."""

from __future__ import annotations

import json

import pytest

from leads_local.citations.source import read_text
from leads_local.errors import InputError
from leads_local.records import Citation

COCHRANE = """Record #1 of 3
ID: CN-00000001
AU: Obi N
AU: Tesch K
TI: A trial of walking
SO: Journal of Invention
YR: 2018
VL: 1
NO: 2
PG: 3-9
PM: PUBMED 31000001
PT: Journal article
KY: Walking [*methods], Humans, Adult
DOI: 10.1000/c1
AB: First line
of the abstract.
US: https://example.org/x

Record #2 of 3
ID: CN-00000002
TI: A trial of running: ER: nothing
AB: TY  - JOUR stands in its abstract.

"""
CSL = [
    {
        "id": "x", "type": "article-journal", "title": "A trial of walking", "container-title": "J Inv",
        "author": [
            {"family": "Berg", "non-dropping-particle": "van der", "given": "N", "suffix": "Jr"},
            {"literal": "The Group"},
        ],
        "issued": {"date-parts": [[2018, 3, 9]], "season": "spring"}, "page": "3-9", "DOI": "10.1000/C1",
        "note": "PMID: 31000001", "custom": {"deep": ["one", "two"]},
    },
    {"type": "book", "title": "Second"},
    "no record",
]  # fmt: skip
ICTRP = """<?xml version="1.0"?><Trials_downloaded_from_ICTRP><Trial><TrialID>DRKS00000001</TrialID>
<Public_title>Walking</Public_title><Scientific_title>A trial of walking &amp; rest</Scientific_title>
<Primary_sponsor>University of Inventions</Primary_sponsor><Date_registration>09/03/2018</Date_registration>
<Source_Register>DRKS</Source_Register><Condition>Knee pain</Condition><Intervention>Walking</Intervention>
<Primary_outcome>Pain at 12 weeks</Primary_outcome><web_address>https://example.org/1</web_address></Trial>
<Trial></Trial></Trials_downloaded_from_ICTRP>"""
STUDY = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT00000001",
            "briefTitle": "Walking",
            "officialTitle": "A trial of walking",
        },
        "statusModule": {"studyFirstPostDateStruct": {"date": "2018-03-09"}},
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": "University, of Inventions"}},
        "descriptionModule": {"briefSummary": "We walk."},
        "conditionsModule": {"conditions": ["Knee Pain", "Arthrosis"]},
        "designModule": {"studyType": "INTERVENTIONAL", "enrollmentInfo": {"count": 120}},
        "outcomesModule": {"primaryOutcomes": [{"measure": "Pain"}, {"measure": "Steps"}]},
    },
    "hasResults": False,
}


def test_cochrane_text() -> None:
    name, parsed = read_text(COCHRANE, "central.txt")
    first, second = parsed.citations
    assert name == "cochrane"
    assert (first.title, first.authors, first.year, first.pages) == (
        "A trial of walking",
        ("Obi N", "Tesch K"),
        2018,
        "3-9",
    )
    assert (first.journal, first.volume, first.issue, first.doi) == ("Journal of Invention", "1", "2", "10.1000/c1")
    assert first.pmid == "31000001"
    assert first.abstract == "First line\nof the abstract."
    assert first.keywords == ("Walking [*methods]", "Humans", "Adult")
    assert ("ID", "CN-00000001") in first.extra
    assert second.title == "A trial of running: ER: nothing"
    assert [problem.message for problem in parsed.problems] == ["The file says that it holds 3 records; 2 are in it."]


@pytest.mark.parametrize("text", [json.dumps(CSL), json.dumps({"items": CSL}, indent=2)])
def test_csl_json(text: str) -> None:
    name, parsed = read_text(text, "zotero.json")
    first, second = parsed.citations
    assert name == "csl json"
    assert first.authors == ("van der Berg, N, Jr", "The Group")
    assert (first.title, first.year, first.journal, first.pages) == ("A trial of walking", 2018, "J Inv", "3-9")
    assert (first.doi, first.pmid, first.kind) == ("10.1000/c1", "31000001", "article-journal")
    assert {("custom/deep", "one"), ("custom/deep", "two"), ("issued/season", "spring")} <= set(first.extra)
    assert second.title == "Second"
    assert [(problem.whole, problem.raw) for problem in parsed.problems] == [(True, "no record")]


def test_json_that_was_cut_short_is_refused_with_its_place() -> None:
    with pytest.raises(InputError, match=r"x.json: Line 1, column .*no JSON any more"):
        read_text(json.dumps(CSL)[:150], "x.json")


def test_one_csl_item_and_json_lines_are_told_apart() -> None:
    assert read_text(json.dumps(CSL[0]), "one.json")[0] == "csl json"
    assert read_text('{"title": "a"}\n{"title": "b"}\n', "two.jsonl")[0] == "jsonl"


def test_ictrp() -> None:
    name, parsed = read_text(ICTRP, "ictrp.xml")
    (trial,) = parsed.citations
    assert name == "ictrp xml"
    assert (trial.title, trial.year, trial.journal) == ("A trial of walking & rest", 2018, "DRKS")
    assert trial.abstract == "Condition: Knee pain\nIntervention: Walking\nPrimary outcome: Pain at 12 weeks"
    assert trial.authors == ("University of Inventions",)
    assert {("TrialID", "DRKS00000001"), ("Public_title", "Walking")} <= set(trial.extra)
    assert [problem.whole for problem in parsed.problems] == [True]


@pytest.mark.parametrize("value", [{"studies": [STUDY]}, [STUDY], STUDY])
def test_clinical_trials(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1)):
        name, parsed = read_text(text, "ctg.json")
        (trial,) = parsed.citations
        assert name == "clinicaltrials.gov json"
        assert (trial.title, trial.year, trial.journal) == ("A trial of walking", 2018, "ClinicalTrials.gov")
        assert trial.authors == ("University, of Inventions",)
        assert (
            trial.abstract
            == "We walk.\nCondition: Knee Pain; Arthrosis\nPrimary outcome: Pain; Steps\nParticipants: 120"
        )
        assert trial.keywords == ("Knee Pain", "Arthrosis")
        assert ("protocolSection/identificationModule/nctId", "NCT00000001") in trial.extra
        assert ("hasResults", "false") in trial.extra


def test_every_value_of_a_study_is_kept() -> None:
    _, parsed = read_text(json.dumps(STUDY), "ctg.json")
    told = repr(parsed.citations[0])
    for value in ("NCT00000001", "A trial of walking", "Walking", "INTERVENTIONAL", "120", "Steps", "2018-03-09"):
        assert value in told
    assert isinstance(parsed.citations[0], Citation)
