"""What stands in ``docs``: generated pages are what the program says of itself today, and links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import generate, wheels
from leads_local import api

ROOT = Path(__file__).resolve().parents[1]
PAGES = generate.make_pages()
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    page = generate.FOLDER / name
    assert page.read_text(encoding="utf-8") == PAGES[name], "run: make docs"


def test_no_generated_page_is_left_over() -> None:
    assert {page.name for page in generate.FOLDER.iterdir()} == {*PAGES, wheels.PAGE.name}  # tests/test_wheels.py


def test_every_public_function_is_described() -> None:
    public = [name for name, thing in vars(api).items() if callable(thing) and thing.__module__ == api.__name__]
    named = re.findall(r"^## (\w+)$", PAGES["python-api.md"], re.MULTILINE)
    assert sorted(named) == sorted(name for name in public if not name.startswith("_"))


def test_the_tables_are_described_with_what_they_refuse() -> None:
    page = PAGES["review-file.md"]
    assert {"review", "decision", "decision_history", "reply", "seal"} <= set(
        re.findall(r"^## (\w+)$", page, re.MULTILINE)
    )
    assert "'include', 'exclude', 'maybe'" in page and "decision_history is never deleted" in page


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_decisions_are_numbered_and_at_most_a_page_long() -> None:
    found = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in found] == list(range(1, len(found) + 1))
    for page in found:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(page.name[:4])}. ") and len(text.splitlines()) <= 60
        assert "Status: " in text and "## Decision" in text and "## Consequences" in text
