"""Criteria that are checked by rule: what fields say in each format's own way, and that what is not said, not known or
said in two ways is never a no."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.citations import countries, languages, limits, publication_types, read_file
from leads_local.citations.limits import Limit, LimitField, Within
from leads_local.errors import InputError
from leads_local.records import Citation

YES, NO, UNSAID = Within.YES, Within.NO, Within.UNSAID
PUBMED_ADDRESS = "Article[PubModel=Print]/AuthorList[CompleteYN=Y]/Author[ValidYN=Y]/AffiliationInfo/Affiliation"


def within(rule: str, **fields: object) -> Within:
    return limits.judge(limits.parse_line("It", rule), Citation(**fields)).within  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "year", "date", "expected"),
    [
        ("year only 2000-", 1999, "", NO),
        ("year only 2000-", 2000, "", YES),
        ("year only -2000", 2001, "", NO),
        ("year only 2000–2010", 2010, "", YES),
        ("year only 1990; 2000-2010", 1990, "", YES),
        ("year not 2000-2010", 2010, "", NO),
        ("year not 2000-2010", 2011, "", YES),
        ("year only 2000-", None, "", UNSAID),
        ("year only 2010-", 2010, "2010 Mar", YES),
        ("year only 2010-", 2010, "2010/03/01", YES),
        ("year only 2010-", 2009, "2009//", NO),
        ("year only 2011-", 2010, "2010-2011", UNSAID),
        ("year only 2011-", 2010, "2010 Dec-2011 Jan", UNSAID),
        ("year only 2009-", 2010, "2010-2011", YES),
        ("year not 2011-", 2010, "2010 Dec-2011 Jan", UNSAID),
    ],
)
def test_years(rule: str, year: int | None, date: str, expected: Within) -> None:
    assert within(rule, year=year, extra=(("DP", date),) if date else ()) is expected


def test_a_date_of_something_else_is_not_the_year() -> None:
    assert within("year only 2011-", year=2010, extra=(("EDAT", "2011/01/03"), ("DateRevised/Year", "2015"))) is NO
    assert within("year only 2011-", year=2010, extra=(("DP", "2013 Jan"),)) is NO, "another date than the year's"


@pytest.mark.parametrize(
    ("rule", "language", "more", "expected"),
    [
        *(("language only English", said, "", YES) for said in ("eng", "English", "en", "ENG", "English.", "en-US")),
        *(("language only English", said, "", YES) for said in ("English; French", "eng, fre", "French/English")),
        ("language only English", "Chinese (English abstract)", "", NO),
        ("language only English", "chi", "", NO),
        ("language only English", "chi", "eng", YES),
        ("language only English; German", "Deutsch", "", YES),
        ("language only English", "", "", UNSAID),
        ("language only English", "und", "", UNSAID),
        ("language only English", "mul", "", UNSAID),
        ("language only English", "Old High Klingon", "", UNSAID),
        ("language only English", "French; Klingon", "", UNSAID),
        ("language not French", "English; French", "", YES),
        ("language not French", "fre", "", NO),
        ("language not French; German", "fre; ger", "", NO),
        ("language not French", "Klingon", "", UNSAID),
        ("language only Spanish", "español", "", YES),
    ],
)
def test_languages(rule: str, language: str, more: str, expected: Within) -> None:
    assert within(rule, language=language, extra=(("LA", more),) if more else ()) is expected


@pytest.mark.parametrize(
    ("rule", "kind", "extra", "expected"),
    [
        ("publication type not Review; Letter", "Journal Article; Review", (), NO),
        ("publication type not Review; Letter", "LETTER", (), NO),
        ("publication type not Review", "Journal Article; Randomized Controlled Trial", (), YES),
        ("publication type not Review", "Journal Article", (), UNSAID),
        ("publication type not Review", "Journal Article; Research Support, N.I.H., Extramural", (), UNSAID),
        ("publication type not Review", "JOUR", (), UNSAID),
        ("publication type not Review", "JOUR", (("M3", "Review"),), NO),
        ("publication type not Review", "JOUR", (("M3", "Editorial"),), YES),
        ("publication type not Review", "JOUR", (("M3", "10.1000/xyz"),), UNSAID),
        ("publication type not Review", "", (), UNSAID),
        ("publication type not Review", "Review: PDF Only.", (), NO),
        ("publication type not Book", "JOUR", (), YES),
        ("publication type not Book; Thesis", "BOOK", (), NO),
        ("publication type not Conference Abstract", "Meeting Abstract", (), NO),
        ("publication type not Retracted Publication", "Journal Article; Retracted Publication", (), NO),
        ("publication type not Retracted Publication", "Retraction of Publication", (), YES),
        ("publication type not Published Erratum", "Correction", (), NO),
        ("publication type only Randomised Controlled Trial", "Randomized Controlled Trial", (), YES),
        ("publication type only Randomized Controlled Trial", "Journal Article; Case Reports", (), NO),
        (
            "publication type only Randomized Controlled Trial",
            "Clinical Trial, Phase III; Multicenter Study",
            (),
            UNSAID,
        ),
        ("publication type only Randomized Controlled Trial", "Article", (), UNSAID),
        ("publication type only Journal Article", "article", (), YES),
        ("publication type only Journal Article", "THES", (), NO),
        ("publication type only Something Of Their Own", "Something of their own", (), YES),
        ("publication type only Review", "unmatched PDF", (), UNSAID),
    ],
)
def test_publication_types(rule: str, kind: str, extra: tuple[tuple[str, str], ...], expected: Within) -> None:
    assert within(rule, kind=kind, extra=extra) is expected


@pytest.mark.parametrize(
    ("rule", "tag", "text", "expected"),
    [
        ("journal country only UK", "PL", "England", YES),
        ("journal country only United Kingdom", "MedlineJournalInfo/Country", "Italy", NO),
        ("journal country only Taiwan", "PL", "China (Republic : 1949- )", YES),
        ("journal country only Italy", "AD", "Rome, Italy", UNSAID),
        ("journal country only Italy", "Article/GrantList/Grant/Country", "Italy", UNSAID),
        ("address country only USA", "AD", "tacg Informatics, Irvine, CA 92612, USA. hjm@tacgi.com", YES),
        ("address country only USA", "AD", "University of Essen, Essen, Germany; Ctr, New York, NY 10019 USA", YES),
        ("address country only USA", "AD", "Univ Gothenburg, Gothenburg, Sweden", NO),
        ("address country only USA", "AD", "Univ Gothenburg, Sweden; Somewhere Hospital", UNSAID),
        ("address country only China", PUBMED_ADDRESS, "Fudan University, Shanghai, P. R. China. a@b.cn", YES),
        ("address country only China", "Article/InvestigatorList/Investigator/Affiliation", "Shanghai, China", UNSAID),
        ("address country not China", "AD", "Fudan University, Shanghai, PR China", NO),
        ("address country not China", "AD", "Shanghai, PR China; Leeds, UK", YES),
        ("address country only Guinea", "AD", "Port Moresby, Papua New Guinea", NO),
        ("address country only Mexico", "AD", "Albuquerque, New Mexico", NO),
        ("address country only United Kingdom", "AD", "Emory University, Atlanta, Georgia", UNSAID),
        ("address country only Germany", "PL", "Germany", UNSAID),
    ],
)
def test_countries_are_those_that_are_named(rule: str, tag: str, text: str, expected: Within) -> None:
    assert within(rule, extra=((tag, text),)) is expected


def test_the_evidence_is_the_fields_own_text() -> None:
    found = limits.judge(
        limits.parse_line("L", "language only English"), Citation(language="eng", extra=(("LA", "fre"),))
    )
    assert found.evidence == "language: eng; fre"
    assert limits.judge(limits.parse_line("L", "language only English"), Citation()).evidence == ""
    dated = limits.judge(limits.parse_line("Y", "year only 2010-"), Citation(year=2010, extra=(("DP", "2010 Mar"),)))
    assert dated.evidence == "year: 2010 Mar"


def test_of_a_corrected_field_nothing_that_was_imported_holds() -> None:
    limit = limits.parse_line("Y", "year only 2011-")
    citation = Citation(year=2010, extra=(("DP", "2010-2011"),))
    assert limits.judge(limit, citation).within is UNSAID
    assert limits.judge(limit, citation, ["language"]).within is UNSAID
    assert limits.judge(limit, citation, ["year"]).within is NO


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([YES, YES], YES),
        ([NO, UNSAID], NO),
        ([YES, UNSAID], YES),
        ([YES, NO], UNSAID),
        ([UNSAID], UNSAID),
        ([], UNSAID),
    ],
)
def test_records_of_a_report_that_differ_leave_it_open(said: list[Within], expected: Within) -> None:
    limit = limits.parse_line("Y", "year only 2000-")
    records = [(limits.LimitAnswer(limit, one, f"year: {number}"),) for number, one in enumerate(said)]
    (found,) = limits.judge_report([limit], records)
    assert found.within is expected
    assert bool(found.evidence) is bool(said)


EXPORTS = {
    "a.nbib": "PMID- 1\nTI  - A\nLA  - eng\nLA  - fre\nPT  - Article\nPT  - Review\nDP  - 2010 Mar\nPL  - England",
    "a.ris": ("TY  - JOUR\nTI  - A\nPY  - 2010/03/01\nLA  - English\nM3  - Review\nAD  - Leeds, UK\nER  - \n"),
    "a.ciw": "FN Clarivate\nVR 1.0\nPT J\nTI A\nLA English\nDT Article; Review\nC1 Univ, England.\nPY 2010\nER\nEF",
    "a.csv": ("Title,Year,Language of Original Document,Document Type\nA,2010,English,Review\n"),
    "a.bib": ("@article{a, title={A}, year={2010}, language={english}}\n"),
    "a.enw": ("%0 Journal Article\n%T A\n%D 2010\n%G English\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_each_format_keeps_what_rules_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(EXPORTS[name])
    (citation,) = read_file(tmp_path / name).citations
    said = {rule: limits.judge(limits.parse_line("It", rule), citation).within for rule in (
        "year only 2010", "language only English", "publication type not Review", "journal country only UK",
        "address country only UK")}  # fmt: skip
    assert said["year only 2010"] is said["language only English"] is YES
    assert said["publication type not Review"] is (UNSAID if name in ("a.bib", "a.enw") else NO)
    assert said["journal country only UK"] is (YES if name == "a.nbib" else UNSAID)
    assert said["address country only UK"] is (YES if name in ("a.ris", "a.ciw") else UNSAID)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("colour only red", "does not begin with what it reads"),
        ("language English", "neither only nor not"),
        ("language only Englsh", "“Englsh” is no language that is known here"),
        ("year only soon", "“soon” are no years"),
        ("year only 2010-2000", "ends before it begins"),
        ("year only 2010 2011", "are no years"),
        ("address country not Atlantis", "“Atlantis” is no country"),
        ("publication type only ;", "1 to 100 values"),
        ("publication type only ??", "is no publication type"),
    ],
)
def test_what_can_not_be_a_rule_is_told(rule: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        limits.parse_line("It", rule)


def test_values_are_kept_by_one_name() -> None:
    assert limits.parse_line("L", "language only eng, Deutsch; ENGLISH").values == ("English", "German")
    assert limits.parse_line("C", "address country not USA; U.S.A.").values == ("United States",)
    assert limits.parse_line("T", "publication type not Clinical Trial, Phase II").values == (
        "Clinical Trial, Phase II",
    )


RULES = st.sampled_from(
    [
        *("year only 2000-", "year not -1990; 2010", "language only English", "language not French; German"),
        *("publication type not Review; Letter", "publication type only Randomized Controlled Trial"),
        *("journal country only Italy", "address country not China"),
    ]
)
TEXTS = st.text(max_size=30) | st.sampled_from(["eng", "French; English", "Review", "JOUR", "Rome, Italy", "2010-2011"])
CITATIONS = st.builds(
    Citation,
    year=st.none() | st.integers(1500, 2099),
    language=TEXTS,
    kind=TEXTS,
    extra=st.lists(st.tuples(st.sampled_from(["LA", "M3", "AD", "PL", "DP"]), TEXTS), max_size=3).map(tuple),
)


@given(rule=RULES, citation=CITATIONS)
def test_any_text_has_an_answer_and_no_has_a_reason(rule: str, citation: Citation) -> None:
    limit = limits.parse_line("It", rule)
    assert limits.parse_line("It", limit.in_words()) == limit
    assert limits.from_said(limits.to_said(limit)) == limit
    found = limits.judge(limit, citation)
    if found.within is not UNSAID:
        assert found.evidence.startswith(f"{limit.field}: ")
    if limit.field in (LimitField.YEAR, LimitField.TYPE):  # of languages and countries one of several will do
        turned = limits.judge(Limit("It", limit.field, limit.values, not limit.only), citation).within
        assert {found.within, turned} in ({YES, NO}, {UNSAID}, {found.within, UNSAID})
        assert not (found.within is turned is not UNSAID)


def test_a_name_is_one_names_name() -> None:
    assert languages.find_language("") == countries.find_country("") == publication_types.to_type("") == ""
    assert languages.find_language("zh-Hans") == languages.find_language("Mandarin") == "Chinese"
    assert countries.find_country("Türkiye") == "Turkey"
    assert countries.find_country("Korea (South)") == "South Korea"


RULES = ("year only 2000-2010", "language not German", "publication type only Review", "journal country only Japan")


@given(
    st.sampled_from([*RULES, "address country not Chile"]),
    st.lists(
        st.tuples(
            st.sampled_from(["DP", "LA", "Language", "PT", "M3", "PL", "C1", "AD", PUBMED_ADDRESS, "AB", "x"]),
            st.sampled_from(
                ["2005 Mar", "German", "English", "Review", "Tokyo, Japan.", "Lima, Peru", "Santiago, Chile"]
            ),
        ),
        max_size=4,
    ),
)
def test_nothing_else_that_came_with_a_record_is_read(rule: str, extra: list[tuple[str, str]]) -> None:
    """What many records say alike is judged once, by what the field reads."""
    limit = limits.parse_line("It", rule)
    record = Citation(year=2005, language="German", kind="Letter", extra=tuple(extra))
    said, fields = limits._READERS[limit.field](limit, record, record.extra)
    answer = limits.judge(limit, record)
    assert answer.within is said
    assert all(one.strip() in answer.evidence for one in fields)
