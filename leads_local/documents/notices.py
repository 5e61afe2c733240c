"""What a reader of a paper's text must know of what it leaves out, in sentences for a person."""

from __future__ import annotations

from collections.abc import Sequence

from leads_local.records import Document, Page, PageState

HOW_TO_OCR = "(`--ocr`, or o in the list of PDFs)"
_OCR = f"OCR can read such pages {HOW_TO_OCR}."
_OF_STATES = {
    PageState.PICTURE: (
        "is a picture",
        "are pictures",
        f" without text and can't be searched or extracted from; {_OCR}",
    ),
    PageState.DRAWN: (
        "is drawn, letters too, so that it has",
        "are drawn, letters too, so that they have",
        f" little or no text and can't be searched or extracted from; {_OCR}",
    ),
    PageState.GIBBERISH: (
        "has",
        "have",
        f" fonts that do not say which letters they show; the text there is gibberish and is left out. {_OCR}",
    ),
    PageState.DAMAGED: (
        "is",
        "are",
        " damaged: text there is missing or may be wrong. Get another copy of the file.",
    ),
    PageState.OCR: (
        "was",
        "were",
        " read by OCR: letters and numbers may be wrong, so compare each value with its page.",
    ),
    PageState.BLANK: ("is", "are", " blank. If the paper has text there, get another copy of the file."),
}


def describe_unread(pages: Sequence[Page]) -> str:
    """Which pages could not be read, only in part or only by OCR, with what to do; "" where all could."""
    sentences = []
    for state, (one, several, rest) in _OF_STATES.items():
        if numbers := [page.number for page in pages if page.state is state]:
            which = f"Page {numbers[0]}" if len(numbers) == 1 else f"Pages {format_page_ranges(numbers)}"
            sentences.append(f"{which} of {len(pages)} {one if len(numbers) == 1 else several}{rest}")
    return " ".join(sentences)


def describe_tables(names: Sequence[tuple[str, int]]) -> str:
    """Which tables are pictures; ``names`` has each with its page."""
    if not names:
        return ""
    which = ", ".join(f"{' '.join(name.split())} on page {page}" for name, page in names)
    is_picture = "is a picture or drawn: its" if len(names) == 1 else "are pictures or drawn: their"
    return f"{which[:1].upper()}{which[1:]} {is_picture} numbers are no text and can't be searched or extracted from."


def describe_missing(document: Document, leap: str = "") -> str:
    """How many pages the file lacks, as far as that can be seen. ``leap``: which ones, by their printed numbers."""
    have = len(document.pages)
    sentences = []
    if leap:
        sentences.append(f"By the printed page numbers, {leap} {'is' if document.missing == 1 else 'are'} missing.")
    elif document.missing:
        total = have + document.missing
        sentences.append(f"The file should have {total} pages and has {have}: {document.missing} missing.")
    if document.rebuilt:
        sentences.append(
            "The file was damaged and its list of pages was made anew, so that pages may be missing: check that the "
            f"paper has {have} and ends where it should, or get another copy of the file."
        )
    return " ".join(sentences)


def format_page_ranges(numbers: Sequence[int]) -> str:
    """``[1, 2, 3, 7]`` as ``1-3, 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
