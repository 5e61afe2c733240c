"""What is on the disk is compared with what was written: any damaged byte is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert import convert
from convert.checkpoint import open_checkpoint
from convert.conversion_plan import ConversionPlan, make_plan
from convert.errors import ConvertError
from convert.recipes import RECIPES
from convert.verify import check_written


@pytest.fixture
def made(tmp_path: Path, small: Path) -> tuple[Path, ConversionPlan, str]:
    result = convert(small, "Q8_0", tmp_path / "made.gguf")
    with open_checkpoint(small) as checkpoint:
        return result.path, make_plan(checkpoint, RECIPES["Q8_0"]), result.entry.sha256


def test_a_good_file_passes(made: tuple[Path, ConversionPlan, str]) -> None:
    check_written(*made)


@pytest.mark.parametrize("place", [0.01, 0.5, 0.99])
def test_one_changed_bit_is_found(made: tuple[Path, ConversionPlan, str], place: float) -> None:
    path, plan, digest = made
    data = bytearray(path.read_bytes())
    data[int(len(data) * place)] ^= 1
    path.write_bytes(data)
    with pytest.raises(ConvertError):
        check_written(path, plan, digest)


def test_a_shorter_or_longer_file_is_found(made: tuple[Path, ConversionPlan, str]) -> None:
    path, plan, digest = made
    data = path.read_bytes()
    for wrong in (data[:-32], data + bytes(32)):
        path.write_bytes(wrong)
        with pytest.raises(ConvertError):
            check_written(path, plan, digest)


def test_another_models_file_is_found(made: tuple[Path, ConversionPlan, str], small: Path) -> None:
    path, _, digest = made
    with open_checkpoint(small) as checkpoint, pytest.raises(ConvertError):
        check_written(path, make_plan(checkpoint, RECIPES["Q6_K"]), digest)
