"""Bytes become text without losing any, and what was guessed is said."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.citations.decoding import decode

WORDS = "TI  - Ménière’s disease – a “trial”\nAU  - Żółć, Ł.\n"
WESTERN = "TI  - Ménière’s disease – a “trial”\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (WORDS.encode(), "utf-8"),
        (codecs.BOM_UTF8 + WORDS.encode(), "utf-8"),
        (WORDS.encode("utf-16"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"), "utf-16-be"),
        (WORDS.encode("utf-16-le"), "utf-16-le"),
        (WORDS.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + WORDS.encode("utf-32-le"), "utf-32-le"),
    ],
)
def test_unicode_is_known_with_and_without_its_mark(data: bytes, encoding: str) -> None:
    decoded = decode(data)
    assert (decoded.text, decoded.encoding, decoded.problems) == (WORDS, encoding, ())


def test_windows_1252_is_read_and_said() -> None:
    decoded = decode(b"TI  - plain\n" + WESTERN.encode("cp1252"))
    assert decoded.text == "TI  - plain\n" + WESTERN
    assert decoded.encoding == "cp1252"
    assert [(p.line, p.raw) for p in decoded.problems] == [(2, "")]
    assert "Windows-1252" in decoded.problems[0].message


def test_utf8_with_a_few_foreign_bytes_keeps_its_accents() -> None:
    decoded = decode(WORDS.encode() + b"N1  - caf\xe9\n")
    assert decoded.text == WORDS + "N1  - café\n"
    assert decoded.encoding == "utf-8 with cp1252"
    assert decoded.problems[0].line == 3


def test_xml_is_read_as_it_declares() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-2"?><a>Żółć</a>'
    assert decode(text.encode("iso-8859-2")).text == text
    assert decode(b'<?xml version="1.0" encoding="no-such"?><a>x</a>').encoding == "utf-8"
    assert decode('<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode()).text.endswith("é</a>")


@pytest.mark.parametrize("name", ["XTF-8", "hex", "unicode_escape", "punycode", "idna", "rot13", "utf-7", "undefined"])
def test_an_encoding_that_is_none_is_said_and_not_tried(name: str) -> None:
    text = f'<?xml version="1.0" encoding="{name}"?><a>caf\u00e9 \\u0041</a>'
    decoded = decode(text.encode())
    assert (decoded.text, decoded.encoding) == (text, "utf-8")
    assert name in decoded.problems[0].message and "was read as UTF-8" in decoded.problems[0].message
    assert decode(b'<?xml version="1.0" encoding="utf-16"?><a>x</a>').problems == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_come_out_as_one(end: str) -> None:
    assert decode(f"a{end}b{end}{end}c".encode()).text == "a\nb\n\nc"


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    decoded = decode(data)
    assert "\r" not in decoded.text
    decoded.text.encode("utf-8", errors="strict")
