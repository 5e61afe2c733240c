"""References are found without a heading, and running text is not taken for them."""

from __future__ import annotations

from leads_local.documents.reference_list import looks_like_reference, mark_references
from tests.documents.conftest import passage

ENTRY = "{}. Ito M, Berg A. Walking for the knees of adults. J Walk. 20{}; 12: {}–9."
TEXT = "Of the {} patients who were randomised in 2019 (Ito et al, 12:34), most were women, and nobody was lost."


def paper(entries: int, text: int = 10) -> list[str]:
    return [TEXT.format(n) for n in range(text)] + [ENTRY.format(n, 10 + n, 100 + n) for n in range(1, entries + 1)]


def sections(texts: list[str], section: str = "discussion") -> list[str]:
    return [one.section for one in mark_references([passage(t, n, section=section) for n, t in enumerate(texts)])]


def test_a_run_of_entries_at_the_end_is_the_references() -> None:
    assert sections(paper(8)) == ["discussion"] * 10 + ["references"] * 8


def test_few_entries_early_entries_and_a_list_that_is_known_stay() -> None:
    assert set(sections(paper(4))) == {"discussion"}
    assert set(sections(paper(8)[::-1])) == {"discussion"}
    known = [passage(text, n, section="references" if n == 17 else "results") for n, text in enumerate(paper(8))]
    assert mark_references(known) == known


def test_what_an_entry_looks_like() -> None:
    assert looks_like_reference("[12] O. Ito, L. A. Berg, and W. R. Kim, “A trial,” J. Med., vol. 13, pp. 70–77, 2010.")
    assert looks_like_reference("Smith AB, Jones C. A trial of aspirin. Lancet 2003;361:12-9. doi:10.1/x")
    assert not looks_like_reference(TEXT.format(84))
    assert not looks_like_reference("1. Patients were randomised in 2019 to aspirin or placebo, et al.")
