"""What a spreadsheet would run is known whatever stands before it; results of trials are no formulas."""

from __future__ import annotations

import csv
import io
import re
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leads_local.spreadsheet_cells import (
    csv_line,
    guard_formulas,
    is_figures,
    make_printable,
    part_would_run,
    would_run,
)

RESULTS = [
    *("-2.1", "+0.4", "-3.5", "-12 %", "-1,234.5", "-.5", "-2.1e-5", "-2,1", "-0·5", "+1", "-5%"),
    *(
        "-2.1 (-3.0 to -1.2)",
        "-2.1 (-3.0, -1.2)",
        "-2.1 (-3.0; -1.2)",
        "-2.1 [-3.0, -1.2]",
        "+0.4 [0.1; 0.9]",
        "-0.5±0.2",
        "-0.5 ± 0.2",
    ),
    *(
        "-3 to 5",
        "-3 to -5",
        "-3–5",
        "-2.1 (95% CI -3.0 to -1.2)",
        "-2.1 (95% CI: -3.0 to -1.2)",
        "-2.1 (95 % CI, −3.0 to −1.2)",
    ),
    *(
        "-2.1 (SD 0.4)",
        "-2.1 (0.4)",
        "-2.1, p<0.001",
        "-2.1 (p = 0.03)",
        "-2.1 (-3.0 to -1.2); P ≤ 0.05",
        "-2.1 (n = 20)",
        "-2.1*",
        "-2.1, -3.4",
    ),
    *(
        "-2.1 (-3.0 to -1.2), p=0.04; -1.1 (-2.0 to -0.2), p=0.01",
        " -2.1",
        "-2.1 (-3.0–-1.2)",
        "-2.1, -3.4",
        "-2*, p<0.05",
    ),
    *(
        "-2.1 mmHg",
        "-5 mmHg (-8 to -2)",
        "-0.3 points (95% CI -1 to 2)",
        "-0.3 points lower (95 % CI: -1; 2), p = 0.04",
        "+2 kg/m2",
        "-1 °C",
    ),
    *(
        "-5 mL/min/m² (SD 3)",
        "-2.1 (95%CI -3 to -1)",
        "-2.1 [95%CI: -3, -1]",
        "-2.1 (-3 to -1) kg",
        "-2.1; -3.0",
        "-5 mmHg; +3 mmHg",
        "\u00a0-3",
    ),
]
PLAIN = [
    "−2.1",
    "–3 to 5",
    "0.5",
    "12",
    "p<0.05",
    "not reported",
    "(−3 to 5)",
    "",
    " ",
    "'=1",
    "a=b",
    "- "[:0],
    "<0.001",
    "~5",
    "±3",
]
FORMULAS = [
    *(
        "=1+1",
        '=HYPERLINK("http://x","y")',
        "@SUM(A1)",
        "+cmd",
        "-cmd",
        "-2+3",
        "-3-5",
        "-3 -5",
        "+1+2",
        "-1/2",
        "-2*3",
        "-2^3",
        "--5",
    ),
    *(
        "-2+3+cmd|' /C calc'!A0",
        "=cmd|' /C calc'!A0",
        "+A1",
        "-A1",
        "-2 (A1)",
        "-3:5",
        "-2.1 SUM(A1)",
        "-2, N(1)",
        "-2 CI95",
        "-2 n(1)",
    ),
    *(
        "- not reported",
        "-",
        "+",
        "@",
        "=",
        "-omics",
        "-(3)",
        "+/-5",
        "-2E5(A1)",
        "-2&3",
        "-2=3",
        "-2<3",
        "-1=p",
        "-2!3",
    ),
    *(
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "﹦1",
        "-2\n=3",
        "-2.1\t3",
        "-5 = -5",
        "-2 p=",
        "-2 CI:",
        "-2{3}",
        "-2'",
        '-2"',
        "-2|3",
        "-2_3",
        "-²",
    ),
    *(
        "-2mmHg",
        "-2 kg(3)",
        "-2 kg -3",
        "-2 kg:3",
        "-2 kg2",
        "-2 M3",
        "-2 kg!A",
        "-2 cmd|' /C calc'!A0",
        "-2, kg",
        "-2 kg (SUM (3))",
        "-2 kg/A1",
    ),
    *("-2 kg (A1)", "-2 kg=3", "-2 p=; 3", "-2 CI:; 3", "-2%CI1", "-2CI", "-2 a_b", "-2 a.b", "-2 [a]"),
    *("-2!3", "-2* 3", "-2*(3)", "-2* (3)", "-2†3"),
]
HIDDEN = [
    "",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\u00a0",
    "\u200b",
    "\ufeff",
    "\u2060",
    "\x1b",
    "\x00",
    "\x85",
    "\u2003",
    "\u3000",
    "\u202e",
    "\x1f \n\u200b",
]


@pytest.mark.parametrize("text", RESULTS)
def test_results_are_not_run(text: str) -> None:
    assert is_figures(text)
    assert not would_run(text)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_texts_are_not_run(text: str) -> None:
    assert not would_run(text)


@pytest.mark.parametrize("before", HIDDEN, ids=ascii)
@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_run_whatever_stands_before(before: str, text: str) -> None:
    assert would_run(before + text)


@given(st.text(max_size=20) | st.from_regex(r"[-+=@][-+\d.,() \[\];:a-zA-Z!|'\"=<>%&*/^{}]{0,30}", fullmatch=True))
@example("-1A1")
@example("-1e5A")
def test_what_is_let_through_holds_no_name_and_no_calculation(text: str) -> None:
    seen = text.lstrip("".join(c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zs", "Zl", "Zp")))
    if not seen or seen[0] not in "=+-@＝＋－＠﹦﹢﹣﹫":
        assert not would_run(text)
    elif not would_run(text):
        assert seen[0] in "+-" and not set(seen) & set("!|'\"&^{}@\n\t#$\\")
        assert not re.search(r"[\d)\s]/|/[^A-Za-zµμ°Å]|[A-Za-z]\(", seen)
        assert all(re.fullmatch("[eE]|[kcdm]?m|CI|CrI", name) for name in re.findall(r"[A-Za-z]+(?=[-+]?\d)", seen))
        assert not any(part in seen for part in ("+(", "-(", "(A", "=(", "*("))


PIECES = [
    *RESULTS[::7],
    *FORMULAS[::5],
    "A trial",
    "x",
    "'",
    '"',
    '""',
    " ",
    "=1",
    "-2",
    "1+cmd|' /C calc'!A0",
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
]


@given(st.lists(st.sampled_from(PIECES) | st.sampled_from(";\t\n,\"'")).map("".join))
@example("A trial;=cmd|' /C calc'!A0")
@example("A\n=cmd|' /C calc'!A0")
@example('A;"=1;B')
@example("-2.1; -3.0;=1")
def test_no_part_of_a_guarded_text_is_run_and_only_apostrophes_are_added(text: str) -> None:
    kept = guard_formulas(text)
    assert not would_run(kept) and not any(part_would_run(*part) for part in parts_of(kept))
    before, after = re.split(r"([;\t\r\n])", text), re.split(r"([;\t\r\n])", kept)
    assert all(new in (old, f"'{old}") for old, new in zip(before, after, strict=True))
    assert (kept == text) == (not would_run(text) and not any(part_would_run(*part) for part in parts_of(text)))


def parts_of(text: str) -> list[tuple[str, bool]]:
    """The parts behind the first, and whether a tab stands beside each."""
    return [
        (found["part"], text[found.start()] == "\t" or text[found.end() : found.end() + 1] == "\t")
        for found in re.finditer(r"[;\t\r\n](?P<part>[^;\t\r\n]*)", text)
    ]


@pytest.mark.parametrize("text", [*RESULTS, *(f"{one}; {other}" for one in RESULTS for other in RESULTS[::6])])
def test_lists_of_results_stay_as_they_are(text: str) -> None:
    assert guard_formulas(text) == text


@given(st.lists(st.lists(st.sampled_from(PIECES)).map("".join), min_size=2, max_size=6))
@example(["A; -2", "1+cmd|' /C calc'!A0; B"])
@example(['A;"=cmd|x', "=1"])
@example(["", ";-2.1\t"])
@example(["", ";-2.1\t=1"])
@example(["", ";\t-2.1"])
def test_a_row_says_the_same_and_runs_nothing_where_cells_are_parted_at_semicolons(cells: list[str]) -> None:
    line = csv_line(["1", *map(guard_formulas, cells)])
    assert next(csv.reader(io.StringIO(line, newline=""), strict=True)) == ["1", *map(guard_formulas, cells)]
    for row in csv.reader(line.splitlines(), delimiter=";"):
        for cell in row:
            figures, quote, _ = cell.partition(
                '"'
            )  # behind figures a text in quotation marks is no formula, whatever follows
            assert not would_run(cell) or (quote and is_figures(figures)), cell


def test_a_long_text_takes_no_time() -> None:
    for text in (
        "-1" * 50_000,
        "-1 " * 50_000,
        "-1." * 50_000,
        "-1,1" * 50_000,
        "-" * 100_000,
        "-1 (" * 50_000,
        " " * 100_000 + "=",
    ):
        begun = time.process_time()
        would_run(text)
        assert time.process_time() - begun < 2


@given(st.text(st.characters(codec=None)))
def test_what_can_be_held_is_kept(text: str) -> None:
    held = make_printable(text)
    assert len(held) == len(text)
    for before, after in zip(text, held, strict=True):
        if unicodedata.category(before) in ("Cc", "Cs") and before not in "\t\n\r":
            assert after != before and unicodedata.category(after) in ("So", "Cn")
        elif before not in "\ufffe\uffff":
            assert after == before
