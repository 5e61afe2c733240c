"""Groups are explained, disjoint, the same in any order, and never merge two papers on their title alone."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.citations import read_file
from leads_local.citations.duplicates import DuplicateGroup, find
from leads_local.citations.titles import TitleLikeness, compare_titles, fold_title
from leads_local.records import Citation, Progress
from tests.citations import duplicate_pairs, more_duplicate_pairs

PAPER = Citation(
    title="Walking programmes for adults with chronic back pain: a randomised controlled trial",
    authors=("Brandvold, Ingrid", "Oyelaran, T."),
    year=2016,
    journal="The Journal of Imaginary Physiotherapy",
    volume="41",
    issue="3",
    pages="211-219",
    doi="10.1000/jip.2016.211",
    pmid="27000001",
    abstract="We randomised 120 adults to walking or usual care and followed them for a year.",
)
BARE = replace(PAPER, doi="", pmid="", abstract="")
POSTER = replace(BARE, pages="S40", kind="Conference Abstract")

SAME = {
    "the same record twice": (PAPER, PAPER),
    "only the DOI in common": (PAPER, Citation(title=PAPER.title, doi=PAPER.doi)),
    "only the PMID in common": (PAPER, replace(BARE, title="[Walking for back pain]", pmid=PAPER.pmid, doi="")),
    "capitals, accents, full stop, markup": (
        BARE,
        replace(BARE,
            title="WALKING PROGRAMMES for adults with <i>chronic</i> back pain &ndash; a randomised controlled trial."),
    ),
    "British and American spelling": (
        BARE,
        replace(BARE, title=PAPER.title.replace("programmes", "programs").replace("randomised", "randomized")),
    ),
    "letters in which languages differ": (
        replace(BARE, title="Haemoglobin and oesophageal tumours in paediatric anaemia: labelled analyses"),
        replace(BARE, title="Hemoglobin and esophageal tumors in pediatric anemia: labeled analyzes"),
    ),
    "a journal's name in two languages": (BARE, replace(BARE, journal="Zeitschrift für erdachte Bewegungslehre")),
    "numbers set differently": (
        replace(PAPER, pmid="", title="Vitamin B12 and 10(7) cells in walking programmes for adults"),
        replace(PAPER, pmid="", title="Vitamin B 12 and 107 cells in walking programmes for adults", pages=""),
    ),
    "a typing mistake": (BARE, replace(BARE, title=PAPER.title.replace("chronic", "chronlc"))),
    "abbreviated journal, initials, shortened pages": (
        BARE,
        replace(BARE, journal="J Imaginary Physiother", authors=("Brandvold I", "Oyelaran T"), pages="211-9"),
    ),
    "online one year before print": (BARE, replace(BARE, year=2015, volume="", pages="")),
    "no authors in one": (BARE, replace(BARE, authors=())),
    "subtitle left out, same place": (BARE,
        replace(BARE, title="Walking programmes for adults with chronic back pain")),
    "database's remark after the title": (BARE, replace(BARE, title=PAPER.title + ".[Article]")),
    "Greek letters spelt out": (replace(BARE, title="Effect of β-blockers on TNF-α in chronic heart failure"),
                                replace(BARE, title="Effect of beta-blockers on TNF-alpha in chronic heart failure")),
    "wrong DOI, same place": (PAPER, replace(PAPER, pmid="", doi="10.1000/jip.2016.112")),
    "translated title, same place": (
        replace(BARE, title="Gehprogramme für Erwachsene mit chronischen Rückenschmerzen", language="German"),
        replace(BARE, title="[Walking programmes for adults with chronic back pain]", language="English"),
    ),
    "title and abstract alone": (
        Citation(title=PAPER.title, abstract=PAPER.abstract),
        Citation(title=PAPER.title, abstract="BACKGROUND: " + PAPER.abstract.replace("randomised", "randomized")),
    ),
    "nothing but a long title": (Citation(title=PAPER.title), Citation(title=PAPER.title)),
    "double name, half of it": (replace(BARE, authors=("Brandvold-Ness, Ingrid",)), BARE),
    "a short title on the same pages from 1": (
        replace(BARE, title="Walking against chronic knee pain", pages="1-9", issue=""),
        replace(BARE, title="Walking against chronic knee pain", pages="1-9", issue=""),
    ),
    "article number against pages": (replace(BARE, pages="e211"), replace(BARE, pages="1-9")),
    "article number against pages from 1, volume unknown": (
        replace(BARE, pages="e211", volume="", issue=""),
        replace(BARE, pages="1-9", volume="", issue=""),
    ),
}  # fmt: skip

DIFFERENT = {
    **{
        f"{one} and {other}": (
            replace(BARE, title=f"Outcome of {one} patients in hospital after heart surgery", pages="", issue=""),
            replace(BARE, title=f"Outcome of {other} patients in hospital after heart surgery", pages="", issue=""),
        )
        for one, other in [("hypertensive", "hypotensive"), ("typical", "atypical"), ("male", "female"),
            ("dependent", "independent")]
    },
    "a paper and a letter without abstract under its title": (
        Citation(title=PAPER.title, abstract=PAPER.abstract),
        Citation(title=PAPER.title),
    ),
    "two letters on one page": (
        replace(BARE, title="Letter to the editor", authors=(), doi="10.1000/a"),
        replace(BARE, title="Letter to the editor", authors=(), doi="10.1000/b"),
    ),
    "nothing but a title of a few words": (Citation(title="Emphysema and alpha-1 antitrypsin deficiency"),) * 2,
    "one editorial a month": (replace(BARE, title="Editorial", pages=""),
        replace(BARE, title="Editorial", pages="", issue="")),
    "a case series with one title in one volume": (BARE, replace(BARE, pages="301-309", issue="4")),
    "two editorials": (
        replace(BARE, title="Editorial"),
        replace(BARE, title="Editorial", pages="300-301", volume="42", year=2017),
    ),
    "two editorials of one author": (replace(BARE, title="Editorial"),
        replace(BARE, title="Editorial", pages="1-2", issue="4")),
    "part I and part II": (replace(BARE, title=PAPER.title + ". Part I"),
        replace(BARE, title=PAPER.title + ". Part II", pages="220-230")),
    "phase 2 and phase 3": (
        replace(BARE, title="Phase 2 trial of drug X in severe asthma in adults", pages=""),
        replace(BARE, title="Phase 3 trial of drug X in severe asthma in adults", pages=""),
    ),
    "paper and erratum": (PAPER,
        replace(PAPER, title="Erratum: " + PAPER.title, pmid="27000009", doi="10.1000/jip.2016.999", pages="400")),
    "paper and erratum under its DOI": (PAPER, replace(PAPER, title="Erratum: " + PAPER.title, pmid="", pages="400")),
    "paper and erratum under its DOI and pages": (PAPER, replace(PAPER, title="Erratum: " + PAPER.title, pmid="")),
    "one DOI, two PMIDs and no subtitle": (
        PAPER,
        replace(PAPER, title="Walking programmes for adults with chronic back pain", pmid="27000002"),
    ),
    "two years apart, place unknown": (
        replace(BARE, volume="", issue="", pages=""),
        replace(BARE, volume="", issue="", pages="", year=2018),
    ),
    "two abstracts in two languages on one page, with other numbers": (
        replace(BARE, title="[Vitamin D 400 IU against falls in nursing homes]", pages="S40"),
        replace(BARE, title="Vitamin-D-Gabe von 800 IE zur Sturzprävention in Pflegeheimen", pages="S40"),
    ),
    "trial and protocol": (
        PAPER,
        replace(PAPER, title=PAPER.title + ": study protocol", pmid="", doi="10.1000/p", year=2013, pages="1-9",
            volume="38"),
    ),
    "trial and reply": (BARE, replace(BARE, title="Reply to: " + PAPER.title, pages="500")),
    "paper and conference abstract": (
        BARE,
        replace(BARE, journal="Annals of the Congress", volume="75", pages="S12", year=2015,
            kind="Conference Abstract"),
    ),
    "paper and conference abstract, place unknown": (
        replace(BARE, volume="", pages="", journal=""),
        replace(BARE, volume="", pages="", journal="", year=2015, extra=(("M3", "Conference Abstract"),)),
    ),
    "paper and conference abstract of one year, place unknown": (
        replace(BARE, volume="", pages="", journal=""),
        replace(BARE, volume="", pages="", journal="", kind="Conference Abstract"),
    ),
    "two versions of a Cochrane review": (
        replace(BARE, doi="10.1002/14651858.cd001234.pub2", pages="CD001234", volume="",
            journal="Cochrane Database Syst Rev"),
        replace(BARE, doi="10.1002/14651858.cd001234.pub3", pages="CD001234", volume="",
            journal="Cochrane Database Syst Rev", year=2017),
    ),
    "different PMIDs": (PAPER, replace(PAPER, pmid="27000002", doi="")),
    "preprint and paper": (PAPER,
        replace(BARE, doi="10.1101/2015.01.01", journal="bioRxiv", volume="", pages="", year=2015)),
    "two abstracts under a supplement's DOI": (
        replace(BARE, doi="10.1000/supplement", title="Vitamin D in falls among nursing home residents", pages="S1"),
        replace(BARE, doi="10.1000/supplement", title="Telephone coaching after hip fracture", pages="S2",
            authors=("Ruiz, A.",)),
    ),
    "children and adults": (
        replace(BARE, title="Efficacy of artesunate in children with severe malaria in Africa", pages="10-15"),
        replace(BARE, title="Efficacy of artesunate in adults with severe malaria in Africa", pages="16-20"),
    ),
    "same title, other authors, far in time": (BARE,
        replace(BARE, authors=("Zhang, W.",), year=2003, volume="28", pages="5-9")),
    "annual report of two years": (
        replace(BARE, title="Annual report of the national burns registry 2015", volume="", pages=""),
        replace(BARE, title="Annual report of the national burns registry 2016", volume="", pages=""),
    ),
    "two abstracts on one page": (
        replace(BARE, title="Exercise in pregnancy and birth weight", pages="S40"),
        replace(BARE, title="Sleep apnoea after stroke: a cohort", pages="S40"),
    ),
    "two abstracts of one author on one page, of like titles": (
        replace(POSTER, title="Exercise and pain of the knee: a pilot study of adults"),
        replace(POSTER, title="Exercise and pain of the hand: a pilot study of adults"),
    ),
    "two abstracts of like titles under a supplement's DOI": (
        replace(POSTER, title="Vitamin D and falls of men in nursing homes", doi="10.1000/supplement", pages=""),
        replace(POSTER, title="Vitamin D and falls of women in nursing homes", doi="10.1000/supplement", pages=""),
    ),
    "no title": (Citation(authors=("Li, W.",), year=2010), Citation(authors=("Li, W.",), year=2010)),
}  # fmt: skip


def group(records: Sequence[Citation], progress: Callable[[Progress], None] | None = None) -> list[DuplicateGroup]:
    return find(records, progress).groups


@pytest.mark.parametrize("name", SAME)
def test_records_of_one_report_are_grouped_with_a_reason(name: str) -> None:
    groups = group(SAME[name])
    assert [found.members for found in groups] == [(0, 1)], name
    assert all(groups[0].reasons)


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_reports_stay_apart(name: str) -> None:
    assert group(DIFFERENT[name]) == []


def test_reasons_are_plain_words() -> None:
    assert group([PAPER, PAPER])[0].reasons == ("same PMID 27000001",)
    assert group([BARE, BARE])[0].reasons == ("same title; first author, year, journal, volume, first page agree",)
    assert group([replace(PAPER, pmid=""), PAPER])[0].reasons == ("same DOI 10.1000/jip.2016.211",)


def test_a_record_between_two_papers_of_different_dois_does_not_join_them() -> None:
    """One that knows neither DOI nor place fits both by its title alone: it goes with the same in every order."""
    between = replace(BARE, volume="", pages="")
    one, other = (replace(BARE, doi=f"10.1000/{name}", volume="", pages="") for name in ("one", "other"))
    partners = set()
    for records in permutations([one, between, other]):
        (found,) = group(records)
        assert records.index(between) in found.members and len(found.members) == 2
        partners |= {records[place].doi for place in found.members if records[place] is not between}
    assert len(partners) == 1


def test_of_two_groups_the_surest_doubt_is_told_and_only_once() -> None:
    one = replace(PAPER, pmid="1", doi="10.1000/a")
    other = replace(PAPER, pmid="2", doi="10.1000/b", pages="400-409", issue="9")
    between = [replace(BARE, volume="", issue="", pages=""), replace(BARE, issue="", pages="")]
    (doubt,) = find([one, other, *between]).doubts
    assert "first author, year, journal, volume agree; but what is known of other records" in doubt.reason


def test_a_number_in_common_decides_before_a_title_does() -> None:
    """What a record shares with another by its DOI is not given to a third that only looks alike."""
    records = [replace(BARE, doi="10.1000/a"), replace(BARE, pmid="2"), replace(BARE, doi="10.1000/a", pmid="1")]
    assert [found.members for found in group(records)] == [(0, 2)]


def test_a_record_between_two_papers_does_not_join_them() -> None:
    """One without numbers fits both, which have different PMIDs: it goes with one of them, and they stay apart."""
    between = replace(BARE, volume="", pages="")
    groups = group([PAPER, between, replace(PAPER, pmid="27000002", doi="10.1000/other", pages="300-309", issue="9")])
    assert len(groups) == 1
    assert 1 in groups[0].members
    assert len(groups[0].members) == 2


def test_a_group_never_takes_in_a_record_with_another_pmid() -> None:
    """A record without any number fits two papers whose PMIDs alone tell them apart."""
    one, other = replace(PAPER, doi=""), replace(PAPER, doi="", pmid="27000002")
    between = replace(BARE, volume="", pages="")
    for records in ([one, between, other], [between, other, one]):
        (found,) = group(records)
        assert len(found.members) == 2
        assert len({records[place].pmid for place in found.members} - {""}) == 1
    assert len(group([PAPER, replace(PAPER, pmid="27000002")])[0].members) == 2, "one DOI outweighs a wrong PMID"


PAIRS = {"first": duplicate_pairs, "further": more_duplicate_pairs}


@pytest.mark.parametrize("pairs", PAIRS)
def test_no_two_reports_are_merged_for_words_that_look_alike(pairs: str) -> None:
    wrong = [name for name, one, other in PAIRS[pairs].different() if group([one, other])]
    assert not wrong


@pytest.mark.parametrize("pairs", PAIRS)
def test_what_databases_write_into_titles_parts_no_duplicates(pairs: str) -> None:
    told = list(PAIRS[pairs].duplicates())
    missed = [name for name, one, other in told if not group([one, other])]
    assert len(missed) <= 0.02 * len(told), missed


def test_a_person_is_asked_where_a_word_may_be_a_mistake_and_not_where_it_can_not() -> None:
    one = replace(BARE, volume="", issue="", pages="")
    other = replace(one, title=one.title.replace("Walking", "Talking"))
    (doubt,) = find([one, replace(one, title=one.title.replace("chronic", "chronlc"))]).doubts
    assert "same title but for a few letters" in doubt.reason
    assert find([one, other]).doubts == []
    for apart in ({"pmid": "5"}, {"volume": "3"}, {"kind": "Conference Abstract"}, {"journal": "bioRxiv"}):
        known = replace(one, volume="2", pmid="6", title=one.title.replace("chronic", "chronlc"))
        assert find([replace(one, **apart), known]).doubts == [], apart
    known = replace(one, title=one.title.replace("chronic", "chronlc"), abstract="Registered as NCT01234567.")
    two_against = {"year": 2010, "journal": "Annals of Back Pain"}
    for apart in (two_against, {"doi": "10.1101/2016.1"}, {"abstract": "Registered as NCT07654321."}):
        assert find([replace(one, **apart), replace(known, title=one.title)]).doubts == [], apart
        assert find([replace(one, **apart), known]).doubts == [], apart


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ibuprofen 1200 mg for pain of the knee", "Ibuprofen 12000 mg for pain of the knee"),
        ("Vaccines against hepatitis A in travellers", "Vaccines against hepatitis B in travellers"),
        ("Water for backs in winter", "Water for backs in winter: protocol"),
        ("Statins and diabetes of the elderly [1]", "Statins and diabetes of the elderly [2]"),
    ],
)
def test_titles_that_differ_in_what_tells_papers_apart_are_not_alike(one: str, other: str) -> None:
    assert compare_titles(fold_title(one), fold_title(other)) is TitleLikeness.OTHER


@pytest.mark.parametrize("name", ["on one page, of like titles", "under a supplement's DOI"])
def test_a_person_is_asked_of_two_abstracts_of_like_titles(name: str) -> None:
    (pair,) = (pair for told, pair in DIFFERENT.items() if "like titles" in told and name in told)
    assert len(find(pair).doubts) == 1


def test_no_pair_is_joined_by_the_records_of_other_pairs() -> None:
    """All of them at once: a third record that is like two which are different doesn't bring them together."""
    pairs = [pair for pair in duplicate_pairs.different() if not pair[0].startswith("column")]
    records = [record for _, one, other in pairs for record in (one, other)]
    together = {frozenset((a, b)) for found in group(records) for a in found.members for b in found.members}
    assert [name for place, (name, *_) in enumerate(pairs) if frozenset((2 * place, 2 * place + 1)) in together] == []


def test_of_three_records_two_that_contradict_each_other_are_not_joined_by_the_third() -> None:
    between = replace(BARE, volume="", issue="", pages="")
    elsewhere = replace(BARE, volume="12", issue="1", pages="7-9")
    for records in ([BARE, between, elsewhere], [between, elsewhere, BARE]):
        joined = [set(found.members) for found in group(records)]
        assert not any({records.index(BARE), records.index(elsewhere)} <= members for members in joined)


def test_a_title_that_stands_at_many_places_needs_more_than_its_author() -> None:
    """Papers of a column are known by the set: what is enough for one title is not enough for theirs."""
    title = "Clinical cases of the month for readers of this journal and their students"
    column = [replace(BARE, title=title, volume=str(40 + n), pages=f"{n * 50 + 9}", year=2015 + n) for n in range(3)]
    unplaced = replace(BARE, title=title, volume="", issue="", pages="")
    assert len(group([unplaced, column[1]])) == 1
    assert group([*column, unplaced]) == []


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_records_makes_no_difference(rng: random.Random) -> None:
    records = [citation for pair in (*SAME.values(), *DIFFERENT.values()) for citation in pair]
    before = group(records)
    order = list(range(len(records)))
    rng.shuffle(order)
    after = group([records[i] for i in order])
    contents = [{tuple(sorted(repr(records[i]) for i in found.members)) for found in before}]
    contents.append({tuple(sorted(repr(records[order[i]]) for i in found.members)) for found in after})
    assert contents[0] == contents[1]
    members = [i for found in after for i in found.members]
    assert len(members) == len(set(members))


def test_many_records_are_grouped_with_progress() -> None:
    collected = gc.isenabled()
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 9))) for _ in range(3000)]
    records: list[Citation] = []
    for number in range(6000):
        title = " ".join(rng.choices(words, k=10))
        place = {"year": 2000 + number % 20, "volume": str(number % 60), "pages": str(number % 900)}
        record = Citation(title=title, authors=(f"{rng.choice(words)}, A.",), journal="Some Journal", **place)
        records += [record, replace(record, title=title.upper())] if number % 3 == 0 else [record]
    records += [
        Citation(title="Editorial", authors=("Smith, J.",), year=2000 + n % 20, volume=str(n)) for n in range(1500)
    ]
    seen: list[Progress] = []
    groups = group(records, seen.append)
    assert len(groups) == 2000
    assert seen and gc.isenabled() is collected
    assert all(progress.done <= progress.total for progress in seen)


@pytest.mark.parametrize("name", ["copper", "tafenoquine"])
def test_labelled_sets(shared: Path, name: str, tmp_path: Path) -> None:
    citations = read_file(shared / "dedup" / f"dedupesweep_{name}.xml").citations
    truth = ["duplicate" in dict(citation.extra).get("caption", "").lower() for citation in citations]
    grouped = {member for found in group(citations) for member in found.members}
    hits = sum(label and index in grouped for index, label in enumerate(truth))
    spared = sum(not label and index not in grouped for index, label in enumerate(truth))
    assert hits >= 0.95 * sum(truth)
    assert spared >= 0.99 * (len(truth) - sum(truth))
