"""Marks lie over the words that they are of, whatever way the page is turned and cut; and the paper itself stays."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pymupdf
import pytest

from leads_local.documents import marking, reader
from leads_local.documents.marks import Bookmark, Mark, PageView
from leads_local.records import Box, QuotePlace
from tests.documents.conftest import Typeset

GREEN = (0.6, 1.0, 0.6)
SENTENCE = "Pain fell by 12 points in the walking group."


def turn(folder: Path, angle: int, cut: bool) -> Path:
    """A page with one sentence among others, turned by the angle, whole or cut."""
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=500, height=700)
        page.insert_text((120, 200), "Adults were randomised to one of two groups.", fontsize=12)
        page.insert_text((120, 300), SENTENCE, fontsize=12)
        page.insert_text((120, 400), "Nobody was harmed by walking in this trial.", fontsize=12)
        if cut:
            page.set_cropbox(pymupdf.Rect(60, 90, 480, 640))
        page.set_rotation(angle)
        pdf.save(folder / "turned.pdf")
    return folder / "turned.pdf"


def place_of(file: Path, words: str) -> tuple[str, QuotePlace]:
    document = reader.read(file)
    (span,) = next(passage.spans for passage in document.passages if words in passage.text)
    return document.sha256, QuotePlace(span.page, span.box)


def is_green(pixel: tuple[int, ...]) -> bool:
    return pixel[1] > 230 and 130 < pixel[0] < 180 and 130 < pixel[2] < 180


def check_marked(picture: pymupdf.Pixmap, box: Box, elsewhere: Box) -> None:
    """In a picture of two pixels a point the box is green with dark letters in it, and what is elsewhere is not."""

    def pixels(found: Box) -> list[tuple[int, ...]]:
        across = range(int(found.x0 * 2) + 2, int(found.x1 * 2) - 2)
        down = range(int(found.y0 * 2) + 2, int(found.y1 * 2) - 2)
        return [picture.pixel(x, y) for x in across for y in down]

    marked = pixels(box)
    assert sum(map(is_green, marked)) > 0.5 * len(marked), "the place is coloured"
    assert sum(max(pixel) < 110 for pixel in marked) > 0.03 * len(marked), "and the words stand in it"
    assert not any(map(is_green, pixels(elsewhere)))


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_the_highlight_lies_over_the_words(tmp_path: Path, angle: int, cut: bool) -> None:
    file, target = turn(tmp_path, angle, cut), tmp_path / "copy.pdf"
    sha256, place = place_of(file, "Pain fell")
    _, other = place_of(file, "Nobody was harmed")
    with pymupdf.open(file) as pdf:
        width = pdf[0].rect.width
    (picture,), problem = marking.take_pictures(file, sha256, [PageView(1, ((place.box, GREEN),), scale=2.0)])
    assert not problem and not picture.problem
    drawn = pymupdf.Pixmap(picture.png)
    assert (drawn.width, drawn.height) == (picture.width, picture.height)
    assert abs(drawn.width - 2 * width) <= 2
    check_marked(drawn, place.box, other.box)
    made = marking.make_copy(
        file, sha256, target, [Mark((place,), GREEN, "note", "Ann", "2026-01-02T03:04:05Z")], [], ""
    )
    assert (made.highlights, made.problem) == (1, "")
    with pymupdf.open(target) as pdf:
        check_marked(pdf[0].get_pixmap(matrix=pymupdf.Matrix(2, 2)), place.box, other.box)


def test_a_picture_can_be_of_what_lies_around_the_place(tmp_path: Path) -> None:
    file = turn(tmp_path, 90, True)
    sha256, place = place_of(file, "Pain fell")
    (picture,), _ = marking.take_pictures(file, sha256, [PageView(1, ((place.box, GREEN),), around=10, scale=2.0)])
    box = place.box
    assert abs(picture.width - 2 * (box.x1 - box.x0 + 20)) <= 3
    assert abs(picture.height - 2 * (box.y1 - box.y0 + 20)) <= 3
    inside = Box(10, 10, 10 + box.x1 - box.x0, 10 + box.y1 - box.y0)
    check_marked(pymupdf.Pixmap(picture.png), inside, Box(0, 0, 36, 5))


@pytest.fixture
def paper(typeset: Typeset) -> Path:
    path = typeset([(72, 100, 11, SENTENCE)], [(72, 100, 11, "Second page.")])
    with pymupdf.open(path) as pdf:
        pdf.set_toc([[1, "Introduction", 1], [2, "Aims", 1], [1, "Results", 2]])
        page = pdf[0]
        page.add_highlight_annot(pymupdf.Rect(72, 90, 90, 104)).set_info(content="a reader's own")
        data = pdf.tobytes()
    path.write_bytes(data)
    return path


def test_a_copy_adds_to_the_paper_and_takes_nothing_from_it(paper: Path, tmp_path: Path) -> None:
    before, target = paper.read_bytes(), tmp_path / "copy.pdf"
    sha256, place = place_of(paper, "Pain fell")
    wanted = [
        Mark(
            (place, QuotePlace(2, Box(72, 90, 200, 104))), GREEN, "Pain: −12 µg\n<b>\x00", "Ann", "2026-01-02T03:04:05Z"
        ),
        Mark((place,), GREEN, "two"),
    ]
    index = [
        Bookmark(1, "Values (1)", 1),
        Bookmark(2, "Pain: −12", 1, 90),
        Bookmark(2, "Sleep", 2),
        Bookmark(1, "More", 2),
    ]
    made = marking.make_copy(paper, sha256, target, wanted, index, "what the colours mean")
    assert (made.highlights, made.problem) == (3, "")
    assert paper.read_bytes() == before and target.read_bytes().startswith(before)
    with pymupdf.open(target) as pdf:
        toc = [entry[:3] for entry in pdf.get_toc()]
        page = pdf[0]
        notes = {one.info["content"]: one.info for one in page.annots()}
        own, first, second, legend = notes
        assert (own, second, legend) == ("a reader's own", "two", "what the colours mean")
        assert first.startswith("Pain: −12 µg\n<b>")
        assert (notes[first]["title"], notes[first]["modDate"]) == ("Ann", "D:20260102030405Z")
        assert notes[second]["modDate"] == ""
    assert toc == [
        [1, "Values (1)", 1],
        [2, "Pain: −12", 1],
        [2, "Sleep", 2],
        [1, "More", 2],
        [1, "Introduction", 1],
        [2, "Aims", 1],
        [1, "Results", 2],
    ]


@pytest.mark.parametrize(
    ("save", "why"),
    [
        ({"user_pw": "secret", "owner_pw": "other"}, "locked with a password"),
        ({"owner_pw": "other", "permissions": pymupdf.PDF_PERM_PRINT}, "does not allow notes"),
        ({"owner_pw": "other", "permissions": pymupdf.PDF_PERM_PRINT | pymupdf.PDF_PERM_ANNOTATE}, ""),
    ],
)
def test_a_protected_paper_is_said(typeset: Typeset, tmp_path: Path, save: dict[str, object], why: str) -> None:
    path = typeset([(72, 100, 11, SENTENCE)], encryption=pymupdf.PDF_ENCRYPT_AES_256, **save)
    sha256, target = hashlib.sha256(path.read_bytes()).hexdigest(), tmp_path / "copy.pdf"
    wanted = [Mark((QuotePlace(1, Box(72, 90, 200, 104)),), GREEN, "note")]
    made = marking.make_copy(path, sha256, target, wanted, [], "")
    assert why in made.problem and bool(made.problem) == bool(why)
    assert target.exists() == (not why)
    pictures, problem = marking.take_pictures(path, sha256, [PageView(1, ())])
    assert bool(pictures) == ("locked" not in why) and ("locked" in problem) == ("locked" in why)


def test_what_is_not_the_paper_that_was_read_is_not_marked(paper: Path, tmp_path: Path) -> None:
    sha256, target = hashlib.sha256(paper.read_bytes()).hexdigest(), tmp_path / "copy.pdf"
    paper.write_bytes(paper.read_bytes() + b"%changed\n")
    assert marking.make_copy(paper, sha256, target, [], [], "").problem == marking.CHANGED
    assert marking.take_pictures(paper, sha256, [PageView(1, ())]) == ([], marking.CHANGED)
    paper.unlink()
    assert marking.make_copy(paper, sha256, target, [], [], "").problem == "there is no such file."
    assert not target.exists()


def test_what_is_no_pdf_and_a_page_that_is_not_there_are_said(paper: Path, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(paper.read_bytes()).hexdigest()
    nowhere = Mark((QuotePlace(9, Box(0, 0, 9, 9)),), GREEN, "")
    assert (
        "no notes could be put into it"
        in marking.make_copy(paper, sha256, tmp_path / "c.pdf", [nowhere], [], "").problem
    )
    (good, bad), problem = marking.take_pictures(paper, sha256, [PageView(1, ()), PageView(9, ())])
    assert good.png and not problem and re.match("page 9 can't be drawn", bad.problem)
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing else")
    digest = hashlib.sha256(broken.read_bytes()).hexdigest()
    assert marking.make_copy(broken, digest, tmp_path / "c.pdf", [nowhere], [], "").problem
    assert not (tmp_path / "c.pdf").exists()


def test_a_picture_of_a_huge_page_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "poster.pdf"
    with pymupdf.open() as pdf:
        pdf.new_page(width=14_000, height=14_000)
        pdf.save(path)
    (picture,), _ = marking.take_pictures(path, hashlib.sha256(path.read_bytes()).hexdigest(), [PageView(1, ())])
    assert 0 < picture.width * picture.height < 4_100_000


def test_an_outline_that_goes_round_in_circles_is_replaced(paper: Path, tmp_path: Path) -> None:
    with pymupdf.open(paper) as pdf:
        root = int(pdf.xref_get_key(pdf.pdf_catalog(), "Outlines")[1].split()[0])
        first = int(pdf.xref_get_key(root, "First")[1].split()[0])
        pdf.xref_set_key(first, "Next", f"{first} 0 R")
        data = pdf.tobytes()
    paper.write_bytes(data)
    target = tmp_path / "copy.pdf"
    made = marking.make_copy(paper, hashlib.sha256(data).hexdigest(), target, [], [Bookmark(1, "Values", 2)], "")
    assert not made.problem
    with pymupdf.open(target) as pdf:
        assert [entry[:3] for entry in pdf.get_toc()] == [[1, "Values", 2]]


def test_a_copy_that_lacks_a_highlight_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in the file is counted, not what was put there."""
    file = turn(tmp_path, 0, False)
    sha256, place = place_of(file, "Pain fell")
    monkeypatch.setattr(marking, "_highlight", lambda *_: 1)
    made = marking.make_copy(file, sha256, tmp_path / "copy.pdf", [Mark((place,), GREEN, "note")], [], "")
    assert "only 0 of 1 highlights" in made.problem and not (tmp_path / "copy.pdf").exists()
