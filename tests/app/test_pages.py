"""A page of a paper with its values marked: which page, what is on it, and the picture of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from leads_local.app import pages
from leads_local.cli.__main__ import main
from leads_local.errors import InputError
from leads_local.review.review import Review
from tests.export import real_papers


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    with real_papers.make(tmp_path) as made:
        yield made


def test_a_page_has_the_values_that_stand_on_it_in_their_colours(review: Review) -> None:
    page = pages.find_page(review, 1)
    assert (page.name, page.number, page.pages, page.width) == ("paper one.pdf", 1, 1, 500)
    assert [one.value.item for one in page.values] == ["Sample size", "Adults", "Pain", "Sleep"]
    assert len(page.marks) == len({colour for _, colour in page.marks}) == 4
    assert pages.find_page(review, 1, 0, page.values[2].id) == page


def test_what_is_not_there_is_said(review: Review) -> None:
    funding = next(one.id for one in review.values(1) if one.value.item == "Funding")
    for wanted, said in (
        ((1, 2), "paper one.pdf has no page 2. It has pages 1 to 1."),
        ((2, 0), "no PDF is attached to it"),
        ((1, 0, 999), "Record 1 has no value 999"),
        ((1, 0, funding), "has no place in a paper: the model's words were not found in the paper"),
    ):
        with pytest.raises(InputError, match=said):
            pages.find_page(review, *wanted)


def test_the_command_draws_a_page_and_says_what_is_marked(
    review: Review, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    value = str(review.values(1)[2].id)
    assert main(["show", str(review.path), "1", "--value", value, "--reviewer", "Ann"]) == 0
    said = capsys.readouterr().out
    assert "paper one.pdf, page 1 of 1, drawn into r record 1 page 1.png." in said
    assert "Pain: −12.5 (corrected by Ann, " in said
    drawn = pymupdf.Pixmap(str(tmp_path / "r record 1 page 1.png"))
    assert (drawn.width, drawn.height) == (1000, 1400)
    box, colour = next((box, colour) for box, colour in pages.find_page(review, 1).marks if colour == (0.65, 0.84, 1.0))
    inside = [drawn.pixel(x, int(box.y0 + box.y1)) for x in range(int(2 * box.x0), int(2 * box.x1))]
    blue = tuple(round(255 * part) for part in colour)
    assert sum(all(abs(a - b) < 12 for a, b in zip(pixel, blue, strict=True)) for pixel in inside) > len(inside) // 2
    assert main(["show", str(review.path), "1", "--page", "1"]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--to", "x.png"], "Say which page"),
        (["--page", "0"], "Pages are counted from 1"),
        (["--page", "7"], "has no page 7"),
    ],
)
def test_options_that_make_no_sense_are_said(
    review: Review, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    assert main(["show", str(review.path), "1", *more]) == 2
    assert said in capsys.readouterr().err


def test_a_page_is_data_for_programs(
    review: Review, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "draw", lambda page: pages.PagePicture(b"png", 1, 1))
    to = str(tmp_path / "page.png")
    assert main(["show", str(review.path), "1", "--page", "1", "--to", to, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["path"] == to and (told["file"], told["page"], len(told["values"])) == ("paper one.pdf", 1, 4)
