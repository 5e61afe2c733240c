"""A Document as one line of JSON and back, for the pipe between a worker and us.

JSON and not pickle: the worker parses files from outside, and whatever a hostile file may do to it, its answer must
stay data.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from leads_local.records import Box, Document, Page, PageState, Passage, PassageKind, Span


def dumps(document: Document) -> bytes:
    """The document as one line of UTF-8, without the line end. Lone surrogates are replaced."""
    value = {
        "path": document.path,
        "sha256": document.sha256,
        "problem": document.problem,
        "notice": document.notice,
        "info": document.info,
        "missing": document.missing,
        "rebuilt": document.rebuilt,
        "ocr_engine": document.ocr_engine,
        "pages": [_pack_page(p) for p in document.pages],
        "passages": [_pack_passage(p) for p in document.passages],
    }
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _pack_page(page: Page) -> list[Any]:
    told = [page.state.value, page.pictured, page.confidence]
    return [page.number, page.width, page.height, page.characters, *told]


def _pack_passage(passage: Passage) -> list[Any]:
    spans = [pack_span(span) for span in passage.spans]
    return [passage.order, passage.kind.value, passage.text, passage.section, spans]


def pack_span(span: Span) -> list[float]:
    """Start, end, page, the box's four edges; and how sure OCR is of it, where OCR has read it."""
    box = span.box
    sure = [] if span.confidence is None else [span.confidence]
    return [span.start, span.end, span.page, box.x0, box.y0, box.x1, box.y1, *sure]


def unpack_span(value: Sequence[Any]) -> Span:
    """What ``pack_span`` made. Raises ValueError or TypeError for anything else."""
    start, end, page, x0, y0, x1, y1, *sure = value
    return Span(start, end, page, Box(x0, y0, x1, y1), *sure)


def loads(line: bytes) -> Document:
    """The document of one line. Raises ValueError for anything that ``dumps`` does not write."""
    try:
        value = json.loads(line)
        return Document(
            path=str(value["path"]),
            sha256=str(value["sha256"]),
            pages=tuple(_unpack_page(page) for page in value["pages"]),
            passages=tuple(_unpack_passage(passage) for passage in value["passages"]),
            problem=str(value["problem"]),
            notice=str(value["notice"]),
            info=tuple((str(name), str(text)) for name, text in value["info"]),
            missing=int(value["missing"]),
            rebuilt=bool(value["rebuilt"]),
            ocr_engine=str(value["ocr_engine"]),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"not a document: {error}") from error


def _unpack_page(value: list[Any]) -> Page:
    number, width, height, characters, state, pictured, confidence = value
    return Page(number, width, height, characters, PageState(state), pictured, confidence)


def _unpack_passage(value: list[Any]) -> Passage:
    order, kind, text, section, spans = value
    return Passage(order, PassageKind(kind), text, tuple(map(unpack_span, spans)), section)
