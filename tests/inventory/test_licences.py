"""A licence is what a package states, where that has one meaning; AND asks for all, OR for one."""

from __future__ import annotations

from email.message import Message

import pytest

from leads_local.inventory.licences import is_compatible, stated_licence


@pytest.mark.parametrize(
    ("told", "licence"),
    [
        ({"License-Expression": "MIT OR Zlib", "License": "BSD"}, "MIT OR Zlib"),
        ({"License": "Apache 2.0"}, "Apache-2.0"),
        ({"License": "MIT License\n\nCopyright (c) 2020 Somebody"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        (
            {"License": "see file", "Classifier": "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)"},
            "MPL-2.0",
        ),
        ({"License": "BSD", "Classifier": "License :: OSI Approved :: BSD License"}, "not stated"),
        ({"License": "Copyright (c) 2020 Somebody"}, "not stated"),
        ({"Classifier": "Programming Language :: Python"}, "not stated"),
        ({}, "not stated"),
    ],
)
def test_what_is_stated(told: dict[str, str], licence: str) -> None:
    message = Message()
    for name, value in told.items():
        message[name] = value
    assert stated_licence(message) == licence


def test_two_licences_without_a_word_between_them_are_not_understood() -> None:
    message = Message()
    for name in ("MIT License", "Apache Software License"):
        message["Classifier"] = f"License :: OSI Approved :: {name}"
    assert stated_licence(message) == "not stated"


@pytest.mark.parametrize(
    ("expression", "goes"),
    [
        ("MIT", True),
        ("AGPL-3.0-only OR LicenseRef-Commercial", True),
        ("MPL-2.0 AND MIT", True),
        ("MIT AND LicenseRef-Commercial", False),
        ("LicenseRef-Commercial OR MIT AND Zlib", True),
        ("GPL-2.0-only", False),
        ("(MIT OR Zlib) AND LicenseRef-Commercial", False),
        ("not stated", False),
        ("", False),
    ],
)
def test_what_goes_with_ours(expression: str, goes: bool) -> None:
    assert is_compatible(expression) is goes
