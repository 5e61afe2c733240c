"""BibTeX and BibLaTeX, as Zotero, Mendeley, Scopus, Web of Science and Google Scholar write it.

Braces that protect capitals go, TeX accents become letters, anything else of TeX stays as it is. An entry whose braces
do not match is a Problem with its text, and reading goes on at the next line that begins with ``@``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from leads_local.citations.formats.fields import Entry, FieldLabels, ParsedFile, build_citation
from leads_local.citations.normalise import one_line, split_items
from leads_local.records import Citation, ReadProblem

_START = re.compile(r"^[\ufeff \t]*@([A-Za-z]+)\s*([{(])", re.MULTILINE)
_NAME = re.compile(r"\s*,?\s*([A-Za-z][\w:+./-]*)\s*=\s*")
_BARE = re.compile(r"[^\s,#{}\"()]+")
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "i": "ı", "j": "ȷ",
    "textendash": "–", "textemdash": "—", "textquoteright": "’", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ",
    "mu": "μ",
    "pm": "±", "geq": "≥", "leq": "≤", "times": "×",
}  # fmt: skip
_ACCENT = re.compile(
    r"\\([`'^~\"=.])\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z]))|"
    r"\\([uvHckrdb])(?:\s*\{\s*\\?([A-Za-z])\s*\}|\s+([A-Za-z]))"
)
_LETTER = re.compile(rf"\\({'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])(?:\{{\}}|\s(?=[a-z]))?")


def tex_to_text(value: str) -> str:
    """A TeX value as text: accents as letters, escapes resolved, protecting braces away."""
    if "\\" in value:
        value = _ACCENT.sub(_compose_accent, value)
        value = _LETTER.sub(lambda m: _LETTERS[m.group(1)], value)
        value = re.sub(r"\\([&%_$#])", r"\1", value)
    value = re.sub(r"(?<!\\)[{}]", "", value).replace("~", " ").replace("---", "—")
    return re.sub(r"\\([{}])", r"\1", value)


def _compose_accent(match: re.Match[str]) -> str:
    mark, letter = match.group(1) or match.group(4), next(g for g in match.group(2, 3, 5, 6) if g)
    return unicodedata.normalize("NFC", letter + _ACCENTS[mark])


def _split_authors(text: str) -> list[str]:
    """Names separated by ``and`` outside braces; a name that is wholly in braces is a group's and stays one."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(r"[{}]|\s+and\s+", text):
        if match.group() in "{}":
            depth += 1 if match.group() == "{" else -1
        elif depth <= 0:
            parts.append(text[start : match.start()])
            start = match.end()
    return [name for part in [*parts, text[start:]] if (name := one_line(tex_to_text(part)))]


def _split_keywords(text: str) -> list[str]:
    found = split_items(tex_to_text(text))
    return [one_line(part) for part in found[0].split(",") if part.strip()] if len(found) == 1 else found


LABELS = FieldLabels(
    title=("title",),
    abstract=("abstract",),
    journal=("journal", "journaltitle", "booktitle", "shortjournal"),
    volume=("volume",),
    issue=("number", "issue"),
    pages=("pages", "article-number", "art_number", "eid"),
    language=("language", "langid"),
    year=("year", "date"),
    doi=("doi",),
    pmid=("pmid", "pubmedid", "pubmed_id"),
    kind=("@type",),
    authors=("author",),
    keywords=("keywords", "keyword", "author_keywords"),
    urls=("url",),
    doi_hints=("url",),
    doi_notes=("note",),
    pmid_hints=("url", "note"),
    split_authors=_split_authors,
    split_keywords=_split_keywords,
)


_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_WITHIN_A_VALUE = 2  # braces that are open there: the entry's and the value's


def _end_of_braces(text: str, start: int) -> int:
    """The position after the brace that closes the one at ``start``. Raises ValueError when none does."""
    depth = 0
    for match in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0 and match.group() == "}":
            return match.end()
    raise ValueError("a brace is not closed")


def _end_of_quotes(text: str, start: int) -> int:
    """The position after the quotation mark that closes the one at ``start``, those within braces passed over."""
    position = start + 1
    while position < len(text):
        if text[position] == "{":
            position = _end_of_braces(text, position)
        elif text[position] == '"':
            return position + 1
        else:
            position += 2 if text[position] == "\\" else 1
    raise ValueError("a quotation mark is not closed")


def _read_value(text: str, position: int, macros: dict[str, str]) -> tuple[str, int]:
    """A field's value, its parts joined at ``#``, and the position after it."""
    parts: list[str] = []
    while True:
        start = position
        if text[position : position + 1] == "{":
            position = _end_of_braces(text, position)
            parts.append(text[start + 1 : position - 1])
        elif text[position : position + 1] == '"':
            position = _end_of_quotes(text, position)
            parts.append(text[start + 1 : position - 1])
        elif bare := _BARE.match(text, position):
            position = bare.end()
            parts.append(macros.get(bare.group().lower(), bare.group()))
        joint = re.compile(r"\s*#\s*").match(text, position)
        if not joint or position == start:
            return "".join(parts), position
        position = joint.end()


def _read_fields(text: str, position: int, macros: dict[str, str]) -> Iterator[tuple[int, str, str]]:
    """Position, name and raw value of each field from ``position`` on."""
    while match := _NAME.match(text, position):
        value, position = _read_value(text, match.end(), macros)
        yield match.start(1), match.group(1).lower(), value
    rest = text[position:].strip(" \t\n,})")
    if rest:
        raise ValueError(f'"{one_line(rest)[:40]}" is no field')


def _read_entries(kind: str, body: str, line: int, macros: dict[str, str]) -> tuple[list[Entry], str]:
    """The entry's fields as far as they can be read, and why not all of them can, or ""."""
    key, _, _ = body.partition(",")
    entries = [Entry("@type", kind, line)]
    position = 0
    if "=" not in key:
        entries.append(Entry("@key", key.strip(" \t\n})"), line))
        position = len(key)
    try:
        for at, name, value in _read_fields(body, position, macros):
            raw = name in LABELS.authors or name in LABELS.keywords
            text = value if raw else tex_to_text(value)
            text = re.sub(r"\s*[-–]{2,}\s*", "-", text) if name == "pages" else text
            entries.append(Entry(name, text, line + body.count("\n", 0, at)))
    except ValueError as error:
        return entries, str(error)
    return entries, ""


def _count_depth(text: str, start: int, end: int) -> int:
    found = (match.group() for match in _BRACE.finditer(text, start, end))
    return sum({"{": 1, "}": -1}.get(brace, 0) for brace in found)


def _find_entries(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Where each entry begins and where the next does. A line that begins as an entry does within a value, whose braces
    go on below it, is a quotation."""
    starts = list(_START.finditer(text))
    edges = [*(match.start() for match in starts), len(text)]
    index = 0
    while index < len(starts):
        after = index + 1
        depth = _count_depth(text, edges[index], edges[after])
        if depth >= _WITHIN_A_VALUE and after < len(starts):
            then = depth + _count_depth(text, edges[after], edges[after + 1])
            after += then < _WITHIN_A_VALUE
        yield starts[index], edges[after]
        index = after


def _body_of(text: str, start: re.Match[str], after: int) -> tuple[str, str]:
    """What stands within the entry's braces, and why its end is not certain, or ""."""
    if start.group(2) != "{":
        return text[start.end() : after - 1], ""
    try:
        return text[start.end() : _end_of_braces(text[:after], start.end() - 1) - 1], ""
    except ValueError as error:
        return text[start.end() : after], str(error)


class _Reader:
    """What is read of the entries so far, and the names that ``@string`` gave to values."""

    def __init__(self) -> None:
        self.citations: list[Citation] = []
        self.problems: list[ReadProblem] = []
        self.macros: dict[str, str] = {}

    def take(self, kind: str, body: str, doubt: str, line: int, raw: str) -> None:
        entries, error = _read_entries(kind, body, line, self.macros)
        if not any(entry.tag in LABELS.title for entry in entries) and (error or doubt):
            told = f"This entry can't be read: {doubt or error}; it was left out."
            self.problems.append(ReadProblem(told, line, raw, whole=True))
            return
        if error or doubt:
            told = f"This entry can't be read to its end: {doubt or error}; what could be read was kept."
            self.problems.append(ReadProblem(told, line, raw))
        citation, notices = build_citation(entries, LABELS, len(self.citations) + 1)
        self.citations.append(citation)
        self.problems.extend(notices)

    def name_values(self, body: str, line: int, raw: str) -> None:
        try:
            self.macros.update((name, value) for _, name, value in _read_fields(body, 0, self.macros))
        except ValueError as error:
            told = f"This entry can't be read: {error}; it was left out."
            self.problems.append(ReadProblem(told, line, raw, whole=True))


def read(text: str) -> ParsedFile:
    """Read BibTeX. ``@comment`` and ``@preamble`` are no records; ``@string`` gives names to values."""
    reader = _Reader()
    line, counted = 1, 0
    for start, after in _find_entries(text):
        kind = start.group(1).lower()
        line, counted = line + text.count("\n", counted, start.start(1)), start.start(1)
        if kind in ("comment", "preamble"):
            continue
        raw = text[start.start() : after].strip()
        body, doubt = _body_of(text, start, after)
        if kind == "string":
            reader.name_values(body, line, raw)
        else:
            reader.take(kind, body, doubt, line, raw)
    return ParsedFile(tuple(reader.citations), tuple(reader.problems))
