"""The parts as a bill of materials in CycloneDX 1.6 (JSON), for programs that compare versions with lists of known
faults.

Made by ourselves, since it is one small document and the library for it brings a dozen packages. The same parts give
the same document but for its time: the serial number follows from the content.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from leads_local.inventory import packages
from leads_local.inventory.packages import PYTHON, SELF, Part, Role

HASHES_PROPERTY = "leads-local:hashes"


def make_document(parts: Sequence[Part]) -> dict[str, Any]:
    """``parts`` as a CycloneDX document. What is inside a part stands inside it there; files of ours have their
    hashes."""
    [program] = [part for part in parts if part.name == SELF]
    outer = [part for part in parts if part is not program and (not part.within or part.role is Role.OURS)]
    content = {
        "components": [_component(part, parts) for part in outer],
        "dependencies": [
            {"ref": part.name, "dependsOn": sorted(_dependencies(part, outer))}
            for part in (program, *outer)
            if part.role is not Role.INSIDE
        ],
    }
    head = {
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "lifecycles": [{"phase": "operations"}],
        "component": _component(program, ()),
    }
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([head["component"], content], sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": head,
        **content,
    }


def _dependencies(part: Part, outer: Sequence[Part]) -> set[str]:
    """What a part asks for; the program needs Python and what is its own besides."""
    if part.name != SELF:
        return set(part.needs)
    return {*part.needs, PYTHON, *(one.name for one in outer if one.role is Role.OURS)}


def _component(part: Part, parts: Sequence[Part]) -> dict[str, Any]:
    """One component, with what is inside it among ``parts``."""
    inner = [_component(one, ()) for one in parts if one.role is Role.INSIDE and one.within == part.name]
    own = part.role is Role.OURS and part.name != SELF
    inner += [
        _file_component(place, sha256) for place, sha256 in (packages.own_files(part.name) if own else {}).items()
    ]
    made: dict[str, Any] = {
        "type": _component_type(part),
        "bom-ref": f"{part.within}/{part.name}" if part.role is Role.INSIDE else part.name,
        "name": part.name,
        "description": part.purpose,
        "scope": "excluded" if part.role in (Role.BUILD, Role.DEVELOP) else "required",
    }
    if part.version:
        made |= {"version": part.version, "purl": _package_url(part)}
    if part.stated:
        made["licenses"] = [{"expression": part.licence}]
    if part.hashes:
        made["hashes"] = [{"alg": "SHA-256", "content": one} for one in part.hashes]
        made["properties"] = [
            {"name": HASHES_PROPERTY, "value": "one for each file of this version that set-up accepts"}
        ]
    if inner:
        made["components"] = inner
    return made


def _component_type(part: Part) -> str:
    if part.name == SELF:
        return "application"
    if part.role is Role.OURS:
        return "machine-learning-model" if "model" in part.name else "data"
    return "platform" if part.name == PYTHON else "library"


def _package_url(part: Part) -> str:
    kind = "pypi" if not part.within and part.name != PYTHON else "generic"
    return f"pkg:{kind}/{quote(part.name.lower() if kind == 'pypi' else part.name)}@{quote(part.version)}"


def _file_component(place: str, sha256: str) -> dict[str, Any]:
    return {"type": "file", "bom-ref": place, "name": place, "hashes": [{"alg": "SHA-256", "content": sha256}]}
