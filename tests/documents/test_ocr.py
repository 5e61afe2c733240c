"""What OCR read becomes passages of its document, marked as such, and nothing is ever found in it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from leads_local.documents import evidence, ocr, quotes, reading_report, serialization
from leads_local.documents.geometry import Frame
from leads_local.documents.ocr import OcrPage
from leads_local.records import Box, Document, ExtractedValue, Page, PageState, Passage, PassageKind, Quote, Span
from leads_local.review.proposals import add_evidence
from tests.documents.conftest import HEIGHT, WIDTH, passage
from tests.fake_ocr import TITLE, read_page, words_of


def scan(pages: int = 1, own: tuple[Passage, ...] = ()) -> Document:
    """A document whose pages are pictures but for those that own passages stand on."""
    text = {one.page for one in own}
    states = [PageState.READ if number in text else PageState.PICTURE for number in range(1, pages + 1)]
    made = tuple(Page(number, WIDTH, HEIGHT, 0, state) for number, state in enumerate(states, 1))
    return Document("scan.pdf", "0" * 64, made, own, "" if own else "scan.pdf: a scan.")


def texts(document: Document) -> list[str]:
    return [one.text for one in document.passages]


def test_words_become_passages_with_the_places_of_their_letters_and_how_sure_it_is() -> None:
    read = ocr.add_pages(scan(), [read_page(1)], "Fake 1")
    assert texts(read)[:2] == [TITLE, "Methods"] and texts(read)[2].startswith("We gave aspirin to 120 adults")
    assert read.passages[2].text.endswith("had been given.") and len(read.passages[2].spans) == 3
    kinds = [one.kind for one in read.passages]
    assert kinds[:3] == [PassageKind.TITLE, PassageKind.HEADING, PassageKind.PARAGRAPH]
    assert all(one.section for one in read.passages[1:])
    assert all(one.by_ocr and all(span.confidence == 0.9 for span in one.spans) for one in read.passages)
    words = words_of([TITLE], size=16.0)
    (span,) = read.passages[0].spans
    ink = (words[0].x0, min(w.y0 for w in words), words[-1].x1, max(w.y1 for w in words))
    assert span.box == Box(*(round(edge, 2) for edge in ink))
    assert (read.problem, read.ocr_engine) == ("", "Fake 1") and "Page 1 of 1 was read by OCR" in read.notice
    assert read.pages[0].state is PageState.OCR and read.pages[0].confidence == 0.9
    assert serialization.loads(serialization.dumps(read)) == read


def test_what_the_file_has_as_text_keeps_its_numbers_and_is_not_read_again() -> None:
    stamp = Passage(0, PassageKind.PARAGRAPH, TITLE, (Span(0, len(TITLE), 1, Box(50, 85, 560, 105)),))
    before, after = passage("Before.", page=1), passage("After.", order=1, page=3)
    own = (stamp, replace(after, order=1))
    document = scan(3, own)
    pages = (replace(document.pages[0], state=PageState.PICTURE), *document.pages[1:])
    read = ocr.add_pages(replace(document, pages=pages), [read_page(1), read_page(2)], "Fake 1")
    assert [one for one in read.passages if not one.by_ocr] == list(own)
    assert texts(read).count(TITLE) == 2 and read.passages[0] == stamp and read.passages[-1] == own[1]
    orders = [one.order for one in read.passages if one.by_ocr]
    assert orders == list(range(2, 2 + len(orders)))
    assert [one.page for one in read.passages] == sorted(one.page for one in read.passages)
    assert ocr.in_reading_order([before], []) == (before,)


@pytest.mark.parametrize("slope", [0.03, -0.02])
def test_a_page_that_lay_askew_reads_as_one_that_did_not(slope: float) -> None:
    def askew(x: float, y: float) -> tuple[float, float]:
        return x * math.cos(slope) - y * math.sin(slope), x * math.sin(slope) + y * math.cos(slope)

    words = []
    for word in read_page(1).words:
        x, y = askew((word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2)
        across, down = (word.x1 - word.x0) / 2, (word.y1 - word.y0) / 2
        words.append(replace(word, x0=x - across, x1=x + across, y0=y - down, y1=y + down))
    straight, read = (ocr.add_pages(scan(), [page], "") for page in (read_page(1), OcrPage(1, tuple(words))))
    assert texts(read) == texts(straight)
    assert all(span.confidence == 0.9 for one in read.passages for span in one.spans), "each line has its words"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_lies_on_its_side_is_read_and_its_places_are_those_of_the_page(turn: int) -> None:
    frame = Frame(turn, HEIGHT if turn != 180 else WIDTH, WIDTH if turn != 180 else HEIGHT, ())
    turned = []
    for word in read_page(1).words:
        box = frame.displayed(word.x0, word.y0, word.x1, word.y1)
        turned.append(replace(word, x0=box.x0, y0=box.y0, x1=box.x1, y1=box.y1))
    read = ocr.add_pages(scan(), [OcrPage(1, tuple(turned), turn)], "")
    assert texts(read) == texts(ocr.add_pages(scan(), [read_page(1)], ""))
    (span,) = read.passages[0].spans
    title = turned[: len(TITLE.split())]
    edges = [min(getattr(word, edge) for word in title) for edge in ("x0", "y0")]
    assert span.box == Box(*edges, *(max(getattr(word, edge) for word in title) for edge in ("x1", "y1")))


def test_a_page_without_a_word_stays_a_picture() -> None:
    document = scan(2)
    assert ocr.add_pages(document, [OcrPage(1), OcrPage(2, problem="it hung.")], "Fake 1") == document
    read = ocr.add_pages(document, [read_page(1), OcrPage(2)], "Fake 1")
    assert [page.state for page in read.pages] == [PageState.OCR, PageState.PICTURE]
    assert "Page 2 of 2 is a picture" in read.notice and ocr.pages_to_read(read) == [2]


def test_nothing_is_found_in_what_ocr_read() -> None:
    read = ocr.add_pages(scan(), [read_page(1)], "Fake 1")
    sentence = "Pain fell by 2.03 points with aspirin."
    quote = quotes.find_quote(sentence, read.passages)
    assert (quote.text, quote.match, quote.confidence) == (sentence, "ocr", 0.9)
    assert not quote.found and quote.stands and "read by OCR, 90% sure" in quote.doubt
    found = evidence.find_evidence("2.03", ["pain"], read.passages)
    assert found.match == "ocr" and not found.found
    normalised = quotes.find_quote("pain FELL by 2.03 points", read.passages)
    assert normalised.match == "ocr"
    values = [ExtractedValue("results", "pain", text, quote=Quote(sentence)) for text in ("2.03 points", "3.02 points")]
    matches = [one.quote and one.quote.match for one in add_evidence(values, [], read.passages)]
    assert matches == ["ocr", "other numbers"]
    printed = [replace(p, spans=tuple(replace(s, confidence=None) for s in p.spans)) for p in read.passages]
    assert quotes.find_quote(sentence, printed).match == "exact", "the same words as the file's own text"


def test_each_page_that_ocr_read_is_marked_once_for_whoever_reads_the_text() -> None:
    own = (passage("Own words.", page=1),)
    read = ocr.add_pages(scan(3, own), [read_page(2), read_page(3)], "Fake 1")
    marked = list(ocr.mark_pages(read.passages, read.pages))
    marks = [one for one in marked if not one.spans]
    assert [one.text.partition(",")[0] for one in marks] == ["[Page 2 was read by OCR", "[Page 3 was read by OCR"]
    assert all(one.order < 0 for one in marks) and len({one.order for one in marked}) == len(marked)
    assert marked[0] == own[0] and marked[1] == marks[0] and "90% sure" in marks[0].text
    assert list(ocr.mark_pages(own, read.pages)) == list(own)


def test_the_reading_report_tells_what_ocr_read() -> None:
    read = reading_report.read_from(ocr.add_pages(scan(2), [read_page(1)], "Fake 1"))
    assert (read.ocr, read.engine, read.unread, read.whole) == (((1, 0.9),), "Fake 1", (2,), False)
    told = reading_report.describe(read)
    assert told.startswith("1 of 2 pages read (page 2 picture), page 1 by OCR (Fake 1, 90% sure)")
    whole = reading_report.read_from(ocr.add_pages(scan(), [read_page(1)], "Fake 1"))
    assert not whole.unread and not whole.whole, "what OCR read may be wrong"
    assert reading_report.from_json(reading_report.to_json(read)) == read


def test_pages_come_through_the_pipe_and_nothing_else_does() -> None:
    page = replace(read_page(3), turn=90, problem="none")
    assert ocr.loads(ocr.dumps(page)) == page and b"\n" not in ocr.dumps(page)
    for wrong in (b"", b"7", json.dumps([1, 45, "", []]).encode(), json.dumps([1, 0, "", [["a", 1]]]).encode()):
        with pytest.raises(ValueError):
            ocr.loads(wrong)
