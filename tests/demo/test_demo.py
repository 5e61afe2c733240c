"""The sample review as a user gets it: whole, readable by our own readers, and plainly invented."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import pytest

from leads_local import demo
from leads_local.citations.source import SourceFile
from leads_local.demo import gold
from leads_local.demo.source import SamplePaper
from leads_local.documents import matching
from leads_local.errors import InputError
from leads_local.records import Document


def test_question_has_four_parts_and_two_further_criteria() -> None:
    review = demo.load()
    assert all(
        (review.question.population, review.question.intervention, review.question.comparison, review.question.outcome)
    )
    assert [criterion.name for criterion in review.criteria] == ["Design", "Follow-up"]
    assert (len(review.form.fields), len(review.form.outcomes), len(review.form.measures)) == (10, 2, 3)


def test_citation_files_read_without_a_problem(sources: tuple[SourceFile, ...]) -> None:
    assert [(file.format, len(file.citations)) for file in sources] == [("ris", 25), ("nbib", 14)]
    assert [problem for file in sources for problem in file.problems] == []
    without_abstract = [citation.title for file in sources for citation in file.citations if not citation.abstract]
    assert len(without_abstract) == 2
    lengths = [len(citation.abstract.split()) for file in sources for citation in file.citations if citation.abstract]
    assert min(lengths) >= 120 and max(lengths) <= 280


def test_everything_is_plainly_invented(sources: tuple[SourceFile, ...], papers: tuple[SamplePaper, ...]) -> None:
    citations = [citation for file in sources for citation in file.citations]
    assert all(citation.doi.startswith("10.5555/") for citation in citations if citation.doi)
    assert all(re.fullmatch(r"99\d{6}", citation.pmid) for citation in citations if citation.pmid)
    texts = [citation.abstract for citation in citations] + [paper.text for paper in papers]
    numbers = [number for text in texts for number in re.findall(r"\b(?:NCT|ACTRN|PACTR|NTR)(\d+)", text)]
    assert numbers and all(number.startswith("99") for number in numbers)
    assert all(paper.doi.startswith("10.5555/") for paper in papers)
    addresses = [address for paper in papers for address in re.findall(r"\S+@\S+", paper.affiliation)]
    assert len(addresses) == len(papers) and all(address.endswith(".example") for address in addresses)


def test_papers_say_what_their_citations_say(sources: tuple[SourceFile, ...], papers: tuple[SamplePaper, ...]) -> None:
    """Every number of a record's abstract stands in the abstract of its paper."""
    by_study = {paper.study: paper for paper in papers}
    compared = 0
    for file in sources:
        for citation in file.citations:
            paper = by_study.get(gold.study_of(citation))
            if paper is None:
                continue
            compared += 1
            assert citation.year == paper.year
            assert citation.doi in ("", paper.doi)
            ours = set(_numbers(" ".join(paragraph.plain for paragraph in paper.abstract)))
            assert set(_numbers(citation.abstract.replace("m2", "m²"))) <= ours, citation.title
    assert compared >= len(papers)


def test_every_paper_is_matched_to_its_citation(
    sources: tuple[SourceFile, ...], documents: Mapping[str, Document]
) -> None:
    """Two of the files carry no author's name, and one no title in its metadata: the first page has to tell."""
    citations = [citation for file in sources for citation in file.citations]
    for name, document in documents.items():
        match = matching.match(document, citations)
        assert match is not None and gold.study_of(citations[match.index]) == gold.load().paper(name).study, name


def test_every_page_says_that_it_is_fictional(documents: Mapping[str, Document]) -> None:
    for document in documents.values():
        told = {passage.page for passage in document.passages if passage.text.startswith("Fictional sample paper")}
        assert told == {page.number for page in document.pages}


def test_unpacking_again_gives_the_same_bytes(unpacked: demo.UnpackedFiles, tmp_path: Path) -> None:
    again = demo.unpack(tmp_path / "new" / "folder")
    for first, second in zip(
        (*unpacked.citations, *unpacked.papers, unpacked.form),
        (*again.citations, *again.papers, again.form),
        strict=True,
    ):
        assert first.name == second.name and first.read_bytes() == second.read_bytes()


def test_a_folder_that_is_a_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(InputError, match="can't be written to"):
        demo.unpack(tmp_path / "taken")


def test_data_are_part_of_the_package() -> None:
    folder = resources.files("leads_local.demo")
    wanted = ("review.toml", "form.toml", "gold.json", "citations.ris", "citations.nbib", "papers/okafor-2019.md")
    assert all(folder.joinpath(*name.split("/")).is_file() for name in wanted)


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", text)
