"""The record elements of an XML export, one at a time, from a parser that expands nothing and fetches nothing.

A citation export never needs to declare an entity, so a file that does is refused before anything is expanded. Where a
file stops being well-formed, what came before is kept and the rest is read record by record; a record that still can't
be read is a Problem with its text.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from leads_local.errors import InputError
from leads_local.records import ReadProblem

_ILLEGAL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:0*(?:[0-8]|11|12|1[4-9]|2\d|3[01])|x0*(?:[0-8bcefBCEF]|1[\da-fA-F]));"
)
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_OWN = (b"amp", b"lt", b"gt", b"quot", b"apos")

_DEEPEST = 200

RecordHandler = Callable[[Element, int], None]


class _RecordParser:
    """One expat parser that builds a tree for each record and nothing else. ``done`` is a byte in the last whole
    record's end tag."""

    def __init__(self, names: frozenset[str], handle: RecordHandler, lines_before: int) -> None:
        self.names, self.handle, self.offset = names, handle, lines_before
        self.builder: TreeBuilder | None = None
        self.depth = self.began = self.done = 0
        self.parser = expat.ParserCreate(
            "utf-8"
        )  # what the text is encoded as here, whatever the file says that it was
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data
        self.parser.EntityDeclHandler = self.entity
        self.parser.SkippedEntityHandler = lambda name, is_parameter: self.data(
            "" if is_parameter else html.unescape(f"&{name};")
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.builder is None:
            if tag not in self.names:
                return
            self.builder, self.depth, self.began = TreeBuilder(), 0, self.parser.CurrentLineNumber + self.offset
        self.depth += 1
        if self.depth > _DEEPEST:
            raise InputError(
                f"Line {self.parser.CurrentLineNumber + self.offset} nests XML elements over {_DEEPEST} deep, as "
                "no export does.",
                "Export the records again.",
            )
        self.builder.start(tag, attributes)

    def end(self, tag: str) -> None:
        if self.builder is None:
            return
        self.builder.end(tag)
        self.depth -= 1
        if self.depth == 0:
            element, self.builder = self.builder.close(), None
            self.done = self.parser.CurrentByteIndex + 1
            self.handle(element, self.began)

    def data(self, text: str) -> None:
        if self.builder is not None:
            self.builder.data(text)

    def entity(self, *_: object) -> None:
        raise InputError(
            f"Line {self.parser.CurrentLineNumber + self.offset} of the file declares XML entities, which no "
            "citation export needs.",
            "This can be an attack: do not use this file, export the records again.",
        )


def _replace_illegal_characters(text: str, lines_before: int) -> tuple[str, list[ReadProblem]]:
    found = _ILLEGAL.search(text)
    if not found:
        return text, []
    line = lines_before + text.count("\n", 0, found.start()) + 1
    notice = "The file holds control characters that XML does not allow; each was read as a space."
    return _ILLEGAL.sub(" ", text), [ReadProblem(notice, line)]


def _resolve_html_entities(data: bytes) -> bytes:
    return _NAMED.sub(
        lambda m: m.group() if m.group(1) in _XML_OWN else html.unescape(m.group().decode()).encode(), data
    )


def _find_records(data: bytes, start: int, names: frozenset[str]) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of each record that begins at or after ``start``."""
    opening = re.compile(rb"<(%s)(?=[\s>/])" % "|".join(sorted(names)).encode())
    starts = [match.start() for match in opening.finditer(data, start)]
    for begin, end in zip(starts, [*starts[1:], len(data)], strict=False):
        name = data[begin + 1 : begin + 60].split(b">")[0].split()[0]
        close = data.find(b"</%s>" % name, begin, end)
        yield begin, data[begin : close + len(name) + 3 if close >= 0 else end]


def read_records(text: str, names: frozenset[str], handle: RecordHandler) -> list[ReadProblem]:
    """Call ``handle(element, line)`` for each record element in order. Raises InputError when the file declares
    entities."""
    bare = text.lstrip("\ufeff \t\n")
    before = text.count("\n", 0, len(text) - len(bare))
    bare, problems = _replace_illegal_characters(bare, before)
    data = bare.encode("utf-8", errors="replace")
    walk = _RecordParser(names, handle, before)
    try:
        walk.parser.Parse(data, True)
        return problems
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        problems.append(
            ReadProblem(
                f"The XML is damaged here ({reason}); the rest was read record by record.", error.lineno + before
            )
        )
    line, counted = before + 1, 0
    for begin, raw in _find_records(data, walk.done, names):
        line, counted = line + data.count(b"\n", counted, begin), begin
        try:
            _RecordParser(names, handle, line - 1).parser.Parse(_resolve_html_entities(raw), True)
        except expat.ExpatError as error:
            shown = raw.decode("utf-8", errors="replace").strip()
            problems.append(
                ReadProblem(
                    f"This record is damaged ({expat.ErrorString(error.code)}); it was left out.",
                    line,
                    shown,
                    whole=True,
                )
            )
    return problems


def repeated(record: Element, paths: tuple[str, ...], line: int) -> list[ReadProblem]:
    """What there is to say where a record has several of what each has one of, as where the lines between two records
    were lost. A path ``*`` is every child."""
    children = Counter(child.tag for child in record) if "*" in paths else {}
    names = [tag for tag, count in children.items() if count > 1]
    names += [path for path in paths if path != "*" and len(record.findall(path)) > 1]
    told = "This record has <{0}> more than once; two papers may have been taken for one."
    return [ReadProblem(told.format(name.rpartition("/")[2][:60]), line, doubtful=True) for name in names]


def element_text(element: Element) -> str:
    """All text inside the element, markup dropped, EndNote's carriage returns as line ends."""
    return "".join(element.itertext()).replace("\r\n", "\n").replace("\r", "\n").strip()


def leaf_texts(element: Element, transparent: frozenset[str], path: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of each element that holds text. Attributes are part of the path; ``transparent`` elements are
    markup, not fields."""
    for child in element:
        marks = ",".join(f"{name}={value}" for name, value in sorted(child.attrib.items()))
        here = f"{path}/{child.tag}" if path else child.tag
        here = f"{here}[{marks}]" if marks else here
        if any(grandchild.tag not in transparent for grandchild in child):
            if child.text and child.text.strip():
                yield here, child.text.strip()
            yield from leaf_texts(child, transparent, here)
        elif content := element_text(child):
            yield here, content
