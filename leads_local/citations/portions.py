"""A large file of citations in portions of whole records, so that a file of any size takes the memory of a few of them.

A portion ends where a record certainly does: where the end of one, a blank line and the first line of the next stand
together. Small files are one portion, and so is a file that has no such places, is no UTF-8, or is of a format that is
one whole, such as JSON. Of XML each portion is given the tags that enclose all records, so that it is a whole, too.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from leads_local.citations import decoding
from leads_local.citations.formats import rows
from leads_local.citations.formats.tabular import Header

AT_ONCE = 24_000_000
"""Bytes of a file that is read as one portion."""
_PORTION = 4_000_000  # characters, and as many more as there are up to the next sure place
_BLOCK = 1_000_000  # bytes read from the disk at once
_TELLING_WIDTH = 4  # columns, from which on a line with as many cells is hardly a sentence
_LONGEST_ROW = 100_000  # characters of the row before which a table is cut
_TAG = re.compile(r"<(/?)([A-Za-z][\w.-]*)(?:\s[^<>]*)?(?<!/)>")  # that begins or ends an element
_LONGEST_PLACE = 200  # characters between the end of a record and the beginning of the next

_SURE = {
    "ris": re.compile(r"\nER  -[ ]{0,3}\n\s{0,50}(?=TY  - )"),
    "nbib": re.compile(r"\n\n{1,50}(?=PMID- ?\d)"),
    "wos": re.compile(r"\nER[ ]{0,3}\n\s{0,50}(?=PT [A-Z])"),
    "enw": re.compile(r"\n\n{1,50}(?=%0 \S)"),
    "ovid": re.compile(r"\n\n{1,50}(?=<\d{1,9}>\n)"),
    "jsonl": re.compile(r"\n(?=\{\")"),
    "endnote xml": re.compile(r"</(?:record|RECORD)>\s{0,50}(?=<(?:record|RECORD)[\s>])"),
    "pubmed xml": re.compile(r"</Pubmed(?:Book)?Article>\s{0,50}(?=<Pubmed(?:Book)?Article[\s>])"),
    "ictrp xml": re.compile(r"</Trial>\s{0,50}(?=<Trial[\s>])"),
}
"""For each format the place where a record ends and the next begins."""

Cut = Callable[[str, int], int]
"""Where the next record begins at or after a position of a text; 0 where that is not certain anywhere."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a large file before it is read in portions. ``sha256`` is of its bytes."""

    sha256: str
    encoding: str = "utf-8"


def survey(file: BinaryIO) -> Survey | None:
    """Look through a large file once; None where it can't be read in portions."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    sha256 = hashlib.sha256()
    for place, block in enumerate(iter(lambda: file.read(_BLOCK), b"")):
        if not place and not decoding.is_plain_utf8(block):
            return None
        sha256.update(block)
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            return None
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return Survey(sha256.hexdigest())


def hash_with(file: BinaryIO, more: bytes) -> str:
    """The SHA-256 of a file's bytes with ``more`` behind them."""
    file.seek(0)
    sha256 = hashlib.sha256()
    for block in iter(lambda: file.read(_BLOCK), b""):
        sha256.update(block)
    sha256.update(more)
    return sha256.hexdigest()


def texts(file: BinaryIO) -> Iterator[str]:
    """The text of a file that was surveyed, in blocks, with ``\\n`` as the only line end."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    held = ""
    for block in iter(lambda: file.read(_BLOCK), b""):
        text = held + decoder.decode(block)
        held = "\r" if text.endswith("\r") else ""  # its line feed may be in the next block
        yield decoding.unify_line_ends(text.removesuffix("\r"))
    yield decoding.unify_line_ends(held + decoder.decode(b"", final=True))


def cut_for(format: str, header: Header | None) -> Cut | None:
    """How a format's text is cut; None for one that is read whole."""
    if format == "csv" and header and len(header.columns) >= _TELLING_WIDTH:
        return _RowCut(header.delimiter, len(header.columns))
    pattern = _SURE.get(format)
    if pattern is None:
        return None
    return lambda text, start: found.end() if (found := pattern.search(text, start)) else 0


@dataclass(frozen=True, slots=True)
class _RowCut:
    """Cuts a table before a line that is a whole row, where all quotation marks before it are closed."""

    delimiter: str
    width: int

    def __call__(self, text: str, start: int) -> int:
        quotes, counted = 0, 0
        while (end := text.find("\n", start)) >= 0:
            quotes, counted, start = quotes + text.count('"', counted, end), end, end + 1
            if not quotes % 2 and self._is_row(text[start : start + _LONGEST_ROW]):
                return start
        return 0

    def _is_row(self, text: str) -> bool:
        lines = text.split("\n")[:-1]  # the last may go on
        found = rows.read_row_strictly(lines, 0, self.delimiter) if lines else None
        return found is not None and len(found[0]) == self.width


def enclosed(portions: Iterator[str], format: str) -> Iterator[str]:
    """The portions of XML with the tags around all records, in whose lines they add none; those of other formats as
    they are."""
    first = next(portions, "")
    record = _SURE[format].search(first) if format.endswith(" xml") else None
    if record is None:
        yield from chain((first,), portions)
        return
    name = record.group().partition(">")[0].removeprefix("</")
    tags: list[str] = []
    for ends, tag in _TAG.findall(re.sub(r"<!--.*?-->", "", re.split(rf"<{name}[\s>]", first, maxsplit=1)[0])):
        if ends:
            del tags[-1:]
        else:
            tags.append(tag)
    before, after = "".join(f"<{tag}>" for tag in tags), "".join(f"</{tag}>" for tag in reversed(tags))
    held = first
    for portion in portions:
        yield held + after
        held = before + portion
    yield held


def divide(blocks: Iterator[str], cut: Cut) -> Iterator[str]:
    """The blocks as portions, each of whole records but for what no certain end stands in."""
    held, sought = "", _PORTION
    for block in blocks:
        held += block
        while len(held) > sought + _LONGEST_PLACE:
            place = cut(held, sought)
            if not place:
                sought = len(held) - _LONGEST_PLACE
                break
            yield held[:place]
            held, sought = held[place:], _PORTION
    if held:
        yield held
