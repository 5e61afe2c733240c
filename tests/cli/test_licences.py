"""``leads-local licences``: the table, its JSON, the SBOM, and the exit code where a licence is doubtful."""

from __future__ import annotations

import json
import re

import pytest

from leads_local.cli.__main__ import main
from leads_local.inventory import packages


def test_the_table_names_each_part_with_version_licence_and_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["licences"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for part in packages.list_parts():
        [line] = [one for one in lines if re.match(rf"  {re.escape(part.name)} +", one) and part.purpose in one]
        assert part.licence in line and part.version in line


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["licences", "--dev", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"name", "version", "licence", "purpose", "role", "compatible"} <= set(told[0])
    assert "pytest" in [one["name"] for one in told if one["role"] == "development"]


def test_as_sbom(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["licences", "--sbom"]) == 0
    assert json.loads(capsys.readouterr().out)["bomFormat"] == "CycloneDX"


@pytest.mark.parametrize("licence", ["not stated", "LicenseRef-Commercial"])
def test_a_doubtful_licence_is_named(
    licence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = packages._licence_of
    monkeypatch.setattr(
        packages, "_licence_of", lambda name, ours="": licence if name == "click" else known(name, ours)
    )
    assert main(["licences"]) == 1
    told = capsys.readouterr().err
    assert "click" in told and licence in told and told.count("LOOK") == 1
