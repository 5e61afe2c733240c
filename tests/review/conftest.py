"""A review to work on, and citation files to import into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from leads_local import citations
from leads_local.records import Box, Citation, Criterion, Document, Page, Passage, PassageKind, Question, Span
from leads_local.review import file_links
from leads_local.review.acts import ActKind
from leads_local.review.review import Review
from leads_local.review.store import documents

QUESTION = Question("Pain", "adults with pain", "aspirin", "placebo", "pain intensity; sleep")

Import = Callable[..., list[int]]
Attach = Callable[..., None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pain.leads"


@pytest.fixture
def review(path: Path) -> Iterator[Review]:
    with Review.create(path, QUESTION, [Criterion("Design", "randomised trial")]) as made:
        yield made


@pytest.fixture
def add(review: Review, tmp_path: Path) -> Import:
    """Import citations from a file of their own; returns the ids of the new records."""

    def import_(records: Sequence[Citation], name: str = "records.jsonl") -> list[int]:
        before = set(review.db.numbers("SELECT id FROM record"))
        file = tmp_path / name
        citations.write(file, records, "jsonl")
        review.import_file(file)
        return sorted(set(review.db.numbers("SELECT id FROM record")) - before)

    return import_


def paper(title: str, paragraphs: Sequence[str], sha256: str = "", section: str = "results") -> Document:
    """A readable document of one page, each paragraph on a line of its own."""
    texts = [(PassageKind.TITLE, title, ""), *((PassageKind.PARAGRAPH, text, section) for text in paragraphs)]
    passages = tuple(
        Passage(
            place, kind, text, (Span(0, len(text), 1, Box(50.0, 50.0 + 20 * place, 500.0, 65.0 + 20 * place)),), section
        )
        for place, (kind, text, section) in enumerate(texts)
    )
    return Document(f"{title}.pdf", sha256 or title.ljust(64, "0"), (Page(1, 595.0, 842.0, 100),), passages)


def add_as_before(review: Review, sha256: str) -> None:
    """Make a record for a waiting PDF by itself, as versions up to 4 did."""
    document = documents.read(review.db, sha256)
    attached = documents.attachment(review.db, sha256)
    assert document is not None and attached is not None
    with review.db.transaction():
        own = file_links.add_record(review.db, document)
        file_links.say(review.db, review._acts.log, ActKind.ATTACH, attached, own, attached.how, unmatched=True)


@pytest.fixture
def attach(review: Review) -> Attach:
    """Give a record a document without reading any PDF."""

    def put(record_id: int, document: Document) -> None:
        with review.db.transaction():
            documents.put(review.db, document)
            documents.link(review.db, document.sha256, record_id, "for a test")

    return put
