"""The report: one page that is whole, harmless whatever papers and people wrote, and usable without a mouse or eyes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pymupdf
import pytest

from leads_local.app import exporting
from leads_local.errors import InputError
from leads_local.export import report
from leads_local.records import Choice, Stage
from leads_local.review.prisma import flow_lines
from leads_local.review.review import Review
from tests.export import real_papers

VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Every element with its attributes, checked to be closed in order, and all text by the element that it is in."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self.open:
            self.texts.setdefault(tag, []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag: str) -> str:
        return "".join(self.texts.get(tag, []))


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    with real_papers.make(tmp_path) as made:
        yield made


@pytest.fixture
def page(review: Review, tmp_path: Path) -> Page:
    done = exporting.export(review, tmp_path / "out", report=True)
    assert tmp_path / "out" / "report.html" in done.files
    return Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))


def test_nothing_is_fetched_and_nothing_runs(page: Page) -> None:
    assert {tag for tag, _ in page.elements} <= {
        *("html", "head", "meta", "title", "style", "body", "a", "header", "nav", "main", "section", "h1", "h2", "h3"),
        *(
            "p",
            "ul",
            "li",
            "dl",
            "dt",
            "dd",
            "div",
            "table",
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "bdi",
            "br",
        ),
        *("small", "span", "figure", "figcaption", "img", "blockquote"),
    }
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcset", "action")]
        for name in ("href", "src"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png;base64,"))
    assert "url(" not in page.text("style") and "@import" not in page.text("style")


def test_the_policy_lets_nothing_in_but_the_page_itself(page: Page) -> None:
    (policy,) = (one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy")
    said = base64.b64encode(hashlib.sha256(page.text("style").encode()).digest()).decode()
    assert (
        policy == f"default-src 'none'; img-src data:; style-src 'sha256-{said}'; base-uri 'none'; form-action 'none'"
    )


def test_texts_from_elsewhere_are_shown_as_they_are(page: Page) -> None:
    shown = page.text("bdi")
    assert '<script>alert("x")</script> \ufffdبحث␀ & "aspirin"' in shown, "the title and a value"
    assert "randomised & <i>blind</i>" in shown and "Aspirin <b>" in page.text("h1")
    assert "\x00" not in page.text("html") and "\u202e" not in page.text("html")


def test_every_value_has_its_row_its_state_and_its_place(page: Page, review: Review) -> None:
    values = [stored for head in review.included()[1] for stored in review.values(head)]
    anchors = {attributes["id"] for _, attributes in page.elements if attributes.get("id")}
    assert {f"value-{one.id}" for one in values} == {one for one in anchors if str(one).startswith("value-")}
    assert len(anchors) == len([1 for _, attributes in page.elements if attributes.get("id")])
    assert {str(one["href"]).removeprefix("#") for one in page.all("a")} <= anchors
    table = page.text("table")
    for said in (
        "84",
        "proposed",
        "accepted by Ann, ",
        "corrected by Ann, ",
        "−12.5",
        "Model: 12.5",
        "rejected by Ben, ",
    ):
        assert said in table
    assert "the model's words were not found in the paper" in table
    assert "No value was extracted from it." in table and "Rats" not in table
    assert len(page.all("figure")) == 3, "two values share one place"


def test_each_picture_shows_its_place_and_says_what_it_shows(page: Page) -> None:
    pictures = page.all("img")
    assert len(pictures) == 3
    for one, sentence in zip(pictures, real_papers.SENTENCES, strict=True):
        assert one["alt"] == f"Page 1 of paper one.pdf, with these lines marked: {sentence}"
        drawn = pymupdf.Pixmap(base64.b64decode(str(one["src"]).partition(",")[2]))
        assert (str(drawn.width), str(drawn.height)) == (one["width"], one["height"])
        assert drawn.height < 200, "only what lies around the place"
        yellow = sum(r > 240 and g > 210 and b < 150 for r, g, b in zip(*[iter(drawn.samples)] * 3, strict=True))
        assert yellow > 0.03 * drawn.width * drawn.height


def test_it_can_be_used_with_a_keyboard_and_a_screen_reader(page: Page) -> None:
    tags = [tag for tag, _ in page.elements]
    assert page.all("html") == [{"lang": "en"}] and tags.count("h1") == tags.count("main") == tags.count("title") == 1
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))
    assert all(one.get("scope") for one in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    scrolled = [one for one in page.all("div") if one.get("class") == "scroll"]
    assert scrolled and all(
        one["tabindex"] == "0" and one["role"] == "region" and one["aria-label"] for one in scrolled
    )
    sections = page.all("section")
    assert len(sections) == tags.count("h2") == 5
    assert "@media print" in page.text("style")


def test_it_tells_how_the_review_was_made(page: Page, review: Review) -> None:
    text = page.text("main")
    for line in flow_lines(review.counts()):
        assert f"{line.label}{line.number:,}" in page.text("table")
    assert "Design" in page.text("dt") and "adults with pain" in page.text("dd")
    assert "No language model was asked anything." in text and "The protocol was not locked." in text


def test_what_could_not_be_drawn_is_said_on_the_page_and_to_who_exports(review: Review, tmp_path: Path) -> None:
    (tmp_path / "paper one.pdf").unlink()
    done = exporting.export(review, tmp_path / "out", report=True)
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert not page.all("img") and page.text("figure").count("No picture: there is no such file.") == 3
    assert "report.html: no picture of 3 of the places: paper one.pdf: there is no such file." in done.remarks
    assert exporting.describe_export(done).failed


def test_what_of_a_paper_could_not_be_read_is_beside_its_values(review: Review, tmp_path: Path) -> None:
    with review.db.transaction():
        review.db.write("UPDATE document SET notice = 'Page 2 of 3 is <damaged>.'")
    exporting.export(review, tmp_path / "out", report=True, annotated=True)
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert "paper one.pdf: Page 2 of 3 is <damaged>." in page.text("tbody")
    assert "No PDF is attached to it." in page.text("tbody")
    listed = (tmp_path / "out" / "annotated" / "README.txt").read_text(encoding="utf-8")
    assert "    Page 2 of 3 is <damaged>." in listed
    with pymupdf.open(tmp_path / "out" / "annotated" / "1 paper one.pdf") as pdf:
        first = pdf[0]
        assert any("Page 2 of 3 is <damaged>." in one.info["content"] for one in first.annots())


def test_values_of_what_is_not_included_are_named(review: Review, tmp_path: Path) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE)
    exporting.export(review, tmp_path / "out", report=True)
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert "have values all the same, which evidence.csv has: 1." in page.text("p")


def test_pictures_have_a_limit_that_is_said(review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_MOST_BYTES", 5_000)
    done = exporting.export(review, tmp_path / "out", report=True)
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    left = 3 - len(page.all("img"))
    assert 0 < left < 3
    assert any(f"report.html: no picture of {left} of the places: with it" in one for one in done.remarks)
    assert any(one.startswith("report.html: ") and " kB, " in one for one in done.remarks)


def test_a_page_of_somebody_elses_is_not_replaced(review: Review, tmp_path: Path) -> None:
    exporting.export(review, tmp_path / "out", report=True)
    exporting.export(review, tmp_path / "out", report=True)
    (tmp_path / "out" / "report.html").write_text("<p>mine")
    with pytest.raises(InputError, match="is no report that an export has written"):
        exporting.export(review, tmp_path / "out", report=True)
    assert (tmp_path / "out" / "report.html").read_text() == "<p>mine"


def test_a_review_without_papers_has_a_report(tmp_path: Path) -> None:
    with real_papers.make(tmp_path) as review:
        for record in (1, 2):
            review.decide(record, Stage.ABSTRACT, Choice.EXCLUDE)
        exporting.export(review, tmp_path / "out", report=True)
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert "No report is included yet." in page.text("main") and "No value has a place in a paper." in page.text("main")
