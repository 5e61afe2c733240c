"""A review with PDFs that are really there and values that were found in them, one of each state and one without a
place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymupdf

from leads_local.documents import reader
from leads_local.documents.quotes import find_quote
from leads_local.records import Choice, Citation, Criterion, Document, ExtractedValue, Question, Quote, Stage
from leads_local.review.read_models import ValueStatus
from leads_local.review.review import Review
from leads_local.review.store import citations, documents, values

HOSTILE = '<script>alert("x")</script> \u202eبحث\x00 & "aspirin"'
SENTENCES = ("In all 84 adults were randomised.", "Pain fell by 12.5 points.", "Sleep was better by 3 points.")
QUESTION = Question("Aspirin <b>", "adults with pain", "aspirin", "placebo", "pain")


def typeset(path: Path, sentences: Sequence[str] = SENTENCES, **save: object) -> Document:
    """A PDF of one page with a sentence every 100 points, as it is read."""
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=500, height=700)
        for place, sentence in enumerate(sentences):
            page.insert_text((70, 100 + 100 * place), sentence, fontsize=12)
        pdf.save(path, **save)
    return reader.read(path)


def value(document: Document, item: str, text: str, sentence: str, **more: str) -> ExtractedValue:
    """A value with the sentence that it was found in, or, where there is none, as not found."""
    quote = find_quote(sentence, document.passages) if sentence else Quote(text)
    return ExtractedValue("characteristics", item, text, quote=quote, **more)


def add_paper(review: Review, record: int, document: Document, found: Sequence[ExtractedValue]) -> list[int]:
    """Attach the document to the record and store the values as read from it. Returns their ids."""
    known = set(review.db.numbers("SELECT id FROM value"))
    with review.db.transaction():
        documents.put(review.db, document)
        documents.link(review.db, document.sha256, record, "for a test")
        key = documents.id_of(review.db, document.sha256)
        for one in found:
            values.add(review.db, record, None, key, one, current=True)  # type: ignore[arg-type]
    return sorted(set(review.db.numbers("SELECT id FROM value")) - known)


def make(folder: Path) -> Review:
    """Two included reports: the first has a paper and five values, the second no PDF; and one that is excluded."""
    review = Review.create(folder / "r.leads", QUESTION, [Criterion("Design", "randomised & <i>blind</i>")])
    review.acting = "Ann"
    titles = [HOSTILE, "Aspirin for sleep", "Rats"]
    with review.db.transaction():
        source = citations.add_source(review.db, "rows.ris", "0" * 64, "ris", "utf-8")
        records = citations.add(review.db, source, [Citation(title=title, authors=("Ito <b>, M",)) for title in titles])
    for record, choice in zip(records, (Choice.INCLUDE, Choice.INCLUDE, Choice.EXCLUDE), strict=True):
        review.decide(record, Stage.ABSTRACT, choice)
    document = typeset(folder / "paper one.pdf")
    found = [
        value(document, "Sample size", "84", SENTENCES[0]),
        value(document, "Adults", HOSTILE, SENTENCES[0]),
        value(document, "Pain", "12.5", SENTENCES[1]),
        value(document, "Sleep", "3", SENTENCES[2]),
        value(document, "Funding", "a drug company", ""),
    ]
    ids = add_paper(review, records[0], document, found)
    review.verify(ids[1], ValueStatus.ACCEPTED, "", "", "Ann")
    review.verify(ids[2], ValueStatus.EDITED, "−12.5", "the sign was lost", "Ann")
    review.verify(ids[3], ValueStatus.REJECTED, "", "", "Ben")
    return review
