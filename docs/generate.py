"""Write the pages of ``docs/reference`` from the program itself: ``python -m docs.generate``.

``tests/test_docs.py`` compares the pages with what this program would write, so they can't grow old.
"""

from __future__ import annotations

import ast
import re
import sqlite3
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

from leads_local.records import Question
from leads_local.review import earlier_schema, schema
from leads_local.review.review import Review

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
MADE_BY = "<!-- Made by: python -m docs.generate -->\n"
_SEQUENCES = "sqlite_"


def write_pages() -> None:
    """Replace every page of ``docs/reference``."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in make_pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


def make_pages() -> dict[str, str]:
    """The text of each page, by its file name."""
    pages = {"review-file.md": describe_review_file(), "python-api.md": describe_api(), "house.md": describe_house()}
    return {name: MADE_BY + text for name, text in pages.items()}


def describe_review_file() -> str:
    """What stands in a review file: its tables as a new review has them, and what each of them refuses."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.leads"
        Review.create(path, Question(population="adults")).close()
        file = sqlite3.connect(path)
        try:
            return "\n".join([*_describe_head(file), *_describe_tables(file)])
        finally:
            file.close()


def _describe_head(file: sqlite3.Connection) -> Iterator[str]:
    (version,) = file.execute("PRAGMA user_version").fetchone()
    yield "# The review file\n"
    known = f"`application_id` {schema.APPLICATION_ID:#x}, `user_version` {version}"
    yield f"An SQLite file ({known}); any program can read it."
    yield "Write to it with `leads-local` only: a file that another program has changed is told by its seals.\n"
    yield f"{(schema.__doc__ or '').strip()}\n"


def _describe_tables(file: sqlite3.Connection) -> Iterator[str]:
    comments = _read_comments()
    tables = file.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    for table, sql in tables:
        if table.startswith(_SEQUENCES):
            continue
        yield f"## {table}\n"
        if table in comments:
            yield f"{comments[table]}\n"
        yield from _describe_columns(file, table, sql)
        refusals = _list_refusals(file, table)
        if refusals:
            yield f"\nThe file refuses: {'; '.join(refusals)}."
        yield ""


def _describe_columns(file: sqlite3.Connection, table: str, sql: str) -> Iterator[str]:
    targets = {row[3]: row[2] for row in file.execute(f"PRAGMA foreign_key_list({table})")}
    yield "| column | type | | |\n| --- | --- | --- | --- |"
    for _, name, kind, needed, default, key in file.execute(f"PRAGMA table_info({table})"):
        allowed = re.search(rf"\b{name} IN \(([^)]+)\)", sql)
        said = [
            "key" if key else "",
            "" if needed or key else "may be missing",
            f"else {default}" if default is not None else "",
            f"of {targets[name]}" if name in targets else "",
        ]
        values = allowed[1] if allowed else ""
        yield f"| {name} | {kind.lower()} | {', '.join(filter(None, said))} | {values} |"


def _list_refusals(file: sqlite3.Connection, table: str) -> list[str]:
    """What the triggers of a table answer to those whom they refuse, each once."""
    found = file.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? ORDER BY name", [table])
    said = [text for (sql,) in found for text in re.findall(r"RAISE\(ABORT, '([^']+)'\)", sql)]
    return list(dict.fromkeys(said))


def _read_comments() -> dict[str, str]:
    """What the schema says above a table, by the table's name; the newest counts."""
    source = "".join(Path(module.__file__ or "").read_text(encoding="utf-8") for module in (earlier_schema, schema))
    found = re.findall(r'((?:^ *# .*\n)+) *"""CREATE TABLE (\w+)', source, re.MULTILINE)
    return {table: " ".join(line.strip(" #") for line in comment.splitlines()) for comment, table in found}


def describe_api() -> str:
    """The public functions of ``leads_local.api``, read from its source so that every Python writes them alike."""
    module = ast.parse((ROOT / "leads_local" / "api.py").read_text(encoding="utf-8"))
    parts = ["# The Python API\n", f"`leads_local.api`: {_lay_out(ast.get_docstring(module) or '')}\n"]
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            parts.append(_describe_function(node))
    return "\n".join(parts)


def _describe_function(node: ast.FunctionDef) -> str:
    gives = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    call = f"{node.name}({ast.unparse(node.args)}){gives}"
    if len(call) > 100:
        call = call.replace("(", "(\n    ", 1).replace(f"){gives}", f",\n){gives}")
        call = re.sub(r", (?=\w+: |\*)", ",\n    ", call)
    said = ast.get_docstring(node) or ""
    return f"## {node.name}\n\n```python\n{call}\n```\n\n{said}\n"


def _lay_out(docstring: str) -> str:
    """A docstring as Markdown: what is indented in it is code."""
    blocks = docstring.split("\n\n")
    first, *lines = blocks[0].split("\n")
    return "\n\n".join([" ".join([first, *lines]), *(_fence(block) for block in blocks[1:])])


def _fence(block: str) -> str:
    return f"```python\n{textwrap.dedent(block)}\n```" if block.startswith("    ") else block


def describe_house() -> str:
    """Every room and module of the product with the first sentence of its docstring."""
    files = [file for package in ("leads_local", "convert") for file in (ROOT / package).rglob("*.py")]
    rooms = [_describe_room(folder) for folder in sorted({file.parent for file in files})]
    head = "# The house, room by room\n\nHow the rooms stand to each other is drawn in CONTRIBUTING.md.\n"
    return "\n".join([head, *rooms])


def _describe_room(folder: Path) -> str:
    files = sorted(file for file in folder.glob("*.py") if file.name != "__init__.py")
    lines = [f"## `{folder.relative_to(ROOT).as_posix()}/`", "", _first_sentence(folder / "__init__.py"), ""]
    return "\n".join([*lines, *(f"- `{file.name}`: {_first_sentence(file)}" for file in files), ""])


def _first_sentence(file: Path) -> str:
    text = " ".join((ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n\n")[0].split())
    return re.split(r"(?<=[.!?]) (?=[A-Z`])", text)[0]


if __name__ == "__main__":
    write_pages()
