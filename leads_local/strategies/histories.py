"""The lines of a strategy as databases print them and people paste them, without numbers, hits, columns, headlines.

Nothing is passed over without being told: what is neither a line nor a number of hits is handed back beside the lines.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

_SPACES = re.compile(r"[^\S\n\t]")
_LIKE = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", None),
    }
)
_NUMBERED = re.compile(
    r"^\s*(?:#\s?|[SL](?=\d)|\((?=\d+\))|(?:search|line|set|query|step)\s(?=\d+\s?[.:)]))?(\d{1,3})(?:\s*[.):](?!\.)\s*|\s+|\t)"
    r"(?=\S)(.*)$",
    re.DOTALL | re.IGNORECASE,
)
_LETTERED = re.compile(r"\s*([SL])\d")
_HITS = re.compile(r"(?:\t|\s{2,})\(?\d[\d,. ]*\)?\s*$|\s\(\d[\d,]*\)\s*$|(?<=[.)/\]\"'])\s+\d[\d,]*\s*$")
_ANY_HITS = re.compile(r"\s+\(?\d[\d,]*\)?\s*$")
_COLUMN = re.compile(
    r"(?:\t|\s{2,})\(?(?:advanced|basic|display|save|more|expert|\d\d:\d\d:\d\d)\)?\s*$", re.IGNORECASE
)
_LAST_OPERATOR = re.compile(r"(?:\b(?:and|or|not|adj\d*|near(?:/\d+)?|to|(?:or|and)\s?/)|[,(-])\s*$", re.IGNORECASE)
_REFERS = re.compile(
    r"\b(?:or|and)\s?/\s?\d|#\d|^\s*\d+\s+(?:and|or|not)\s|\blimit\s+#?\d", re.IGNORECASE | re.MULTILINE
)
_HEADLINE = re.compile(
    r"\s*(?:(?:database|search strategy|search history|results?|hits|query|interface|total|date(?: \w+){0,2})\s*"
    r"(?::.*)?|ovid\b.*|-{3,}.*|={3,}.*|\#\s+[a-z].*|"
    r"(?:pubmed|medline|embase|cinahl|apa|psyc\w+|cochrane|central|web of science|scopus|lilacs|proquest|ebsco\w*)\b"
    r"(?:[^()\[\]\"*$:#]|\([^()\[\]\"*$#]*\))*:?|"
    r"\#?\s?\W{0,2}\s*(?:id|search(?:es)?|query|\#)\s+(?:search(?:es)?|query|results?|hits|items found)\b.*|"
    r"(?:population|patients?|participants?|problem|condition|intervention|exposure|compar(?:ator|ison)|outcomes?|"
    r"stud(?:y|ies)(?: designs?| types?)?|setting|concept|block|filter)s?(?: ?\d)?\s*:?)",
    re.IGNORECASE,
)
_REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)
_TOLD_BY_EBSCO = re.compile(r"\s+(?:Expanders|Search modes|Interface|Narrow by)\s*[-:].*$", re.DOTALL)
_TOLD_BY_COCHRANE = re.compile(r"\s*\(word variations have been searched\)", re.IGNORECASE)
_SEARCH = re.compile(r"^\s*search(?::\s*|\s+(?=[(\"#]))", re.IGNORECASE)
_MOST = 0.6  # of the lines; as many end in a number of hits where hits were printed without brackets
_FURTHEST = 10  # from one line's number to the next, where some were left out


@dataclass(frozen=True, slots=True)
class Rows:
    """The lines with their numbers, rising, and what was passed over: headlines, columns that tell how it was run."""

    lines: tuple[tuple[int, str], ...]
    passed_over: tuple[str, ...] = ()


def tidy(text: str) -> str:
    """With plain quotation marks, hyphens and spaces for those that word processors put in their place."""
    return _SPACES.sub(" ", text.translate(_LIKE))


def take_apart(text: str) -> Rows:
    """The lines of a tidy text: one, where it is a single query."""
    if (columns := _columns(text)) is not None:
        return columns
    remarks = tuple(" ".join(found.split()) for found in _REMARK.findall(text))
    rows = [_of_table(row).rstrip() for row in _REMARK.sub(" ", text).splitlines()]
    first, further = _first_strategy(rows)
    rows = [row if re.search(r"\w", row) else "" for row in first]
    passed_over = (*remarks, *further)
    if step := _direction(rows):
        joined, beside = _join_wrapped(rows, step)
        lines, told = _cleaned(joined)
        return Rows(tuple(lines), (*passed_over, *beside, *told))
    rows = [row for row in rows if row]
    kept = [row for row in rows if not _HEADLINE.fullmatch(row)] or rows
    passed_over += tuple(row.strip() for row in rows if row not in kept)
    if len(kept) > 1 and _REFERS.search(text) and not _continues(kept):
        return Rows(tuple((number, _without_hits(row)) for number, row in enumerate(kept, 1)), passed_over)
    whole = _SEARCH.sub("", _TOLD_BY_COCHRANE.sub("", " ".join(kept)))
    if len(kept) == 1 and (found := _NUMBERED.match(whole)) and not _begins_with_operator(found[2]):
        said_so = re.match(r"\s*(?:\#|\(?\d+[.):]|S1\s)", whole)
        whole = _without_hits(found[2]) if said_so else whole
    return Rows(((1, whole),) if whole else (), passed_over)


def _of_table(row: str) -> str:
    """A row of a table that is drawn with upright strokes, its cells parted by tabs."""
    found = re.fullmatch(r"\s*\|(.*)\|\s*", row)
    return re.sub(r"\s*\|\s*", "\t", found[1]).strip() if found else row


def _first_strategy(rows: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...]]:
    """The rows up to where the numbers begin again, and what is said of the rest."""
    last = 0
    for place, row in enumerate(rows):
        found = _NUMBERED.match(row)
        number = int(found[1]) if found else 0
        if number == 1 and last > 1 and any(_begins(other, 2) for other in rows[place + 1 :]):
            while place and rows[place - 1].strip() and not _NUMBERED.match(rows[place - 1]):
                place -= 1
            return rows[:place], (f"a further strategy, from “{rows[place].strip()}” on: try it by itself",)
        last = number or last
    return rows, ()


def _begins(row: str, number: int) -> bool:
    found = _NUMBERED.match(row)
    return found is not None and int(found[1]) == number


def _columns(text: str) -> Rows | None:
    """PubMed's history as the file that it downloads; None for anything else."""
    if not re.match(r"\s*search number,query,", text, re.IGNORECASE):
        return None
    try:
        rows = list(csv.reader(io.StringIO(text.strip()), strict=True))
        names = [name.strip().lower() for name in rows[0]]
        lines = {}
        for row in rows[1:]:
            told = dict(zip(names, row, strict=False))
            chosen = told.get("filters", "").strip()
            lines[int(told["search number"])] = told["query"] + (f" Filters: {chosen}" if chosen else "")
    except (csv.Error, KeyError, ValueError):
        return None
    return Rows(tuple(sorted(lines.items())))


def _continues(rows: Sequence[str]) -> bool:
    """Whether the rows are one query that was broken, since a bracket stays open over a line's end."""
    return any(row.count("(") != row.count(")") for row in rows)


def _begins_with_operator(said: str) -> bool:
    return re.match(r"(?:and|or|not|adj\d*)\b", said, re.IGNORECASE) is not None


def _direction(rows: Sequence[str]) -> int:
    """1 where the rows are numbered, -1 where they are from the last to the first, 0 for neither."""
    numbers = [int(found[1]) for row in rows if (found := _NUMBERED.match(row))]
    for step, one in ((1, numbers), (-1, numbers[::-1])):
        rising = sum(0 < after - before <= _FURTHEST for before, after in itertools.pairwise(one))
        if len(one) > 1 and one[0] <= 2 and (rising == len(one) - 1 or rising > 0.7 * len(one)):
            return step
    return 0


def _join_wrapped(rows: Sequence[str], step: int) -> tuple[list[tuple[int, str]], list[str]]:
    """The lines in their order, each with what goes on in the next rows, and what belongs to none."""
    lines: list[tuple[int, str]] = []
    passed_over = []
    letter = next((found[1] for row in rows if (found := _LETTERED.match(row))), "")
    after_gap = False
    for row in rows:
        found = _NUMBERED.match(row)
        if found and _is_next(int(found[1]), found[2], lines, step):
            lines.append((int(found[1]), found[2]))
        elif row and (_HEADLINE.fullmatch(row) or after_gap or not lines):
            passed_over.append(row.strip())
        elif row:
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {row.strip()}")
        after_gap = not row
    if letter:  # S1 or L1, which the other lines call it, too
        lines = [(number, re.sub(rf"(?<![\w-]){letter}(\d{{1,3}})(?![\w-])", r"#\1", said)) for number, said in lines]
    return sorted(lines), passed_over


def _cleaned(lines: Sequence[tuple[int, str]]) -> tuple[list[tuple[int, str]], list[str]]:
    """The lines without what the database printed beside them, and what of that is no number."""
    searches = all(said.casefold().startswith("search ") for _, said in lines)  # as PubMed once wrote it
    texts = [said[len("search ") :] if searches else _SEARCH.sub("", said) for _, said in lines]
    shorter = [(said, _ANY_HITS.sub("", said)) for said in texts]
    counted = sum(cut != said and bool(cut) and not _LAST_OPERATOR.search(cut) for said, cut in shorter)
    everywhere = len(texts) > 2 and counted >= _MOST * len(texts)
    cleaned, passed_over = [], []
    for (number, _), text in zip(lines, texts, strict=True):
        said, told = _cut(_TOLD_BY_EBSCO, _without_hits(text, everywhere=everywhere))
        cleaned.append((number, said))
        passed_over += [told] if told else []
    return cleaned, passed_over


def _is_next(number: int, said: str, lines: Sequence[tuple[int, str]], step: int) -> bool:
    """Whether a row that begins with this number is the next line, and does not go on with a reference (``12 and 13``)
    or with a number of the text."""
    if not lines:
        return True
    away = step * (number - lines[-1][0])
    return 0 < away <= _FURTHEST and (away == 1 or not _begins_with_operator(said))


def _without_hits(said: str, *, everywhere: bool = False) -> str:
    """Without the number of hits and the columns beside it; ``everywhere``: every line has such a number."""
    said = _TOLD_BY_COCHRANE.sub("", said).strip()
    while (shorter := _COLUMN.sub("", said).strip()) != said:
        said = shorter
    while not _LAST_OPERATOR.search(shorter := (_ANY_HITS if everywhere else _HITS).sub("", said)) and shorter != said:
        said, everywhere = shorter.strip(), False
    return said


def _cut(pattern: re.Pattern[str], said: str) -> tuple[str, str]:
    found = pattern.search(said)
    return (said[: found.start()], found[0].strip()) if found else (said, "")
