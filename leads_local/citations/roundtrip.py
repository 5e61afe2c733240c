"""How our own RIS and CSV files carry what those formats have no place for, so that write → read gives the same back.

RIS: ``ZK`` holds the kind of publication where TY can't (``(none)`` for none), ``ZL`` says that what looks like
entities or tags of HTML is meant so, ``ZP`` that the accession number is the PMID, put there for EndNote, ``ZX`` holds
one field of ``extra`` as
``label=value`` (``%`` and ``=`` in the label percent-encoded), and a continuation line that would look like a tag gets
one backslash in front. Other programs pass over unknown tags.

CSV: a column named ``leads_local_extra`` holds ``extra`` as JSON and marks the file as ours. In such a file, a
cell that a spreadsheet would run as a formula (it starts with ``= + - @``, after any apostrophes and characters that
don't show, or with a tab or a carriage return) has one apostrophe in front, and so has each part behind a semicolon, a
tab or a line break that would be run as a cell of its own; the reader takes them away. In cells with several values a
backslash stands before a semicolon or backslash that belongs to a value.

Our files in the forms of other tools have no such column; a row of which a cell had to be guarded says so in a column
named ``leads_local_guarded``, which is there only where some row needs it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from leads_local.records import Citation
from leads_local.spreadsheet_cells import change_each_part, part_would_run, would_run

KIND_TAG = "ZK"
NO_KIND = "(none)"
LITERAL_TAG = "ZL"
PMID_AS_ACCESSION_TAG = "ZP"
PUBMED = "PubMed"
EXTRA_TAG = "ZX"
EXTRA_COLUMN = "leads_local_extra"
GUARDED_COLUMN = "leads_local_guarded"
GUARDED = "yes"
PLAIN_COLUMNS = ("title", "abstract", "journal", "volume", "issue", "pages", "doi", "pmid", "language", "kind")
LIST_COLUMNS = ("authors", "keywords", "urls")
COLUMNS = (
    *("title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "abstract"),
    *("keywords", "language", "kind", "urls", EXTRA_COLUMN),
)

OWN_TAGS = (KIND_TAG, EXTRA_TAG, PMID_AS_ACCESSION_TAG)
_LIKE_TAG = re.compile(r"\\*[\ufeff\s]*[A-Z][A-Z0-9]\s{0,4}-")
_RUN_AT_ONCE = re.compile(r"'*[=+\-@\t\r]")  # what earlier versions guarded, results of trials among it


def guard_line(line: str) -> str:
    """A continuation line of RIS that can't be taken for a tag."""
    return f"\\{line}" if _LIKE_TAG.match(line) else line


def unguard_line(line: str) -> str:
    """The line that ``guarded_line`` was given."""
    return line[1:] if line.startswith("\\") and _LIKE_TAG.match(line) else line


def format_extra(tag: str, value: str) -> str:
    """A field of ``extra`` as the value of a ZX line."""
    return f"{quote(tag, safe=' /:.()[]@')}={value}"


def restore_fields(citation: Citation) -> Citation:
    """Put what ZK and ZX hold back where it came from."""
    if not any(tag in OWN_TAGS for tag, _ in citation.extra):
        return citation
    kind, extra = citation.kind, []
    fields = list(citation.extra)
    if (PMID_AS_ACCESSION_TAG, "AN") in fields:
        for added in ((PMID_AS_ACCESSION_TAG, "AN"), ("AN", citation.pmid), ("DB", PUBMED)):
            with contextlib.suppress(ValueError):  # where another program has changed the file
                fields.remove(added)
    for tag, value in fields:
        if tag == KIND_TAG:
            kind = "" if value == NO_KIND else value
        elif tag == EXTRA_TAG and "=" in value:
            label, _, rest = value.partition("=")
            extra.append((unquote(label), rest))
        else:
            extra.append((tag, value))
    return replace(citation, kind=kind, extra=tuple(extra))


def _needs_guard(text: str) -> bool:
    return bool(_RUN_AT_ONCE.match(text)) or would_run(text.lstrip("'"))


def _part_needs_guard(part: str, beside_tab: bool) -> bool:
    return part_would_run(part.lstrip("'"), beside_tab)


def guard_cell(text: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula, nor any part of it."""
    parts = change_each_part(text, lambda part, by_tab: f"'{part}" if _part_needs_guard(part, by_tab) else part)
    return f"'{parts}" if _needs_guard(text) else parts


def unguard_cell(text: str) -> str:
    """The cell that ``guarded_cell`` was given."""
    text = change_each_part(
        text, lambda part, by_tab: part[1:] if part.startswith("'") and _part_needs_guard(part, by_tab) else part
    )
    return text[1:] if text.startswith("'") and _needs_guard(text) else text


def join_values(values: Sequence[str]) -> str:
    """Several values as one cell."""
    return "; ".join(value.replace("\\", "\\\\").replace(";", "\\;") for value in values)


def split_values(cell: str) -> tuple[str, ...]:
    """The values that ``joined`` was given."""
    if not cell:
        return ()
    parts = re.findall(r"((?:[^\\;]|\\.)*)(?:; |$)", cell, re.DOTALL)
    if parts and not parts[-1]:
        parts.pop()
    return tuple(re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts)
