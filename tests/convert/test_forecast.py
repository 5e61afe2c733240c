"""Forecasts: sizes are those of the files that are then made, and the choice follows the machine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from convert import convert
from convert.command_line import main
from convert.errors import ConvertError
from convert.forecast import (
    CORE_SECONDS,
    TYPES_BEST_FIRST,
    Forecast,
    TypeForecast,
    best_fitting_type,
    choose_type,
    forecast,
)
from convert.recipes import RECIPES
from convert.tensor_types import TENSOR_TYPES


def test_sizes_are_those_of_the_files(tmp_path: Path, small: Path) -> None:
    sizes = {row.name: row.size for row in forecast(small, 4096).rows}
    for name in ("F32", "Q8_0", "Q4_K_M", "Q2_K", "Q5_0"):
        assert convert(small, name, tmp_path / "made.gguf").path.stat().st_size == sizes[name]


def test_every_type_is_forecast_and_more_context_takes_more_memory(small: Path) -> None:
    short, long = forecast(small, 1024), forecast(small, 10**6)
    assert [row.name for row in short.rows] == list(RECIPES) and CORE_SECONDS.keys() == TENSOR_TYPES.keys()
    assert long.context == 32768 and all(
        a.memory < b.memory and a.size == b.size for a, b in zip(short.rows, long.rows, strict=True)
    )
    cache = 2 * 2 * 2 * 64 * 2 * (32768 - 1024)
    assert all(b.memory - a.memory == cache for a, b in zip(short.rows, long.rows, strict=True))


def seven_billion(memory: int, disk: int = 10**12) -> Forecast:
    sizes = {"Q6_K": 5.95, "Q5_K_M": 5.14, "Q4_K_M": 4.37, "Q4_K_S": 4.14, "Q3_K_M": 3.52, "Q3_K_S": 3.16, "Q2_K": 2.72}
    rows = tuple(
        TypeForecast(name, int(size * 1e9), int(size * 1e9 + 1.3e9), 1.0, False, "") for name, size in sizes.items()
    )
    return Forecast(rows, 8192, memory, disk)


@pytest.mark.parametrize(
    ("memory", "expected"), [(64, "Q6_K"), (16, "Q6_K"), (10, "Q5_K_M"), (8.2, "Q4_K_M"), (7, "Q3_K_M"), (5.8, "Q2_K")]
)
def test_the_best_that_fits_is_picked(memory: float, expected: str) -> None:
    name, reason = best_fitting_type(seven_billion(int(memory * 1e9)))
    assert name == expected and f"{memory:.2f} GB may be used" in reason


def test_a_full_disk_makes_it_smaller() -> None:
    assert best_fitting_type(seven_billion(64 * 10**9, 4_500_000_000))[0] == "Q4_K_M"


def test_what_was_begun_is_gone_on_with_whatever_the_disk_has_now() -> None:
    def begun(disk: int) -> Forecast:
        found = seven_billion(64 * 10**9, disk)
        return replace(found, rows=tuple(replace(r, unfinished=(r.name == "Q4_K_M") * 2 * 10**9) for r in found.rows))

    assert best_fitting_type(begun(10**12))[0] == "Q4_K_M"
    assert best_fitting_type(begun(2_500_000_000))[0] == "Q4_K_M"  # its own part is what takes the room
    assert best_fitting_type(begun(2_800_000_000))[0] == "Q4_K_M"


def test_auto_goes_on_from_what_it_began(small: Path, tmp_path: Path) -> None:
    (tmp_path / "small-Q3_K_S.gguf.part").write_bytes(bytes(100))
    assert choose_type(small, tmp_path)[0] == "Q3_K_S"
    assert choose_type(small, tmp_path, fresh=True)[0] == "Q6_K"


def test_what_fits_nowhere_is_refused_with_the_arithmetic() -> None:
    with pytest.raises(ConvertError, match=r"Even Q2_K needs 4\.02 GB of memory and 2\.72 GB of disk; 2\.80 GB and"):
        best_fitting_type(seven_billion(4 * 10**9))


def test_plan_prints_what_auto_takes(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(small), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["auto"] in TYPES_BEST_FIRST and [row["name"] for row in found["types"]] == list(RECIPES)
    assert main(["plan", str(small)]) == 0
    shown = capsys.readouterr()
    assert [line.split()[0] for line in shown.out.splitlines() if "*" in line] == [
        found["auto"]
    ] and "may be used" in shown.err


def test_auto_is_what_plan_says(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(small), "--quant", "auto", "--quiet", "--out", str(tmp_path)]) == 0
    assert f"small-{choose_type(small, tmp_path)[0]}.gguf" in capsys.readouterr().out


def test_plan_refuses_what_the_conversion_would(
    tmp_path: Path, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(tmp_path)]) == 2 and "config.json" in capsys.readouterr().err
    assert (
        main(["plan", str(small), "--out", str(tmp_path / "none" / "x.gguf")]) == 2
        and "no such folder" in capsys.readouterr().err
    )
