"""Which format a text is in: by what its first lines look like, by the file's name only when that leaves it open.

A wrong guess would lose records without anyone seeing it, so no single line decides (see ``shapes``), and what looks
like none is refused with what was expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from leads_local.citations import normalise, own_files, sections, shapes
from leads_local.citations.formats import by_row, tabular, trial_registers
from leads_local.citations.formats.column_roles import NOTHING_SAID, ColumnChoice
from leads_local.errors import InputError

READABLE_FORMATS = (
    "RIS, PubMed text (.nbib) or XML, EndNote XML or .enw, Web of Science, Ovid or Cochrane text, BibTeX, CSV, TSV, "
    "XLSX, XLS, ODS, CSL-JSON, JSON Lines, or an export of ICTRP (XML) or ClinicalTrials.gov (JSON, CSV)"
)
_HINT = "Export the records again as RIS or CSV, or as PubMed text."
_BINARY = (
    (b"%PDF-", "a PDF", "PDFs are attached with the pdfs command, not imported."),
    (b"PK\x03\x04", "a ZIP archive or a document of a word processor", "Export the records as plain text."),
    (b"\xd0\xcf\x11\xe0", "an old Word file", "Save the records as plain text."),
    (b"\x1f\x8b", "a compressed file", "Unpack it first."),
    (b"SQLite format 3", "a database", _HINT),
    (b"{\\rtf", "a Rich Text document", "Export the records as plain text."),
)
_LOOKED_AT = 20_000  # characters
_HEAD = tabular.LONGEST_HEADER + 1_000_000  # characters
_LONGEST_NAME = 60  # of a column, in a message
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")


@dataclass(frozen=True, slots=True)
class DetectedFormat:
    """The format's name, and the header where it is a table."""

    format: str
    header: tabular.Header | None = None


def refuse_binary(data: bytes, name: str) -> None:
    """Raise InputError for a file that is no text at all, saying what it is."""
    for start, what, hint in _BINARY:
        if data.startswith(start):
            raise InputError(f"{name} is {what}; expected {READABLE_FORMATS}.", hint)


def _xml_format(text: str, name: str) -> str:
    bare = re.sub(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", "", text[:20_000], flags=re.DOTALL)
    root = found.group(1) if (found := _ROOT.search(bare)) else ""
    if root.startswith(("Pubmed", "MedlineCitation")):
        return "pubmed xml"
    if root == trial_registers.ICTRP_ROOT:
        return "ictrp xml"
    if root in ("xml", "XML", "records", "record", "RECORDS"):
        return "endnote xml"
    if root.lower() in ("html", "head", "body"):
        raise InputError(
            f"{name} is a web page; expected {READABLE_FORMATS}.",
            "Use the database's export function instead of saving the page.",
        )
    raise InputError(
        f"{name} is XML with the root <{root}>; expected PubMed's PubmedArticleSet, EndNote's xml/records or ICTRP's "
        f"{trial_registers.ICTRP_ROOT}.",
        _HINT,
    )


def _json_format(start: str) -> str:
    """Which JSON it is, or ""."""
    if not re.match(r'\[\s*\{|\{\s*"', start):
        return ""
    line = start.partition("\n")[0].rstrip()
    alone = not start.partition("\n")[2].strip()
    first = line[:_LOOKED_AT] if line.startswith('{"') and line.endswith("}") and not alone else start[:_LOOKED_AT]
    if '"protocolSection"' in first:
        return "clinicaltrials.gov json"
    if start.startswith("[") or re.match(r'\{\s*"items"\s*:', start):
        return "csl json"
    return "jsonl" if line.endswith("}") and not (alone and '"container-title"' in line) else "csl json"


def _filled_before(text: str, line: int) -> int:
    return sum(bool(one.strip("\ufeff \t")) for one in text.split("\n", line)[:line])


def _indented_after(text: str, line: int) -> bool:
    after = text.split("\n", line + 2)[line + 1 : line + 2]
    return bool(after) and after[0][:1].isspace() and bool(after[0].strip())


def detect(text: str, name: str, choice: ColumnChoice = NOTHING_SAID) -> DetectedFormat:
    """The format of the text. ``name`` is the file's name for messages and as the second hint; ``choice`` is what is
    said of the columns of a table.

    Raises InputError when it is none that can be read, a table without a title column, or without one that was named.
    """
    found = _detect(text, name, choice)
    header = found.header or tabular.Header(0, "", (), False)
    choice.refuse_unused(header.said, header.columns, name)
    return found


def _detect(text: str, name: str, choice: ColumnChoice) -> DetectedFormat:
    head = text[:_HEAD]
    start = head.lstrip("\ufeff \n\t")
    if start.startswith("<") and not re.match(r"<\d+>", start):
        return DetectedFormat(_xml_format(head, name))
    own_files.refuse_lines(start, name)
    header = tabular.find_header(head, choice)
    own_files.refuse_table(header.columns, name)
    suffix = PurePath(name).suffix.lower()
    if header.title and by_row.is_by_row(head):
        return DetectedFormat("csv by row")
    if found := _json_format(start):
        return DetectedFormat(found)
    shape, before = shapes.first_shape(head)
    wide = len(header.columns) > 1
    first = not shape or (wide and _filled_before(head, header.line) <= before)
    column = suffix in (".csv", ".tsv", ".tab", ".txt") and not _indented_after(head, header.line)
    if header.title and first and (wide or column):
        return DetectedFormat("csv", header)
    if shape:
        return DetectedFormat(shape)
    position, shape = sections.first_in(text)
    if shape:
        return DetectedFormat(shape, tabular.header_at(text, position) if shape == "csv" else None)
    if suffix in (".csv", ".tsv", ".tab") or len(header.columns) > 2:
        names = (normalise.one_line(column[:_LOOKED_AT])[:_LONGEST_NAME] for column in header.columns[:30])
        choice.refuse_unused(header.said, header.columns, name)
        columns = ", ".join(name or "(no name)" for name in names)
        columns += f" and {len(header.columns) - 30} more" if len(header.columns) > 30 else ""
        raise InputError(
            f"{name}, line {header.line + 1}: no column is named title; the columns are: {columns}.",
            "Say which column holds what (in the UI you are asked): --columns COLUMN=title,OTHER=abstract.",
        )
    raise InputError(f"{name}: this is no citation export that is known here; expected {READABLE_FORMATS}.", _HINT)
