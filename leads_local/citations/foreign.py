"""Lines of another format among those of this: where files were put together and nobody saw where the second begins.

A reader takes a line that is none of its own for more of the field above. So records of another format can end up as
somebody's abstract. What such lines look like is known without reading them.
"""

from __future__ import annotations

import re

from leads_local.records import ReadProblem

_ENOUGH = 3  # lines; an abstract may quote one or two
_JSON = r"[\[{] *$|\"[\w/ -]{1,60}\" *: |\{\"[\w/ -]{1,60}\" *:"
_XML = r"</?[A-Za-z][\w.:-]{3,60}(?<!title)(?<!strong)(?<!span)(?<!italic)(?<!bold)[^<>\n]*>|<\?xml "
_BY_ROW = r"\"[A-Z][A-Z /]{2,40}\",\""
_BIBTEX = r"@[A-Za-z]+ ?\{[^\s,{}]+, *$|[a-z][\w-]{2,40} *= *[{\"]"
_ROW = r"(?=[^\n]*,\")[^\n]*,\"?(?:1[89]|20)\d\d\"?,"  # a year in a cell of its own, and a cell with quotation marks
_TAG = r"(?=.{4}- )[A-Z][A-Z0-9]{1,3} {0,2}- "
_TAGGED = rf"{_TAG}(?=[^\n]*\n{_TAG})"  # one below the other
_COCHRANE = r"Record #\d+ of \d+ *$|(?:ID|AU|TI|SO|YR|DOI|AB|US|KY): \S"
_KINDS = (
    ("JSON", ("json", "csl json", "jsonl", "clinicaltrials.gov json"), _JSON),
    ("XML", ("pubmed xml", "endnote xml", "ictrp xml"), _XML),
    ("CSV with fields by row", ("csv by row", "csv"), _BY_ROW),
    ("BibTeX", ("bibtex",), _BIBTEX),
    ("Cochrane's", ("cochrane",), _COCHRANE),
    ("rows of a CSV", ("csv",), _ROW),
    ("RIS or PubMed text", ("ris", "nbib"), _TAGGED),
)
_READ_BY_LINE = ("ris", "nbib", "enw", "wos", "ovid", "cochrane", "bibtex", "csv by row")
_ANY_LINE = r"\n(?!      )[ \t]*"
_OWN_LINE = dict.fromkeys(("ris", "nbib"), r"\n(?![A-Z][A-Z0-9]  - |      )[ \t]*")


def _others(format: str) -> list[tuple[str, str]]:
    return [(kind, looks) for kind, formats, looks in _KINDS if format not in formats]


_NAMES = {format: [kind for kind, _ in _others(format)] for format in _READ_BY_LINE}
_ALL = {
    format: re.compile(
        f"{_OWN_LINE.get(format, _ANY_LINE)}(?:{'|'.join(f'({looks})' for _, looks in _others(format))})", re.MULTILINE
    )
    for format in _READ_BY_LINE
}
"""For each format what its file's lines are searched for, a group for each of the names."""


def lines_of_others(text: str, format: str) -> list[ReadProblem]:
    """What there is to say where several lines of the text look like those of another format."""
    found: dict[str, list[int]] = {}
    for match in _ALL[format].finditer(text) if format in _ALL else ():
        found.setdefault(_NAMES[format][(match.lastindex or 1) - 1], []).append(match.start() + 1)
    return [
        ReadProblem(
            f"{len(places):,} lines look like {name} and stand in a file of {format.upper()}; records of another file "
            "may have been taken for text of these.",
            text.count("\n", 0, places[0]) + 1,
            doubtful=True,
        )
        for name, places in found.items()
        if len(places) >= _ENOUGH
    ]
