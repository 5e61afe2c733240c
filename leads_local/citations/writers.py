"""Citations in the formats that other programs read, such that reading them back gives the same again.

RIS, CSV and JSON Lines are lossless; the other formats (``outgoing``) have everything in them, what has no field of its
own as notes. RIS values keep their paragraphs; white space that RIS can't hold (at the ends of values, line ends within
a title) is normalised as the reader does. CSV and JSON Lines are exact. CSV opens in a spreadsheet without running
anything (see ``lossless``).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

from leads_local import durable, private
from leads_local.citations import normalise, roundtrip
from leads_local.citations.formats import jsonl
from leads_local.citations.formats.fields import plain_citation
from leads_local.citations.formats.ris import LABELS
from leads_local.citations.outgoing import bibtex, csl_json, endnote_xml, nbib
from leads_local.citations.plain_text import is_no_abstract
from leads_local.errors import InputError
from leads_local.records import Citation
from leads_local.spreadsheet_cells import csv_line

_TYPE_CODES = (
    "ABST ADVS AGGR ANCIENT ART BILL BLOG BOOK CASE CHAP CHART CLSWK COMP CONF CPAPER CTLG DATA DBASE DICT EBOOK "
    "ECHAP EDBOOK EJOUR ELEC "
    "ENCYC EQUA FIGURE GEN GOVDOC GRANT GRNT HEAR ICOMM INPR JFULL JOUR LEGAL MANSCPT MAP MGZN MPCT MULTI MUSIC "
    "NEWS PAMP PAT PCOMM RPRT "
    "SER SLIDE SOUND STAND STAT THES UNBILL UNPB UNPD VIDEO WEB"
)
_TYPES = frozenset(_TYPE_CODES.split())
_TYPE_OF = {
    "chapter": "CHAP",
    "book": "BOOK",
    "thesis": "THES",
    "conference": "CONF",
    "report": "RPRT",
    "article": "JOUR",
    "journal": "JOUR",
    "review": "JOUR",
    "trial": "JOUR",
    "letter": "JOUR",
    "editorial": "JOUR",
}
_WOS_TYPES = {"J": "JOUR", "B": "BOOK", "S": "SER", "P": "PAT", "C": "CONF"}
_PLAIN_TAGS = (
    "A2 A3 A4 A5 AD AN C1 C2 C3 C4 C5 C6 C7 C8 CN CY DA DB DP ED ET ID J1 J2 JA JO L1 L2 L3 L4 LK M1 M2 M3 N1 N2 "
    "NV OP PB PY RN RP SE SN "
    "ST T2 T3 TA TT U1 U2 U3 U4 U5 Y1 Y2"
)
_PLAIN_EXTRA = frozenset(_PLAIN_TAGS.split())
_PUBMED_ONLY = frozenset(
    ("OWN", "STAT", "LID", "AID", "PHST", "EDAT", "MHDA", "CRDT", "JID", "PMC", "DCOM", "AU (short)")
)
_WOS_ONLY = frozenset(("J9", "JI", "NR", "TC", "WC", "SC", "GA", "PT"))
_ALTERNATE = {
    tag: role for role in ("title", "abstract", "journal", "year", "doi") for tag in getattr(LABELS, role)[1:]
}


def _ris_type(kind: str) -> str:
    if kind in _TYPES:
        return kind
    return _WOS_TYPES.get(kind) or next((code for word, code in _TYPE_OF.items() if word in kind.lower()), "GEN")


def _ris_value(text: str) -> str:
    first, *rest = normalise.trim_lines(text).split("\n")
    return "\n".join([first, *(roundtrip.guard_line(line) for line in rest)])


def _tags_of_other_meaning(citation: Citation) -> frozenset[str]:
    """Tags of ``extra`` that mean something else in RIS: those of a record that came as PubMed's or Web of Science's
    text, known by tags that RIS has not."""
    tags = {tag for tag, _ in citation.extra}
    if tags & _PUBMED_ONLY:
        return _PLAIN_EXTRA - {"AD", "AN", "DB", "ED", "PB"}
    return _PLAIN_EXTRA - {"C1", "SN"} if "UT" in tags and tags & _WOS_ONLY else frozenset()


def _ris_extra(citation: Citation, tag: str, value: str, other: frozenset[str]) -> tuple[str, str]:
    """The RIS line for a field of ``extra``: under its own tag where a reader would put it back into ``extra`` and it
    means the same, else as ZX."""
    role = _ALTERNATE.get(tag)
    if tag in _PLAIN_EXTRA - other and (role is None or getattr(citation, role)):
        return tag, value
    return roundtrip.EXTRA_TAG, roundtrip.format_extra(tag, value)


def _ris_lines(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "TY", _ris_type(citation.kind)
    if citation.kind != _ris_type(citation.kind):
        yield roundtrip.KIND_TAG, citation.kind or roundtrip.NO_KIND
    yield "TI", normalise.one_line(citation.title)
    yield from (("AU", author) for author in citation.authors)
    yield "PY", str(citation.year or "")
    yield "JF", normalise.one_line(citation.journal)
    yield "VL", normalise.one_line(citation.volume)
    yield "IS", normalise.one_line(citation.issue)
    pages = normalise.one_line(citation.pages)
    match = re.fullmatch(r"([^-–]+)-([^-\s]+)", pages)
    if match and match.group(1) != match.group(2) and pages != "No-Specified":
        yield from (("SP", match.group(1)), ("EP", match.group(2)))
    else:
        yield "SP", pages
    yield from (("DO", citation.doi), ("PM", citation.pmid), ("LA", citation.language), ("AB", citation.abstract))
    if citation.pmid and not any(tag in ("AN", "DB", *roundtrip.OWN_TAGS) for tag, _ in citation.extra):
        yield from (("AN", citation.pmid), ("DB", roundtrip.PUBMED), (roundtrip.PMID_AS_ACCESSION_TAG, "AN"))
    if plain_citation(citation) != citation or is_no_abstract(citation.abstract):
        yield roundtrip.LITERAL_TAG, "yes"
    yield from (("KW", keyword) for keyword in citation.keywords)
    yield from (("UR", url) for url in citation.urls)
    other = _tags_of_other_meaning(citation)
    yield from (_ris_extra(citation, tag, value, other) for tag, value in citation.extra)


def _write_ris(citations: Iterable[Citation], out: TextIO) -> int:
    count = 0
    for citation in citations:
        count += 1
        out.writelines(f"{tag}  - {_ris_value(value)}\n" for tag, value in _ris_lines(citation) if value.strip())
        out.write("ER  - \n\n")
    return count


def csv_row(citation: Citation) -> list[str]:
    """The cells of a citation, in the order of ``roundtrip.COLUMNS``."""
    cells = {name: str(getattr(citation, name)) for name in roundtrip.PLAIN_COLUMNS}
    cells |= {name: roundtrip.join_values(getattr(citation, name)) for name in roundtrip.LIST_COLUMNS}
    cells["year"] = "" if citation.year is None else str(citation.year)
    cells[roundtrip.EXTRA_COLUMN] = json.dumps(citation.extra, ensure_ascii=False) if citation.extra else ""
    return [roundtrip.guard_cell(cells[name]) for name in roundtrip.COLUMNS]


def _write_csv(citations: Iterable[Citation], out: TextIO) -> int:
    out.write(csv_line(roundtrip.COLUMNS))
    count = 0
    for citation in citations:
        count += 1
        out.write(csv_line(csv_row(citation)))
    return count


def _write_jsonl(citations: Iterable[Citation], out: TextIO) -> int:
    count = 0
    for citation in citations:
        count += 1
        out.write(jsonl.format_line(citation) + "\n")
    return count


WRITERS: dict[str, Callable[[Iterable[Citation], TextIO], int]] = {
    "ris": _write_ris,
    "csv": _write_csv,
    "jsonl": _write_jsonl,
    "nbib": nbib.write,
    "bibtex": bibtex.write,
    "endnote xml": endnote_xml.write,
    "csl json": csl_json.write,
}
ENDINGS = {
    ".ris": "ris",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".nbib": "nbib",
    ".bib": "bibtex",
    ".xml": "endnote xml",
    ".json": "csl json",
}
"""Which format the name of a file asks for."""


def write(target: str | Path | TextIO, citations: Iterable[Citation], format: str, *, replace: bool = True) -> int:
    """Write the citations to a file, replaced in one step, or to an open text stream. Returns how many there were.
    Without ``replace`` a file that is there is refused, also one that has come while it was written.

    ``format`` is one of ``WRITERS``; ``csv`` is UTF-8 with a byte order mark, so that spreadsheets read accents. A
    stream should be opened with ``newline=""``. Raises InputError for another format or a place that can't be written
    to.
    """
    if format not in WRITERS:
        raise InputError(
            f"Citations can't be written as {format}; expected {', '.join(WRITERS)}.", "Choose one of these."
        )
    if isinstance(target, (str, Path)):
        return _write_file(Path(target), citations, format, replace)
    return WRITERS[format](citations, target)


def _write_file(path: Path, citations: Iterable[Citation], format: str, replace: bool) -> int:
    try:
        encoding = "utf-8-sig" if format == "csv" else "utf-8"
        with (
            private.written_beside(path, replace=replace) as part,
            part.open("x", encoding=encoding, newline="") as out,
        ):
            count = WRITERS[format](citations, out)
            durable.sync(out)
    except FileExistsError as error:
        raise InputError(f"{path} is there already; it is not replaced.", "Choose another name.") from error
    except OSError as error:
        raise InputError(
            f"{path} can't be written: {error.strerror}.", "Check the folder, its permissions and the free space."
        ) from error
    return count


def dumps(citations: Iterable[Citation], format: str) -> str:
    """The citations as text in the format, as ``write`` would write them."""
    out = io.StringIO(newline="")
    write(out, citations, format)
    return out.getvalue()
