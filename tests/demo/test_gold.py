"""The right answers agree with the citations, with the papers, with the form and with each other."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from leads_local import demo
from leads_local.citations import duplicates
from leads_local.citations.source import SourceFile
from leads_local.demo import gold
from leads_local.demo.source import SamplePaper
from leads_local.documents import quotes
from leads_local.records import Choice, Citation, Document, Eligibility, Stage
from leads_local.tasks.arms import KINDS

CRITERIA = ["Population", "Intervention", "Comparison", "Outcome", "Design", "Follow-up"]


def _placed(sources: tuple[SourceFile, ...]) -> list[tuple[gold.RecordPlace, Citation]]:
    names = demo.load().citations
    return [
        (gold.RecordPlace(name, one.number), one)
        for name, file in zip(names, sources, strict=True)
        for one in file.citations
    ]


def test_every_record_has_exactly_one_answer(sources: tuple[SourceFile, ...]) -> None:
    answered = [member for record in gold.load().records for member in record.members]
    assert sorted((m.file, m.number) for m in answered) == sorted((m.file, m.number) for m, _ in _placed(sources))
    for member, citation in _placed(sources):
        assert gold.load().record_of(member.file, member.number).study == gold.study_of(citation)


def test_deduplication_finds_the_gold_groups(sources: tuple[SourceFile, ...]) -> None:
    placed = _placed(sources)
    groups = duplicates.find([one for _, one in placed]).groups
    found = {frozenset(placed[at][0] for at in group.members) for group in groups}
    assert found == {frozenset(record.members) for record in gold.load().records if len(record.members) > 1}
    assert len(found) == 6


def test_an_unknown_title_or_file_has_no_answer() -> None:
    assert gold.study_of(Citation(title="Another trial")) == ""
    assert gold.judgements(Stage.ABSTRACT, "") == {}
    with pytest.raises(KeyError):
        gold.load().paper("other.pdf")
    with pytest.raises(KeyError):
        gold.load().record_of("citations.ris", 99)


def test_decisions_follow_from_the_judgements() -> None:
    """NO on a criterion excludes, whatever the others say; everything else goes on, at the abstracts, to the full
    text."""
    for record in gold.load().records:
        assert list(record.abstract.criteria) == CRITERIA
        labels = {judged.eligibility for judged in record.abstract.criteria.values()}
        assert (record.abstract.choice is Choice.EXCLUDE) == (Eligibility.NO in labels), record.study
        assert record.abstract.reason or record.abstract.choice is Choice.INCLUDE
        if record.fulltext:
            assert record.abstract.choice is Choice.INCLUDE
            assert list(record.fulltext.criteria) == CRITERIA
            assert record.fulltext.reason or record.fulltext.choice is Choice.INCLUDE


def test_counts_of_the_review() -> None:
    abstract, full = gold.decisions(Stage.ABSTRACT), gold.decisions(Stage.FULLTEXT)
    assert (len(abstract), sum(one.choice is Choice.INCLUDE for one in abstract.values())) == (32, 20)
    assert (len(full), sum(one.choice is Choice.INCLUDE for one in full.values())) == (8, 6)
    given = {label for study in abstract for label in gold.judgements(Stage.ABSTRACT, study).values()}
    assert given == set(Eligibility)


def test_rationales_are_short_and_all_different_within_a_record() -> None:
    for record in gold.load().records:
        rationales = [judged.rationale for judged in record.abstract.criteria.values()]
        assert len(set(rationales)) == len(rationales)
        assert all(len(text) <= 200 and text.endswith(".") for text in rationales)


def test_every_cell_of_the_form_has_an_answer() -> None:
    form = demo.load().form
    for paper in gold.load().papers:
        labels = [arm.label for arm in paper.arms]
        keys = {(v.task, v.item, v.group) for v in paper.values if v.part == "value"}
        wanted = {("characteristics", one.name, "") for one in form.fields}
        wanted |= {("results", one.name, label) for one in form.outcomes for label in labels}
        wanted |= {("participants", one.name, label) for one in form.measures for label in labels}
        assert keys == wanted
        assert all(arm.kind in KINDS for arm in paper.arms)


def test_quotes_stand_in_the_source_and_hold_their_numbers(papers: tuple[SamplePaper, ...]) -> None:
    by_study = {paper.study: paper for paper in papers}
    for answers in gold.load().papers:
        paper = by_study[answers.study]
        assert paper.file == answers.file
        passages = list(paper.passages())
        for value in answers.values:
            if value.quote:
                assert any(value.quote in passage for passage in passages), value
            if value.task in ("results", "participants") and value.part == "value" and value.text:
                told = re.findall(r"\d+(?:\.\d+)?", value.quote)
                assert value.text.lstrip("−") in told, value
                assert all(number in told for number in re.findall(r"\d+(?:\.\d+)?", value.spread)), value


def test_what_is_reported_has_a_quote_and_what_is_not_has_none() -> None:
    silent = 0
    for paper in gold.load().papers:
        for value in paper.values:
            if value.part == "value":
                assert bool(value.text) == bool(value.quote) == bool(value.page), value
                silent += not value.text
            assert value.text or not (value.spread or value.denominator)
    assert silent >= 15


def test_sample_sizes_and_denominators_agree(papers: tuple[SamplePaper, ...]) -> None:
    for paper in gold.load().papers:
        size = next(v.text for v in paper.values if v.item == "Sample size")
        for outcome in ("Knee pain", "Six-minute walk distance"):
            arms = [
                int(v.denominator) for v in paper.values if (v.task, v.item) == ("results", outcome) and v.denominator
            ]
            told = next(v.text for v in paper.values if v.item == outcome and v.part == "denominator")
            assert told == "; ".join(map(str, arms))
            assert sum(arms) <= int(size or 0)


def test_our_reader_finds_the_quotes_on_their_pages(documents: Mapping[str, Document]) -> None:
    """Sentences always, table rows nearly always: a row may be read with its cells otherwise divided."""
    found, rows = [], []
    for paper in gold.load().papers:
        for text, page in {(value.quote, value.page) for value in paper.values if value.quote}:
            quote = quotes.find_quote(text, documents[paper.file].passages)
            assert not quote.found or quote.places[0].page == page, text
            (rows if " | " in text else found).append(quote.found)
    assert all(found)
    assert sum(rows) >= 0.7 * len(rows)
