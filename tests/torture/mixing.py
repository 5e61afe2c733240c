"""Citation files that were cut, joined, permuted and damaged by line: no record holds another paper's text, and no
paper is in two records, unless it is said.

    python -m tests.torture.mixing ROUNDS [SEED]

Not done, since no reader can see it: moving a line into another record, and cutting out from the middle of one record
to the same place of a later one. A cut takes at most four lines, so that something of both records is left.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable
from pathlib import Path

from leads_local import citations
from leads_local.errors import InputError
from tests.citations import papers
from tests.torture import rounds

PATIENCE = 30.0  # seconds for one file
EDGES = {
    "ris": ("TY", "ER"),
    "nbib": ("PMID", "OWN"),
    "eric": ("OID", "OWN"),
    "enw": ("%0",),
    "wos": ("PT", "ER"),
    "ovid": ("<",),
    "cochrane": ("Record #",),
    "by row": ('"TITLE',),
}
SHORT = ("csv", "tsv", "jsonl", "endnote", "pubmed")
"""Formats of whose records a few lines cut out leave the beginning of one and the end of another."""
Lines = list[str]


def _delete(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    del lines[at : at + chance.choice((1, 1, 2, 3, 4))]


def _delete_one(lines: Lines, chance: random.Random) -> None:
    del lines[chance.randrange(len(lines))]


def _repeat(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lines.insert(at, lines[at])


def _swap(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    if all(lines[at : at + 2]):  # past a blank line it would be another record's
        lines[at : at + 2] = reversed(lines[at : at + 2])


def _blank(lines: Lines, chance: random.Random) -> None:
    lines.insert(chance.randrange(len(lines)), "")


def _unblank(lines: Lines, chance: random.Random) -> None:
    blank = [index for index, line in enumerate(lines) if not line]
    if blank:
        del lines[chance.choice(blank)]


def _no_blank(lines: Lines, chance: random.Random) -> None:
    lines[:] = [line for line in lines if line]


def _double(lines: Lines, chance: random.Random) -> None:
    lines[:] = [part for line in lines for part in (line, "")]


def _join(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lines[at : at + 2] = ["".join(lines[at : at + 2])]


def _wrap(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    cut = chance.randrange(len(lines[at]) + 1)
    lines[at : at + 1] = [lines[at][:cut], chance.choice(("", "  ", "      ")) + lines[at][cut:]]


def _indent(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lines[at] = chance.choice((" ", "   ", "      ", "\t")) + lines[at]


def _byte(lines: Lines, chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    if lines[at]:
        place = chance.randrange(min(8, len(lines[at])))
        lines[at] = lines[at][:place] + chance.choice(" -XZ%@\"'{}<") + lines[at][place + 1 :]


def _quote(lines: Lines, chance: random.Random) -> None:
    lines.insert(chance.randrange(len(lines)), chance.choice(papers.TELL_TALES))


def _cut_front(lines: Lines, chance: random.Random) -> None:
    del lines[: chance.randrange(len(lines))]


def _cut_end(lines: Lines, chance: random.Random) -> None:
    del lines[chance.randrange(len(lines)) + 1 :]


LINE_CHANGES: tuple[Callable[[Lines, random.Random], None], ...] = (
    *(_delete, _delete, _repeat, _swap, _blank, _unblank, _no_blank, _double),
    *(_join, _wrap, _indent, _byte, _byte, _quote, _cut_front, _cut_end),
)


def _without_edges(record: str, edge: str, chance: random.Random) -> str:
    return "".join(line for line in record.splitlines(keepends=True) if not line.startswith(edge))


def _edges_moved(record: str, edge: str, chance: random.Random) -> str:
    lines = _fields(record)
    moved = [line for line in lines if line.startswith(edge)]
    rest = [line for line in lines if not line.startswith(edge)]
    at = chance.randrange(len(rest) + 1)
    return "".join([*rest[:at], *moved, *rest[at:]]) + "\n"


def _permuted(record: str, edge: str, chance: random.Random) -> str:
    lines = _fields(record)
    chance.shuffle(lines)
    return "".join(lines) + "\n"


def _fields(record: str) -> list[str]:
    """The fields of a record, each with the lines that go on with it."""
    found: list[str] = []
    for line in record.strip("\n").splitlines(keepends=True):
        tagged = re.match(r"[A-Z][A-Z0-9]{1,3} *[-\n :]|%\S |<\d|Record #|[A-Z][a-z ]+\n|\"[A-Z]", line)
        if tagged or not found:
            found.append(line)
        else:
            found[-1] += line
    return [f"{field.rstrip()}\n" for field in found]


RECORD_CHANGES = (_without_edges, _edges_moved, _permuted)


def _file(format: str, numbers: range, chance: random.Random) -> str:
    """A file of papers, sometimes with all records changed in one way, as some program's are."""
    if format not in EDGES or chance.random() < 0.5:
        extra = chance.choice(("", "", f"{chance.choice(papers.TELL_TALES)}\n"))
        return papers.written(format, numbers, extra)
    change, edge = chance.choice(RECORD_CHANGES), chance.choice(EDGES[format])
    seed = chance.random()  # the same order in all records, or one for each
    same = chance.random() < 0.7
    records = (
        change(papers.RECORD[format](n, ""), edge, random.Random(seed if same else chance.random())) for n in numbers
    )
    before, after = papers.AROUND.get(format, ("", ""))
    return before + "".join(records) + after


def prepare(folder: Path) -> None:
    """Nothing: each round makes its file."""


def one(folder: Path, given: None, chance: random.Random) -> tuple[str, str, str]:
    """One round: (format, "read", "said" or "refused", "")."""
    format = chance.choice(list(papers.RECORD))
    text = _file(format, range(1, chance.choice((2, 3, 6, 12))), chance)
    if chance.random() < 0.15:
        other = chance.choice(list(papers.RECORD))
        text += chance.choice(("", "\n")) + _file(other, range(20, chance.choice((22, 26))), chance)
    lines = text.split("\n")
    changes = [change for change in LINE_CHANGES if change is not _delete or format not in SHORT]
    if format == "ovid":  # whose labels and values are lines of their own: several cut out join a value to a label
        changes = [_delete_one if change is _delete else change for change in changes]
    for _ in range(chance.choice((0, 1, 1, 1, 2))):
        change = chance.choice(changes)
        change(lines, chance)
        if change is _delete:  # two such cuts can end where they began, a record later, which nobody sees
            changes = [_delete_one if one is _delete else one for one in changes]
        lines = lines or [""]
    path = folder / "file.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        source = citations.read_file(path)
    except InputError as error:
        assert "fault of leads-local" not in str(error), str(error)
        return format, "refused", ""
    wrong = papers.faults(source)
    assert not wrong, f"{wrong}\n{path.read_text(encoding='utf-8')}"
    return format, "said" if source.doubt else "read", ""


def run(number: int, seed: int, processes: int = 2) -> tuple[rounds.Counts, list[str]]:
    """(how often each format was read, said to be doubtful or refused, the rounds that went wrong)."""
    return rounds.run("tests.torture.mixing", number, seed, {"read", "said", "refused"}, PATIENCE, processes)


if __name__ == "__main__":
    sys.exit(rounds.report(run, sys.argv[1:]))
