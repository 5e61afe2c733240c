"""PDFs whose bytes were damaged, as broken downloads and disks damage them: every page that loses text is named, none
silently.

    python -m tests.torture.lost_pages ROUNDS [SEED]

The papers that are damaged are those of the developers' data folder where it lies beside the checkout, else two that
are made here. ``LEADS_LOCAL_PDFS`` names another folder of them.
"""

from __future__ import annotations

import os
import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from leads_local.documents import mupdf, reader
from leads_local.records import Document
from tests.torture import rounds

PATIENCE = 120.0  # seconds for one file
MOST_LOST = (
    3  # words of a page that may be gone or changed without a notice: none is meant, hyphens and joins move some
)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "pdfs"

Words = Counter[str]
GOOD = {"refused", "nothing lost", "nothing lost, a notice", "named"}


@dataclass(frozen=True)
class Paper:
    """A sound file: its bytes, and the words that the reader gives of each page."""

    name: str
    data: bytes
    pages: tuple[Words, ...]


def made_paper(pages: int) -> bytes:
    """A paper of so many pages with words that occur nowhere else, to be damaged."""
    document = mupdf.load().open()
    for number in range(pages):
        page = document.new_page()
        for line in range(40):
            words = " ".join(f"w{number}x{line}y{word}" for word in range(8))
            page.insert_text((60, 80 + 15 * line), words, fontsize=10, fontname="tiro")
        page.insert_text((290, 810), str(101 + number), fontsize=9)
    return document.tobytes(deflate=True)


def words_by_page(document: Document) -> tuple[Words, ...]:
    """The words of each page in the order of the pages, whatever they were taken for."""
    found: dict[int, Words] = {page.number: Counter() for page in document.pages}
    for passage in document.passages:
        for span in passage.spans:
            text = passage.text[span.start : span.end]
            found[span.page].update(re.findall(r"[^\W_]+", text))
    return tuple(found[number] for number in sorted(found))


def prepare(folder: Path) -> list[Paper]:
    place = Path(os.environ.get("LEADS_LOCAL_PDFS", SHARED))
    given = {path.name: path.read_bytes() for path in sorted(place.glob("*.pdf"))} if place.is_dir() else {}
    papers = []
    for name, data in (given or {"three.pdf": made_paper(3), "nine.pdf": made_paper(9)}).items():
        (file := folder / name).write_bytes(data)
        papers.append(Paper(name, data, words_by_page(reader.read(file))))
    return papers


# ------------------------------------------------------------ what is done to a file


def zero_sectors(data: bytes, chance: random.Random) -> bytes:
    """One to three sectors that were never written."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        size = chance.choice((512, 4096, 4096, 16384))
        at = size * chance.randrange(max(1, len(made) // size))
        made[at : at + size] = bytes(min(size, len(made) - at))
    return bytes(made)


def overwrite_sectors(data: bytes, chance: random.Random) -> bytes:
    """A sector that holds something else: noise, or another place of the same file."""
    made = bytearray(data)
    size = chance.choice((512, 4096, 16384))
    at = size * chance.randrange(max(1, len(made) // size))
    length = min(size, len(made) - at)
    other = chance.randrange(max(1, len(made) - length))
    made[at : at + length] = chance.randbytes(length) if chance.random() < 0.5 else data[other : other + length]
    return bytes(made)


def flip_bytes(data: bytes, chance: random.Random) -> bytes:
    """Some bits of some bytes."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 3, 10, 40, 200))):
        made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
    return bytes(made)


def cut_stream(data: bytes, chance: random.Random) -> bytes:
    """The end of one stream of the file gone: taken out, or zeros in its place."""
    streams = [match for match in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL) if len(match[1]) > 60]
    if not streams:
        return zero_sectors(data, chance)
    match = chance.choice(streams)
    at = match.start(1) + int(len(match[1]) * chance.uniform(0.05, 0.95))
    filling = bytes(match.end(1) - at) if chance.random() < 0.5 else b"\n"
    return data[:at] + filling + data[match.end(1) :]


def cut_file(data: bytes, chance: random.Random) -> bytes:
    """A download that broke off."""
    return data[: int(len(data) * chance.uniform(0.3, 0.999))]


def remove_piece(data: bytes, chance: random.Random) -> bytes:
    """Some bytes gone, so that everything behind has moved."""
    at, size = chance.randrange(len(data)), chance.choice((1, 100, 1460, 20000))
    return data[:at] + data[at + size :]


def remove_page(data: bytes, chance: random.Random) -> bytes:
    """The object of one page gone, with the tree of pages as it was; where it can't be found, all that follows it."""
    pages = list(re.finditer(rb"/Type\s*/Page(?![a-zA-Z])", data))
    if not pages:
        return zero_sectors(data, chance)
    match = chance.choice(pages)
    start = data.rfind(b" obj", 0, match.start())
    end = data.find(b"endobj", match.end())
    return data[: start + 4] + b" " * (end - start - 4) + data[end:]


def take_out_page(data: bytes, chance: random.Random) -> bytes:
    """One page taken out by a program that left the file sound."""
    with mupdf.load().open(stream=data, filetype="pdf") as document:
        if document.page_count < 4:
            return data
        document.delete_page(chance.randrange(1, document.page_count - 1))
        return document.tobytes(garbage=1)


Way = Callable[[bytes, random.Random], bytes]
WAYS: tuple[Way, ...] = (
    zero_sectors,
    overwrite_sectors,
    flip_bytes,
    cut_stream,
    cut_file,
    remove_piece,
    remove_page,
    take_out_page,
)


# ------------------------------------------------------------ what was lost, and what is said


def lost_pages(before: tuple[Words, ...], after: tuple[Words, ...]) -> dict[int, int]:
    """The pages (from 1, as the sound file counts them) that lost words, with how many: each is compared with the page
    that holds most of it. Words that only stand joined to others there, as at the ends of lines, are not lost."""
    letters = ["".join(words) for words in after]
    lost = {}
    for place, words in enumerate(before):
        missing = [
            [word for word in words - other if word not in text] for other, text in zip(after, letters, strict=True)
        ]
        least = min((len(gone) for gone in missing), default=len(words))
        if least > MOST_LOST:
            lost[place + 1] = least
    return lost


def named_pages(said: str) -> set[int]:
    """The pages that a notice names."""
    found: set[int] = set()
    for match in re.finditer(r"[Pp]ages? ((?:\d+(?:-\d+)?(?:, | and )?)+)", said):
        for first, last in re.findall(r"(\d+)(?:-(\d+))?", match[1]):
            found.update(range(int(first), int(last or first) + 1))
    return found


def one(folder: Path, papers: list[Paper], chance: random.Random) -> tuple[str, str, str]:
    """One round: (way of damage, what came of it, what was lost and said)."""
    paper, way = chance.choice(papers), chance.choice(WAYS)
    return way.__name__, *judge(folder, paper, way, chance)


def judge(folder: Path, paper: Paper, way: Way, chance: random.Random) -> tuple[str, str]:
    """(what came of one damage, what was lost and said)."""
    data = way(paper.data, chance)
    (file := folder / paper.name).write_bytes(data)
    document = reader.read(file)
    what = f"{paper.name}, {len(document.pages)} of {len(paper.pages)} pages"
    if document.problem:
        return "refused", what
    lost = lost_pages(paper.pages, words_by_page(document))
    said = document.notice
    what = f"{what}, lost {lost}, said {said!r}"
    if not lost:
        return "nothing lost, a notice" if said else "nothing lost", what
    if not said:
        return "SILENT", what
    present = {number for number in lost if number <= len(document.pages)}
    if len(document.pages) == len(paper.pages) and not present <= named_pages(said):
        return "NOT ALL NAMED", what
    if len(document.pages) < len(paper.pages) and "missing" not in said:
        return "NOT SAID TO BE MISSING", what
    return "named", what


def run(number: int, seed: int, processes: int = 2) -> tuple[rounds.Counts, list[str]]:
    """(how often each way came to what, the rounds that went wrong)."""
    return rounds.run("tests.torture.lost_pages", number, seed, GOOD, PATIENCE, processes)


if __name__ == "__main__":
    sys.exit(rounds.report(run, sys.argv[1:]))
