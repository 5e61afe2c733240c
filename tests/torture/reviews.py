"""Reviews with changed bytes, rows and schemas: opened as sound only where they say what they said before.

    python -m tests.torture.reviews ROUNDS [SEED]

Each round changes a copy of a small review in one way and then opens it as a command does: to change it, to read all of
it, to check it. An error must be one of ours, nothing may take longer than ``PATIENCE``, and a file that is opened as
sound must hold what was written.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from leads_local import citations
from leads_local.errors import LeadsError
from leads_local.records import (
    Box,
    Choice,
    Citation,
    Criterion,
    Document,
    Page,
    Passage,
    PassageKind,
    Question,
    Span,
    Stage,
)
from leads_local.review.checking import check_file
from leads_local.review.review import Review
from leads_local.review.store import audit, documents
from tests.torture import rounds

PATIENCE = 20.0  # seconds for one round
PAGE = 4096

Change = Callable[[Path, random.Random], str]


def make(path: Path) -> None:
    """A review with something in most tables."""
    with Review.create(
        path, Question("Pain", "adults", "aspirin", "placebo", "pain"), [Criterion("Design", "randomised")]
    ) as review:
        file = path.with_suffix(".jsonl")
        citations.write(
            file,
            [Citation(title=f"Title {n}", abstract="words " * n, authors=("Ito, M",), number=n) for n in range(60)],
            "jsonl",
        )
        review.import_file(file)
        file.unlink()
        for record in range(1, 31):
            review.decide(
                record, Stage.ABSTRACT, tuple(Choice)[record % 3], f"reason {record % 4}", ("Ann", "Ben")[record % 2]
            )
        review.undo(Stage.ABSTRACT)
        review.dedupe()
        box = Span(0, 5, 1, Box(1.0, 2.0, 3.0, 4.0))
        passages = tuple(Passage(n, PassageKind.PARAGRAPH, f"text {n}", (box,), "results") for n in range(30))
        with review.db.transaction():
            documents.put(review.db, Document("a.pdf", "a" * 64, (Page(1, 595.0, 842.0, 100),), passages))
            documents.link(review.db, "a" * 64, 1, "by the test")


def said(review: Review) -> str:
    """All that the review says, as text that can be compared."""
    with review.db.snapshot():
        rows = [
            list(audit.rows(review.db)),
            [tuple(row) for row in review.db.rows("SELECT * FROM passage ORDER BY id")],
        ]
        return json.dumps([*rows, [tuple(row) for row in review.db.rows("SELECT * FROM page")]], default=str)


# ---------------------------------------------------------------- ways to change a file


def bits(path: Path, chance: random.Random) -> str:
    data = bytearray(path.read_bytes())
    places = [chance.randrange(len(data)) for _ in range(chance.choice((1, 1, 1, 2, 8, 64)))]
    for place in places:
        data[place] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    return f"bits at {places[:8]}"


def stretch(path: Path, chance: random.Random) -> str:
    data = bytearray(path.read_bytes())
    at, length = chance.randrange(len(data)), chance.choice((1, 4, 16, 512, PAGE, 3 * PAGE))
    data[at : at + length] = chance.choice((bytes(length), b"\xff" * length, chance.randbytes(length)))
    path.write_bytes(data)
    return f"{length} bytes at {at}"


def cut(path: Path, chance: random.Random) -> str:
    data = path.read_bytes()
    at = chance.randrange(len(data))
    if chance.random() < 0.5:
        at -= at % PAGE
    path.write_bytes(data[:at])
    return f"cut at {at}"


def pages(path: Path, chance: random.Random) -> str:
    data = bytearray(path.read_bytes())
    one, other = (PAGE * chance.randrange(len(data) // PAGE) for _ in range(2))
    a, b = data[one : one + PAGE], data[other : other + PAGE]
    data[other : other + PAGE] = a
    if chance.random() < 0.5:
        data[one : one + PAGE] = b
    path.write_bytes(data)
    return f"pages {one // PAGE + 1} and {other // PAGE + 1}"


def letters(path: Path, chance: random.Random) -> str:
    """Another letter in some text: what SQLite can't see."""
    data = bytearray(path.read_bytes())
    word = chance.choice((b"Title", b"words", b"include", b"exclude", b"reason", b"Ann", b"Ben", b"text", b"Ito"))
    places = [at for at in range(len(data) - len(word)) if data[at : at + len(word)] == word]
    at = chance.choice(places) + chance.randrange(len(word))
    data[at] = chance.choice(b"abcxyzABC0189\xc3\xff")
    path.write_bytes(data)
    return f"a letter of {word!r} at {at}"


def header(path: Path, chance: random.Random) -> str:
    data = bytearray(path.read_bytes())
    fields = {16: 2, 18: 1, 19: 1, 20: 1, 21: 3} | dict.fromkeys((*range(24, 72, 4), 92, 96), 4)  # offset: bytes
    place, size = chance.choice(sorted(fields.items()))
    value = chance.choice((0, 1, 2, 3, 99, 0xFFFFFFFF, chance.getrandbits(32)))
    data[place : place + size] = struct.pack(">I", value)[-size:]
    path.write_bytes(data)
    return f"header {place} is {value}"


def rows(path: Path, chance: random.Random) -> str:
    """Another program edits a row, behind the backs of the triggers."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA foreign_keys = OFF")
        triggers = other.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            other.execute(f"DROP TRIGGER {name}")
        tables = [
            name
            for (name,) in other.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        ]
        table = chance.choice([name for name in tables if other.execute(f"SELECT count(*) FROM {name}").fetchone()[0]])
        column = chance.choice(other.execute(f"PRAGMA table_info({table})").fetchall())[1]
        what = chance.choice(("delete", "update", "update", "twice"))
        with contextlib.suppress(sqlite3.Error):
            key = other.execute(f"SELECT {column} FROM {table} ORDER BY random() LIMIT 1").fetchone()[0]
            if what == "delete":
                other.execute(f"DELETE FROM {table} WHERE {column} IS ?", (key,))
            elif what == "update":
                value = chance.choice(
                    ("", "include", "[", "[[1]]", "null", 0, 7, -1, 1 << 62, 0.5, None, "\x00", "x" * 10_000)
                )
                other.execute(f"UPDATE {table} SET {column} = ? WHERE {column} IS ?", (value, key))
            else:
                other.execute(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")
        for _, sql in triggers:
            other.execute(sql)
    return f"{what} {table}.{column}"


SCHEMAS = (
    "CREATE TRIGGER more AFTER INSERT ON outcome BEGIN UPDATE outcome SET choice = 'exclude' "
    "WHERE record_id = NEW.record_id; END",
    "CREATE TRIGGER more AFTER INSERT ON event BEGIN SELECT load_extension('x'); END",
    "CREATE VIEW more AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    "DROP TRIGGER decision_follows",
    "DROP TABLE value",
    "DROP TABLE record",
    "ALTER TABLE citation RENAME TO more; CREATE VIEW citation AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
    "SELECT i + 1 FROM n) "
    "SELECT more.* FROM more, n",
    "ALTER TABLE decision RENAME COLUMN choice TO reasons",
    "CREATE UNIQUE INDEX more ON decision (choice, clock)",
    "PRAGMA user_version = 1",
    "PRAGMA user_version = -5",
    "PRAGMA application_id = 1",
    "PRAGMA journal_mode = WAL",
    "PRAGMA auto_vacuum = 1; VACUUM",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'decision'",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'decision'",
    "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'record_by_head'",
)


def schemas(path: Path, chance: random.Random) -> str:
    statements = chance.choice(SCHEMAS)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other, contextlib.suppress(sqlite3.Error):
        other.executescript(statements)
    return statements[:70]


def companions(path: Path, chance: random.Random) -> str:
    """Something lies beside it."""
    ending = chance.choice(("-wal", "-journal", "-shm"))
    size = chance.choice((0, 3, 512, 5000))
    start = {"-journal": bytes.fromhex("d9d505f920a163d7"), "-wal": bytes.fromhex("377f0682002de21800001000")}.get(
        ending, b""
    )
    whole = chance.random() < 0.5
    path.with_name(path.name + ending).write_bytes((start if whole else b"") + chance.randbytes(size))
    return f"{ending} of {size} bytes"


CHANGES: tuple[Change, ...] = (
    bits,
    bits,
    stretch,
    cut,
    pages,
    letters,
    letters,
    header,
    rows,
    rows,
    schemas,
    companions,
)


# ---------------------------------------------------------------- what the program makes of it


def outcome(path: Path, truth: str) -> str:
    """ "sound" (and says what it said), "named", or what went wrong. Anything else that is raised is our fault."""
    try:
        with Review.open(path) as review:
            result = "sound" if said(review) == truth else "SILENT CHANGE"
            if not review.notices and result == "sound":
                review.decide(40, Stage.ABSTRACT, Choice.MAYBE, "", "Kim")
    except LeadsError:
        result = "named"
    with contextlib.suppress(LeadsError):
        report = check_file(path)
        if report.sound and result == "named":
            result = "REFUSED ALTHOUGH SOUND"
    with contextlib.suppress(LeadsError), Review.read(path) as review:
        if result == "named" and not (review.notices or review.unreadable()) and said(review) != truth:
            result = "READ SILENTLY CHANGED"
        for record in (1, 2, 30):
            with contextlib.suppress(LeadsError):
                review.record(record)
        with contextlib.suppress(LeadsError):
            review.counts()
            review.summaries(review.record_ids(Stage.ABSTRACT)[:20])
            review.document(1)
            said(review)
    return result


def prepare(folder: Path) -> tuple[Path, str]:
    """The review that every round changes a copy of, and what it says."""
    base = folder / "base.leads"
    make(base)
    with Review.open(base) as review:
        return base, said(review)


def one(folder: Path, given: tuple[Path, str], chance: random.Random) -> tuple[str, str, str]:
    """One round: (way of changing, outcome, what was changed)."""
    base, truth = given
    path = folder / "mutated.leads"
    shutil.copy(base, path)
    how = chance.choice(CHANGES)
    what = how(path, chance)
    return how.__name__, outcome(path, truth), what


def run(number: int, seed: int, processes: int = 2) -> tuple[rounds.Counts, list[str]]:
    """(how often each way of changing had each outcome, the rounds that went wrong)."""
    return rounds.run("tests.torture.reviews", number, seed, {"sound", "named"}, PATIENCE, processes)


if __name__ == "__main__":
    sys.exit(rounds.report(run, sys.argv[1:]))
