"""What three screens look like, cell by cell and colour by colour, in a narrow and a wide terminal.

A change that is meant is written down anew with ``LEADS_RENEW=1 .venv/bin/pytest tests/tui/test_snapshots.py``; look at
the difference that git shows before committing it. What a failed test has seen lies in its temporary folder as an SVG.
"""

from __future__ import annotations

import ast
import html
import os
import re
import shutil
from itertools import zip_longest
from pathlib import Path

import pytest
from textual.color import Color
from textual.screen import ModalScreen
from textual.widget import Widget

from leads_local.jobs import model_jobs
from leads_local.records import Stage
from leads_local.review.review import Review
from leads_local.tasks import prompts
from leads_local.tui.app import LeadsApp
from leads_local.tui.screens.pick import PickItem, PickOne
from tests.fake_engine import FakeEngine
from tests.tui.conftest import CELL, NARROW, SIZES, WIDE, Opened, app_of, shown, whole

FOLDER = Path(__file__).parent / "snapshots"
PACKAGE = Path(__file__).parents[2] / "leads_local" / "tui"
_NAMED_KEYS = {"?": "question_mark", "!": "exclamation_mark"}
ROW = 24.4  # the height of a cell in Textual's SVG
_TEXT = re.compile(r'<text class="[^"]*?-(r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>(.*?)</text>')
_RECT = re.compile(r'<rect fill="(#[0-9a-f]{6})" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"')
_CLASS = re.compile(r"\.[\w-]+-(r\d+) \{ (.*?) \}")


def runs(svg: str) -> list[tuple[int, int, int, str, str]]:
    """Row, first cell, number of cells, style and text of each run; the text of a run of background is ""."""
    styles = {
        name: " ".join(rule.replace("fill: ", "").replace(";", " ").split()) for name, rule in _CLASS.findall(svg)
    }
    found = [
        (round((float(y) - 20) / ROW), round(float(x) / CELL), round(float(width) / CELL), styles[name], text)
        for name, x, y, width, text in _TEXT.findall(svg)
    ]
    return found + [
        (round((float(y) - 1.5) / ROW), round(float(x) / CELL), round(float(width) / CELL), f"on {colour}", "")
        for colour, x, y, width in _RECT.findall(svg)
    ]


def picture(app: LeadsApp) -> str:
    """The screen as text, then each row's runs of one style: where they begin, how many cells they have."""
    svg = app.export_screenshot()
    rows: dict[int, list[str]] = {}
    for row, start, cells, style, text in sorted(runs(svg)):
        if not text or html.unescape(text).strip("\xa0 "):
            rows.setdefault(row, []).append(f"{start}+{cells} {style}")
    lines = [f"{row}: {' | '.join(found)}" for row, found in sorted(rows.items())]
    return "\n".join([*(line.rstrip() for line in shown(app).splitlines()), "", *lines, ""])


@pytest.fixture
def screened_path(extracted_path: Path) -> Path:
    """With the judgements of a model, too."""
    with Review.open(extracted_path) as review:
        assert list(model_jobs.screen(review, FakeEngine(), Stage.ABSTRACT, prompts.load("default")))
    return extracted_path


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
@pytest.mark.parametrize(
    ("name", "keys"), [("overview", []), ("screening", ["2", "j", "j", "j"]), ("extraction", ["3", "a", "j", "r"])]
)
async def test_a_screen_looks_as_it_did(
    opened: Opened, screened_path: Path, tmp_path: Path, size: tuple[int, int], name: str, keys: list[str]
) -> None:
    path = Path(shutil.move(screened_path, tmp_path / "sleep.leads"))
    file = FOLDER / f"{name}-{size[0]}x{size[1]}.txt"
    async with opened(size=size, path=path) as pilot:
        await pilot.press(*keys)
        await whole(pilot)
        assert isinstance(pilot.app, LeadsApp)
        now = picture(pilot.app)
        (tmp_path / f"{file.stem}.svg").write_text(pilot.app.export_screenshot(), encoding="utf-8")
    if os.environ.get("LEADS_RENEW"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(now, encoding="utf-8")
    pairs = zip_longest(file.read_text(encoding="utf-8").splitlines(), now.splitlines())
    assert not [pair for pair in pairs if pair[0] != pair[1]], f"the picture is in {tmp_path / file.stem}.svg"


def test_the_style_sheet_names_classes_that_exist() -> None:
    """A class that was renamed loses its rule without a word: dialogs stood in the corner once."""
    names, waiting = {"Widget"}, [Widget]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            names.add(cls.__name__)
            waiting.append(cls)
    sheet = re.sub(r"/\*.*?\*/|\{.*?\}", "", (PACKAGE / "leads.tcss").read_text(encoding="utf-8"), flags=re.DOTALL)
    named = set(re.findall(r"(?<![\w.#-])[A-Z]\w+", sheet))
    assert {"Screen", "Dialog"} <= named <= names, named - names


async def test_a_dialog_stands_in_the_middle(opened: Opened, extracted_path: Path) -> None:
    async with opened(size=WIDE, path=extracted_path) as pilot:
        for keys in ("k", "i", "c", "?", "o", "oh", "m", "w", "2e", "2f", "2!", "3e"):
            await pilot.press("1", *(_NAMED_KEYS.get(key, key) for key in keys))
            await whole(pilot)
            box = pilot.app.screen.query_one(".dialog").region
            assert abs(box.x - (WIDE[0] - box.right)) <= 1 and abs(box.y - (WIDE[1] - box.bottom)) <= 1, keys
            while isinstance(pilot.app.screen, ModalScreen):
                await pilot.press("escape")
                await whole(pilot)


async def test_choices_stay_in_sight_below_a_long_explanation(opened: Opened) -> None:
    async with opened(size=NARROW) as pilot:
        told = "\n".join(f"Line {number} of what is to be known." for number in range(40))
        pilot.app.push_screen(PickOne("Which?", [PickItem(key, f"Answer {key}", key) for key in "abcd"], "", told))
        await whole(pilot)
        assert "Answer d" in shown(app_of(pilot)) and "PgDn reads on." in shown(app_of(pilot))
        await pilot.press("pagedown", "pagedown", "pagedown", "pagedown", "pagedown")
        await whole(pilot)
        assert "Line 39 of" in shown(app_of(pilot))


def test_no_answer_is_cut_where_the_terminal_is_narrow() -> None:
    room = NARROW[0] - 17  # beside the frame of the dialog and the key
    for file in (PACKAGE / "screens").glob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "PickItem":
                words = call.args[1]
                assert not isinstance(words, ast.Constant) or len(words.value) <= room, words.value


# ---------------------------------------------------------------- quieter, and still to be read


def contrast(colour: str, ground: str) -> float:
    """As WCAG 2 has it, from 1 to 21."""

    def light(text: str) -> float:
        parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in Color.parse(text).normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    lights = sorted([light(colour), light(ground)])
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def contrasts(app: LeadsApp, words: str) -> set[float]:
    """Of each place where ``words`` stand."""
    found = runs(app.export_screenshot())
    grounds = [(row, start, cells, style.removeprefix("on ")) for row, start, cells, style, text in found if not text]
    return {
        contrast(style.split()[0], ground)
        for row, start, _, style, text in found
        if words in html.unescape(text).replace("\xa0", " ")
        for ground_row, first, cells, ground in grounds
        if row == ground_row and first <= start < first + cells
    }


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize(
    ("keys", "muted", "body"),
    [
        ([], "Duplicate records removed", "Sleep quality"),
        (["2", "j", "j", "j"], "Journal of Made-up Sleep", "We randomised"),
        (["3"], "Model: ", "Design"),
        (["2"], "Overview", "Screening"),
    ],
)
async def test_muted_text_is_quieter_than_the_body_and_readable(
    opened: Opened, screened_path: Path, theme: str, keys: list[str], muted: str, body: str
) -> None:
    async with opened(size=WIDE, path=screened_path) as pilot:
        assert isinstance(pilot.app, LeadsApp)
        pilot.app.theme = theme
        await pilot.press(*keys)
        await whole(pilot)
        quiet, loud = contrasts(pilot.app, muted), contrasts(pilot.app, body)
        assert quiet and loud
        assert 4.5 <= max(quiet) < min(loud), (quiet, loud)


def test_no_style_of_ours_is_the_one_that_comes_out_white() -> None:
    """A percentage in a variable's value is dropped from a Content's style."""
    for file in PACKAGE.rglob("*.py"):
        code = re.sub(r"(?m)^\s*#.*", "", file.read_text(encoding="utf-8"))
        assert not re.search(r"\$(text|text-muted|text-disabled)[\"'; ]", code), file.name
