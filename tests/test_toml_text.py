"""TOML as editors save it; what would take for ever is refused at once."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from leads_local.toml_text import LARGEST_BYTES, MOST_KEY_PARTS, parse_table, read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_read_over(encoding: str) -> None:
    assert parse_table("a = 'é'\r\n".encode(encoding)) == {"a": "é"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("a = 1".encode("utf-16"), "saved as UTF-16; save it as UTF-8"),
        (b"a = '\xe9'", "utf-8"),
        (b"a = " + b"[" * 100_000, "nested too deep|Invalid"),
        (b"a." * 400_000 + b"a = 1", "more than 50 parts"),
        (b"[" + b"a . " * 100_000 + b"a]", "more than 50 parts"),
        (b"x = {" + b'"a".' * 100_000 + b"a = 1}", "more than 50 parts"),
        (b"a = " + b"9" * 9_000, "digits"),
        (b"a" * 1_000_001, "more than 1,000,000 bytes"),
        (b".".join([b'"a b"'] * 60_000) + b" = 1", "more than 50 parts"),
        (b".".join([b'"\\u0041"'] * 60_000) + b" = 1", "more than 50 parts"),
        (b" . ".join([b'"\\""'] * 60_000) + b" = 1", "more than 50 parts"),
        (b"\t.".join([b"'a\"b'"] * 60_000) + b" = 1", "more than 50 parts"),
        (b".".join([b'""'] * 60_000) + b" = 1", "more than 50 parts"),
        (("[[" + ".".join(['"é!#"'] * 60_000) + "]]").encode(), "more than 50 parts"),
        (b"a = ['''\n\"''', {" + b".".join([b'"a b"'] * 60_000) + b" = 1}]", "more than 50 parts"),
        (b"a = " + b"[" * 2_000 + b"]" * 2_000, "nested too deep"),
        (b"a = " + b"{a = " * 2_000 + b"1" + b"}" * 2_000, "nested too deep"),
        (b"a = x", "line 1"),
    ],
)
def test_what_can_t_be_read_has_a_reason(data: bytes, said: str) -> None:
    begun = time.process_time()
    with pytest.raises(ValueError, match=said):
        parse_table(data)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "part",
    [
        "a",
        ".",
        "a b",
        '"a.',
        '"',
        "'",
        '\\"',
        '"\\"',
        '"""',
        "'''",
        '"""\\"""',
        '""""',
        "'\"",
        "# ",
        '""\n',
        "\\",
        "'''\n'",
        "x = 1.5\n",
        "[" * 9,
        "{a=",
        "é.\n",
    ],
)
def test_what_is_largest_is_read_or_refused_in_time(part: str) -> None:
    text = part * (LARGEST_BYTES // len(part.encode()))
    for data in (text, f"a = {text}"[: len(text) - 9]):
        used = time.process_time()
        with contextlib.suppress(ValueError):
            parse_table(data.encode())
        assert time.process_time() - used < 5


@pytest.mark.parametrize("text", ['"""{}"""', "'''{}'''", '"{}"', "'{}'", '"""\n"\\"" {} """""', "1 # {}"])
def test_texts_and_comments_are_no_keys(text: str) -> None:
    assert parse_table(f"[b.c.d]\na = {text.format('a . b.' * 50)}\ne.f = 1".encode())["b"]["c"]["d"]["e"] == {"f": 1}


def test_a_key_may_have_parts() -> None:
    for parts in (['"a b"'] * MOST_KEY_PARTS, ["a"] * MOST_KEY_PARTS):
        parse_table(f"{'.'.join(parts)} = 1\n{'.'.join(parts[:-1])}.z = 1.5".encode())


def test_a_file_is_not_read_further_than_it_may_go(tmp_path: Path) -> None:
    file = tmp_path / "large.toml"
    with file.open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(ValueError, match="more than 1,000,000 bytes"):
        read(file)


def test_a_text_may_have_many_full_stops() -> None:
    assert parse_table(f"a = '{'...' * 100} {'a. b. ' * 20}{'x' * 9000}'".encode())["a"].startswith("...")
