"""The bill of materials has the fields that CycloneDX 1.6 asks for, and every part exactly once."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leads_local.inventory import packages, sbom
from leads_local.inventory.packages import Part, Role

ROOT = Path(__file__).resolve().parents[2]
TYPES = {
    "application",
    "library",
    "platform",
    "file",
    "machine-learning-model",
    "data",
}  # of those that the format knows
FIELDS = {
    "type",
    "bom-ref",
    "name",
    "description",
    "scope",
    "version",
    "purl",
    "licenses",
    "hashes",
    "properties",
    "components",
}


@pytest.fixture(scope="module", params=[False, True], ids=["users", "developers"])
def parts(request: pytest.FixtureRequest) -> list[Part]:
    return packages.list_parts(develop=request.param)


@pytest.fixture(scope="module")
def document(parts: list[Part]) -> dict[str, Any]:
    made = json.loads(json.dumps(sbom.make_document(parts)))
    assert isinstance(made, dict)
    return made


def every(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in components:
        yield one
        yield from every(one.get("components", []))


def test_the_head(document: dict[str, Any]) -> None:
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    assert document["serialNumber"] == f"urn:uuid:{uuid.UUID(document['serialNumber'].removeprefix('urn:uuid:'))}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", document["metadata"]["timestamp"])
    assert document["metadata"]["component"]["name"] == "leads-local"
    assert set(document) == {
        "bomFormat",
        "specVersion",
        "serialNumber",
        "version",
        "metadata",
        "components",
        "dependencies",
    }


def test_each_component_has_what_the_format_asks_for(document: dict[str, Any]) -> None:
    for one in every([document["metadata"]["component"], *document["components"]]):
        assert one["type"] in TYPES and one["name"] and one["bom-ref"]
        assert set(one) <= FIELDS
        assert one.get("scope", "required") in ("required", "optional", "excluded")
        assert re.fullmatch(r"pkg:(pypi|generic)/[\w.%+-]+@[\w.%+-]+", one.get("purl", "pkg:generic/none@0"))
        assert all(set(licence) == {"expression"} for licence in one.get("licenses", ()))
        assert len(one.get("licenses", ())) <= 1, "the format takes one expression"
        for sha in one.get("hashes", ()):
            assert sha["alg"] == "SHA-256" and re.fullmatch(r"[0-9a-f]{64}", sha["content"])


def test_every_part_stands_in_it_once(document: dict[str, Any], parts: list[Part]) -> None:
    found = list(every([document["metadata"]["component"], *document["components"]]))
    references = [one["bom-ref"] for one in found]
    assert len(set(references)) == len(references)
    assert sorted(one["name"] for one in found if one["type"] != "file") == sorted(part.name for part in parts)
    for part in parts:
        [one] = [one for one in found if one["name"] == part.name]
        assert one.get("version", "") == part.version
        assert [licence["expression"] for licence in one.get("licenses", ())] == ([part.licence] if part.stated else [])
        assert one["scope"] == ("excluded" if part.role in (Role.BUILD, Role.DEVELOP) else "required")


def test_what_is_inside_a_package_stands_inside_it(document: dict[str, Any]) -> None:
    [pymupdf] = [one for one in document["components"] if one["name"] == "pymupdf"]
    assert "MuPDF" in [one["name"] for one in pymupdf["components"]]
    assert pymupdf["hashes"], "set-up knows the hashes of its files"


def test_dependencies_name_components(document: dict[str, Any]) -> None:
    known = {one["bom-ref"] for one in [document["metadata"]["component"], *document["components"]]}
    listed = [one["ref"] for one in document["dependencies"]]
    assert sorted(listed) == sorted(known), "each once"
    for one in document["dependencies"]:
        assert set(one["dependsOn"]) <= known and len(set(one["dependsOn"])) == len(one["dependsOn"])
    [ours] = [one["dependsOn"] for one in document["dependencies"] if one["ref"] == "leads-local"]
    assert {"Python", "pymupdf", "llama-cpp-python", "demo model"} <= set(ours)


def test_the_demo_model_is_in_it_file_by_file(document: dict[str, Any]) -> None:
    [model] = [one for one in document["components"] if one["type"] == "machine-learning-model"]
    hashes = {one["name"]: one["hashes"][0]["content"] for one in model["components"]}
    assert "models/demo/model.safetensors" in hashes
    for place, known in hashes.items():
        assert known == hashlib.sha256((ROOT / place).read_bytes()).hexdigest()


def test_the_same_parts_have_the_same_number_and_others_another(parts: list[Part]) -> None:
    number = sbom.make_document(parts)["serialNumber"]
    assert sbom.make_document(parts)["serialNumber"] == number
    assert sbom.make_document(parts[:-1])["serialNumber"] != number


def test_no_address_of_a_registry_stands_in_it(document: dict[str, Any]) -> None:
    assert "://" not in json.dumps(document)
