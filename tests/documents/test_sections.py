"""Headings have names, and a paper's text fits its budget with everything that went named."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents import section_words, sections
from leads_local.documents.sections import MINOR_SECTIONS, abstract_label, paper_text, paper_windows, section_of
from leads_local.records import Passage, PassageKind
from tests.documents.conftest import passage

SECTIONS = [
    "",
    "abstract",
    "introduction",
    "methods",
    "results",
    "discussion",
    "conclusion",
    "references",
    "funding",
    "declarations",
    "appendix",
]


def count(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Abstract", "abstract"),
        ("SUMMARY", "abstract"),
        ("1. Introduction", "introduction"),
        ("Background", "introduction"),
        ("2 Materials and Methods", "methods"),
        ("Patients and methods", "methods"),
        ("METHODS AND ANALYSIS", "methods"),
        ("II. Methods", "methods"),
        ("Results:", "results"),
        ("R E S U L T S", "results"),
        ("4. Discussion", "discussion"),
        ("Conclusions", "conclusion"),
        ("References", "references"),
        ("Acknowledgments", "acknowledgements"),
        ("Role of the funding source", "funding"),
        ("Authors’ contributions", "declarations"),
        ("Competing interests", "declarations"),
        ("Ethics approval and consent to participate", "declarations"),
        ("Appendix A", "appendix"),
        ("Statistical analysis", ""),
        ("Results of the pilot study in detail", ""),
        ("", ""),
    ],
)
def test_names_of_headings(heading: str, name: str) -> None:
    assert section_of(heading) == name


def test_labels_of_a_structured_abstract() -> None:
    assert abstract_label("Methods: We took") == "methods"
    assert abstract_label("PURPOSE To find") == "introduction"
    assert abstract_label("Main Outcomes and Measures: Pain") == "methods"
    assert abstract_label("Methodological concerns") == ""


def test_without_a_budget_all_but_furniture_is_there_in_order() -> None:
    passages = [
        passage("A title", 0, PassageKind.TITLE),
        passage("Trials 2021", 1, PassageKind.FURNITURE),
        passage("Results", 2, PassageKind.HEADING, "results"),
        passage("It worked.", 3, section="results"),
        passage("Age | 61", 4, PassageKind.TABLE_ROW, "results"),
    ]
    text = paper_text(passages)
    assert text.text == "A title\n\nResults\nIt worked.\nAge | 61"
    assert text.left_out == () and text.tokens == 0
    assert paper_text(passages, None, count).tokens == 8
    assert paper_text([]).text == ""
    with pytest.raises(ValueError, match="counts"):
        paper_text(passages, 10)


def test_the_least_useful_sections_go_first_and_are_named() -> None:
    passages = [passage(f"{section} word word word", n, section=section) for n, section in enumerate(SECTIONS[1:])]
    text = paper_text(passages, 24, count)
    assert text.left_out == ("references", "declarations", "funding", "appendix")
    assert all(name in text.text for name in ("abstract", "methods", "results", "discussion"))


def test_if_the_most_useful_do_not_fit_their_end_goes_and_is_named() -> None:
    passages = [passage("one two three", n, section="results") for n in range(5)]
    text = paper_text(passages, 7, count)
    assert text.text.count("one") == 2 and text.tokens == 6
    assert text.left_out == ("end of results",)


PASSAGES = st.lists(
    st.tuples(st.sampled_from(SECTIONS), st.integers(1, 30), st.sampled_from(list(PassageKind))), max_size=25
)


@given(PASSAGES, st.integers(0, 200))
def test_never_over_budget_and_never_a_silent_cut(made: list[tuple[str, int, PassageKind]], budget: int) -> None:
    passages: list[Passage] = []
    for order, (section, length, kind) in enumerate(made):
        passages.append(passage(f"p{order} " * length, order, kind, section))
    whole, cut = paper_text(passages), paper_text(passages, budget, count)
    assert cut.tokens <= budget or not cut.text
    assert cut.tokens == len(cut.text.split())
    assert bool(cut.left_out) == (cut.text != whole.text)
    kept = [int(word[1:]) for word in cut.text.split()]
    assert kept == sorted(kept)


def test_the_section_that_does_not_fit_whole_gives_its_beginning_and_none_after_it() -> None:
    sections = ["discussion"] * 3 + ["methods"] * 4 + ["introduction"] * 2 + ["references"]
    passages = [passage(f"{section} {n}", n, section=section) for n, section in enumerate(sections)]
    text = paper_text(passages, 14, count)
    assert text.left_out == ("references", "end of discussion")
    assert text.text.split("\n") == [f"{section} {n}" for n, section in enumerate(sections) if n in {0, *range(3, 9)}]


def test_tables_count_as_results_wherever_they_stand_but_in_an_appendix() -> None:
    passages = [
        passage("a | b", n, PassageKind.TABLE_ROW, section) for n, section in enumerate(["discussion", "appendix"])
    ]
    passages.append(passage("talk talk talk", 9, section="discussion"))
    text = paper_text(passages, 4, count)
    assert text.text == "a | b"
    assert text.left_out == ("appendix", "end of discussion")


def test_what_fits_is_one_text_and_what_matters_most_is_never_cut() -> None:
    passages = [passage(f"{section} " * 10, n, section=section) for n, section in enumerate(SECTIONS[1:])]
    (one,) = paper_windows(passages, 40, count)
    assert one == paper_text(passages, 40, count)
    windows = paper_windows(passages, 25, count)
    assert len(windows) > 1
    assert all(window.left_out == ("references", "declarations", "funding", "appendix") for window in windows)


@given(PASSAGES, st.integers(30, 200))
def test_windows_are_within_budget_overlap_and_miss_only_what_they_name(
    made: list[tuple[str, int, PassageKind]], budget: int
) -> None:
    passages = [
        passage(" ".join(f"p{n}w{w}" for w in range(size * 3)), n, kind, section)
        for n, (section, size, kind) in enumerate(made)
    ]
    windows = paper_windows(passages, budget, count)
    assert all(count([window.text])[0] == window.tokens <= budget for window in windows)
    if len(windows) == 1:
        assert windows[0] == paper_text(passages, budget, count)
        return
    shown = {word for window in windows for word in window.text.split()}
    for one in passages:
        if one.kind is not PassageKind.FURNITURE and one.section not in windows[0].left_out:
            assert set(one.text.split()) <= shown
    assert set(windows[0].left_out) <= MINOR_SECTIONS
    titles = {word for one in passages if one.kind is PassageKind.TITLE for word in one.text.split()}
    titles = titles if len(titles) <= budget // 8 else set()  # a longer one is not repeated
    words = [[word for word in window.text.split() if word not in titles] for window in windows]
    for before, after in pairwise(words):
        assert not set(before) >= set(after)  # each goes on
        assert len(set(before) & set(after)) <= budget // 8 + 1


def test_each_window_begins_with_the_end_of_the_one_before() -> None:
    """What is said at a border is seen whole by one of the two: an eighth of the room is shown in both."""
    passages = [passage(" ".join(f"p{n}w{w}" for w in range(5)), n, section="results") for n in range(60)]
    windows = [window.text.split("\n") for window in paper_windows(passages, 80, count)]
    assert len(windows) > 3
    titled = paper_windows([passage("A title", 0, PassageKind.TITLE), *passages], 80, count)
    assert all(window.text.startswith("A title\n") for window in titled)
    for before, after in pairwise(windows):
        assert after[:2] == before[-2:] and after[2] not in before
    assert [line for window in windows for line in window[2 if window is not windows[0] else 0 :]] == [
        p.text for p in passages
    ]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Zusammenfassung", "abstract"),
        ("Material und Methoden", "methods"),
        ("2. Patienten und Methoden", "methods"),
        ("Ergebnisse", "results"),
        ("Schlussfolgerungen", "conclusion"),
        ("Literatur", "references"),
        ("Résumé", "abstract"),
        ("PATIENTS ET MÉTHODES", "methods"),
        ("Résultats", "results"),
        ("Conflits d’intérêts", "declarations"),
        ("Resumen", "abstract"),
        ("Introducción", "introduction"),
        ("Discusión", "discussion"),
        ("Referencias bibliográficas", "references"),
        ("Introdução", "introduction"),
        ("Conclusões", "conclusion"),
        ("Risultati", "results"),
        ("Bibliografia", "references"),
        ("摘要", "abstract"),
        ("【摘要】", "abstract"),
        ("1 资料与方法", "methods"),
        ("2结果", "results"),
        ("三、讨论", "discussion"),
        ("参考文献", "references"),
        ("はじめに", "introduction"),
        ("対象と方法", "methods"),
        ("考察", "discussion"),
        ("Literaturrecherche", ""),
        ("结果显示", ""),
    ],
)
def test_sections_in_other_languages(heading: str, name: str) -> None:
    assert section_of(heading) == name


def test_the_words_of_each_section_are_those_of_one_that_exists() -> None:
    assert set(section_words.NAMES) <= set(sections._NAMES) and set(section_words.LABELS) == set(sections._LABELS)


def test_a_window_that_begins_within_a_table_has_its_caption_and_heads() -> None:
    table = ["Table 1. Pain", "Item | Drug | Placebo", *(f"Item {n} | {n}.1 | {n}.2" for n in range(60))]
    kinds = [PassageKind.CAPTION, *[PassageKind.TABLE_ROW] * 61]
    passages = [passage(text, n, kind, "results") for n, (text, kind) in enumerate(zip(table, kinds, strict=True))]
    windows = paper_windows(passages, 150, count)
    assert len(windows) > 2 and all(w.text.startswith("Table 1. Pain\nItem | Drug | Placebo\n") for w in windows)
    assert all(w.tokens <= 150 for w in windows) and all(any(row in w.text for w in windows) for row in table)
