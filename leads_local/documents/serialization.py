"""A Document as one line of JSON and back, for the pipe between a worker and us.

JSON and not pickle: the worker parses files from outside, and whatever a hostile file may do to it, its answer must
stay data.
"""

from __future__ import annotations

import json
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
        "pages": [[p.number, p.width, p.height, p.characters, p.state.value, p.pictured] for p in document.pages],
        "passages": [_pack_passage(p) for p in document.passages],
    }
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _pack_passage(passage: Passage) -> list[Any]:
    spans = [[s.start, s.end, s.page, s.box.x0, s.box.y0, s.box.x1, s.box.y1] for s in passage.spans]
    return [passage.order, passage.kind.value, passage.text, passage.section, spans]


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
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"not a document: {error}") from error


def _unpack_page(value: list[Any]) -> Page:
    number, width, height, characters, state, pictured = value
    return Page(number, width, height, characters, PageState(state), pictured)


def _unpack_passage(value: list[Any]) -> Passage:
    order, kind, text, section, spans = value
    return Passage(order, PassageKind(kind), text, tuple(Span(s[0], s[1], s[2], Box(*s[3:])) for s in spans), section)
