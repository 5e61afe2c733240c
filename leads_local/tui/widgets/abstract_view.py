"""The record itself: title, where it was published, and its abstract, word for word."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from leads_local.app.keywords import find_keywords, pieces
from leads_local.app.outcome import format_count
from leads_local.records import Citation, Stage
from leads_local.review.protocol import NO_KEYWORDS, Keywords
from leads_local.review.read_models import RecordView
from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui import labels

_NAMED_AUTHORS = 6


def _source_line(citation: Citation) -> str:
    authors = "; ".join(citation.authors[:_NAMED_AUTHORS])
    if len(citation.authors) > _NAMED_AUTHORS:
        authors += f"; and {len(citation.authors) - _NAMED_AUTHORS} more"
    ids = [f"doi {citation.doi}" if citation.doi else "", f"PMID {citation.pmid}" if citation.pmid else ""]
    parts = [authors, citation.journal, str(citation.year or ""), *ids]
    return safe_line(" · ".join(part for part in parts if part))


def _marked(text: str, keywords: Keywords) -> Content:
    parts = [
        text if mark is None else Content.styled(text, labels.KEYWORD_AGAINST if mark.against else labels.KEYWORD_FOR)
        for text, mark in pieces(text, find_keywords(text, keywords))
    ]
    return Content.assemble(*parts)


class RecordHead(Static):
    """Title, authors, journal, year and identifiers."""

    def show(
        self, citation: Citation | None, duplicates: int = 0, fulltext: str = "", keywords: Keywords = NO_KEYWORDS
    ) -> None:
        """``duplicates`` is how many other records are of the same report; ``fulltext`` says in words what there is of
        the paper."""
        if citation is None:
            self.update(Content(""))
            return
        title = _marked(safe_line(citation.title), keywords).stylize_before("bold")
        parts: list[Content | str] = [title if citation.title.strip() else Content.styled("(no title)", "bold")]
        source = _source_line(citation)
        if source:
            parts += ["\n", Content.styled(source, labels.MUTED)]
        notes = [
            f"Found {format_count(duplicates + 1, 'time')} in the searches." if duplicates else "",
            safe_line(fulltext),
        ]
        if any(notes):
            parts += ["\n", Content.styled(" ".join(note for note in notes if note), "$text-accent")]
        self.update(Content.assemble(*parts))


def fulltext_note(view: RecordView | None, stage: Stage) -> str:
    """What there is of the paper, in words; "" where that is not of interest."""
    if view is None:
        return ""
    if view.fulltext is None:
        return "No full text is attached." if stage is Stage.FULLTEXT else ""
    if view.fulltext.problem:
        return f"The full text can't be read: {view.fulltext.problem}"
    return f"d opens the full text ({format_count(view.fulltext.pages, 'page')}). {view.fulltext.notice}".strip()


class AbstractView(Static):
    """The abstract, verbatim, with the protocol's ``keywords`` marked, or that there is none."""

    def show(self, citation: Citation | None, keywords: Keywords = NO_KEYWORDS) -> None:
        if citation is None:
            self.update(Content(""))
        elif citation.abstract.strip():
            listed = safe_line("; ".join(citation.keywords))
            tail: list[Content | str] = ["\n\n", Content.styled(f"Keywords: {listed}", labels.MUTED)] if listed else []
            self.update(Content.assemble(_marked(safe_block(citation.abstract.strip()), keywords), *tail))
        else:
            self.update(Content.styled("No abstract came with this record.", labels.MUTED))
