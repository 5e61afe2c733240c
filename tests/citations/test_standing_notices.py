"""What has become of a paper is read where databases write it; what only speaks of such things is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.citations import newer, retraction_watch, standing_notices
from leads_local.citations.formats import nbib, pubmed_xml
from leads_local.citations.standing_notices import PaperNotice
from leads_local.errors import InputError
from leads_local.records import Citation

RETRACTED, CONCERN, ERRATUM, NOTICE = (
    PaperNotice.RETRACTED,
    PaperNotice.CONCERN,
    PaperNotice.ERRATUM,
    PaperNotice.NOTICE,
)


@pytest.mark.parametrize(
    ("citation", "expected"),
    [
        (Citation("Walking", kind="Journal Article; Retracted Publication"), [RETRACTED]),
        (Citation("RETRACTED: Walking for knees"), [RETRACTED]),
        (Citation("Walking for knees [Retraction in: J Inv. 2020]"), [RETRACTED]),
        (Citation("Walking for knees (Retracted article. See vol. 3, pg. 4)"), [RETRACTED]),
        (Citation("WITHDRAWN: Walking for knees"), [RETRACTED]),
        (Citation("WITHDRAWN: Walking for knees", doi="10.1002/14651858.cd001.pub2"), []),
        (Citation("Retraction: Walking", kind="Retracted Publication", extra=(("EIN", "J"),)), [NOTICE]),
        (Citation("Walking", extra=(("N1", "[Retracted]"),)), [RETRACTED]),
        (Citation("Walking [Erratum appears in J Inv. 2020]"), [ERRATUM]),
        (Citation("Walking", extra=(("EIN", "J Inv"), ("ECI", "J Inv"))), [CONCERN, ERRATUM]),
        (Citation("Retraction: Walking for knees"), [NOTICE]),
        (Citation("Walking", kind="Retraction of Publication", extra=(("ROF", "J Inv"),)), [NOTICE]),
        (Citation("Expression of concern: Walking"), [NOTICE]),
        (Citation("A survey of retracted articles in surgery"), []),
        (Citation("Mesh retraction after hernia repair: a trial"), []),
        (Citation("Walking", "It was retracted elsewhere.", extra=(("N1", "Not retracted, we checked."),)), []),
        (Citation("Withdrawn patients in trials of walking"), []),
        (Citation("Correction of scoliosis by bracing: a trial"), []),
    ],
)  # fmt: skip
def test_what_a_record_says_of_its_paper(citation: Citation, expected: list[PaperNotice]) -> None:
    assert list(standing_notices.find(citation)) == expected


def test_pubmeds_fields() -> None:
    [text] = nbib.read("PMID- 1\nTI  - Walking\nRIN - J Inv. 2020;1:2\nAB  - Words.\n").citations
    xml = (
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>Walking</ArticleTitle>"
        '</Article><CommentsCorrectionsList><CommentsCorrections RefType="ExpressionOfConcernIn"><RefSource>J Inv'
        '</RefSource></CommentsCorrections><CommentsCorrections RefType="Cites"><RefSource>x</RefSource>'
        "</CommentsCorrections></CommentsCorrectionsList></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )
    [other] = pubmed_xml.read(xml).citations
    assert standing_notices.find(text) == (RETRACTED,) and standing_notices.find(other) == (CONCERN,)


def test_only_the_same_databases_words_replace_words() -> None:
    old, new = (
        Citation("Walking", "Background.", year=2020),
        Citation("Walking", "Results.", doi="10.5555/1", year=2021),
    )
    assert [one.field for one in newer.compare(old, new, same_database=True)] == ["abstract", "year", "doi"]
    assert [one.field for one in newer.compare(old, new, same_database=False)] == ["doi"]
    assert newer.compare(old, Citation("WALKING.", " background ", year=2020), same_database=True) == []
    again = Citation("Walking", "Background.", year=2020, doi="10.5555/other", pmid="2")
    assert (
        newer.compare(
            Citation(*("Walking", "Background."), year=2020, doi="10.5555/1", pmid="1"), again, same_database=True
        )
        == []
    )
    late, early = (Citation("A", extra=(("LR", day),)) for day in ("20210101", "20200101"))
    assert newer.is_older(late, early) and not newer.is_older(early, late)


AT_DOI = {"doi": "10.5555/supplement"}
WALK = "Walking and pain of the knee in men"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Citation(WALK, **AT_DOI), Citation(f"[RETRACTED] {WALK}", **AT_DOI), True),
        (Citation(WALK, **AT_DOI), Citation(f"{WALK}: a randomised trial", **AT_DOI), True),
        (Citation(WALK, **AT_DOI), Citation("Walking and pain of the knee in women", **AT_DOI), False),
        (Citation(WALK, **AT_DOI), Citation("Hernia repair", **AT_DOI), False),
        (Citation(WALK, **AT_DOI), Citation(f"Correction to: {WALK}", **AT_DOI), False),
        (Citation(WALK, pmid="30000001", **AT_DOI), Citation(WALK, pmid="30000002", **AT_DOI), False),
        (Citation(WALK, pmid="30000001"), Citation("Walking and pains of knees in men", pmid="30000001"), True),
        (Citation(WALK, pmid="30000001"), Citation(f"Erratum: {WALK}", pmid="30000001"), False),
        (Citation(WALK, extra=(("AN", "1"),)), Citation(f"{WALK} and dogs", extra=(("AN", "1"),)), True),
        (Citation(WALK, extra=(("AN", "1"),)), Citation(f"{WALK}: dogs", extra=(("AN", "2"),)), False),
        (Citation("", **AT_DOI), Citation(WALK, **AT_DOI), True),
    ],
)  # fmt: skip
def test_an_identifier_in_common_makes_no_one_paper_of_two(one: Citation, other: Citation, same: bool) -> None:
    assert newer.same_paper(one, other, one_database=True) is newer.same_paper(other, one, one_database=True) is same


EMBASE_CSV = ("Correspondence Address", "Emtree Medical Index Terms", "Copyright", "Source")
SCOPUS_CSV = ("Source", "EID", "Cited by", "Link", "Publisher")


@pytest.mark.parametrize(
    ("format", "one", "new_format", "other", "same"),
    [
        ("ris", {"DB": "Embase"}, "csv", {"Database": "EMBASE"}, True),
        ("ris", {"DB": "Embase"}, "ris", {"DB": "Scopus"}, False),
        ("nbib", {}, "ris", {"DB": "PubMed"}, True),
        ("ris", {"DB": "Embase", "AN": "L1"}, "csv", {"Accession Number": "L1"}, True),
        ("ris", {"DB": "Embase"}, "csv", {}, False),
        ("csv", dict.fromkeys(EMBASE_CSV, "x"), "csv", dict.fromkeys(EMBASE_CSV, "y"), True),
        ("csv", dict.fromkeys(EMBASE_CSV, "x"), "csv", dict.fromkeys(SCOPUS_CSV, "y"), False),
        ("csv", {}, "csv", {}, True),
        ("csv", {}, "ris", {}, False),
        ("endnote xml", {"database": "All of mine.enl"}, "endnote xml",
         {"database": "All of mine.enl", "notes": "x"}, False),
        ("ris", {"SN": "1", "DA": "2", "N1": "x"}, "ris", {"SN": "1", "DA": "2"}, False),
        ("endnote xml", {"database": "All.enl", "accession-num": "1"}, "endnote xml",
         {"database": "All.enl", "accession-num": "2"}, False),
        ("wos", {}, "wos", {"UT": "WOS:1"}, True),
    ],
)  # fmt: skip
def test_which_records_are_of_one_database(
    format: str, one: dict[str, str], new_format: str, other: dict[str, str], same: bool
) -> None:
    known, new = (Citation("Walking", extra=tuple(fields.items())) for fields in (one, other))
    assert newer.same_database(known, format, new, new_format) is same


@pytest.mark.parametrize(
    ("before", "after", "slight"),
    [
        ("Pain fell by 12 points in all.", "Pain fell by 12 points in all. © 2021 The Authors.", True),
        ("Pain fell by 12 points in the analysed groups.", "Pain fell by 12 points in the analyzed groups.", True),
        ("Pain fell by 12 points in all.", "Pain fell by 21 points in all.", False),
        ("We will measure pain.", "We measured pain; it fell.", False),
        (
            f"{'Pain fell and sleep was better in all. ' * 9}Of 120 some left.",
            f"{'Pain fell and sleep was better in all. ' * 9}Of 121 some left.",
            False,
        ),
        ("", "Found.", False),
    ],
)
def test_who_has_decided_need_not_look_for_spelling(before: str, after: str, slight: bool) -> None:
    assert newer.is_slight(newer.NewerText("abstract", before, after)) is slight


def test_retraction_watchs_list(tmp_path: Path) -> None:
    file = tmp_path / "retraction_watch.csv"
    file.write_text(
        "Record ID,Title,OriginalPaperDOI,OriginalPaperPubMedID,RetractionDate,RetractionNature,Reason\n"
        "1,Walking,10.5555/WALK,0,1/2/2020 0:00,Retraction,+Error in Data;+Rogue Editor;\n"
        "2,Running,unavailable,12345678,1/3/2020 0:00,Expression of concern,\n"
        "3,Sitting,10.5555/s,0,1/3/2020 0:00,Something new,\n",
        encoding="utf-8",
    )
    listed = retraction_watch.read(file)
    first, second = listed.entries
    assert (first.notice, first.doi, first.pmid, first.date, first.reason) == (
        *(RETRACTED, "10.5555/walk", "", "1/2/2020"),
        "Error in Data; Rogue Editor",
    )
    assert (second.notice, second.doi, second.pmid, listed.unknown) == (CONCERN, "", "12345678", 1)
    file.write_text("title,doi\nA,10.1/1\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column OriginalPaperDOI"):
        retraction_watch.read(file)
