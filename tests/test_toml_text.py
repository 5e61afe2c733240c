"""TOML as editors save it; what would take for ever is refused at once."""

from __future__ import annotations

import time

import pytest

from leads_local.toml_text import table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_read_over(encoding: str) -> None:
    assert table("a = 'é'\r\n".encode(encoding)) == {"a": "é"}


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
        (b"a" * 1_000_001, "1,000,001 bytes"),
        (b"a = x", "line 1"),
    ],
)
def test_what_can_t_be_read_has_a_reason(data: bytes, said: str) -> None:
    begun = time.monotonic()
    with pytest.raises(ValueError, match=said):
        table(data)
    assert time.monotonic() - begun < 5


def test_a_text_may_have_many_full_stops() -> None:
    assert table(f"a = '{'...' * 100} {'a. b. ' * 20}{'x' * 9000}'".encode())["a"].startswith("...")
