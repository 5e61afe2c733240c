"""Texts from papers, exports, file names and manifests as they may be put on a terminal: every visible character shown,
none obeyed.

A terminal obeys control characters: an escape sequence in a title could clear the screen or write to the clipboard. It
also obeys what Unicode has for the direction of writing, with which a file's name can be made to read as another.
Whatever comes from outside passes here before it is drawn or echoed. What is taken out has no width and no look of its
own; what would be obeyed leaves a sign in its place. A byte of a file name that is no Unicode is shown by its number,
as ``\\xe9``, so that two such names can be told apart. Markup needs no care here: nothing in this program parses markup
in a text that it did not write.
"""

from __future__ import annotations

import json
import re
from typing import Any

_CONTROL_PICTURES = 0x2400
_DELETE_PICTURE = "␡"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# C0 (but tab and line feed), DEL, C1, lone surrogates, which can't be written to any terminal, the two Unicode line
# breaks, and the embeddings, overrides and isolates that turn the direction of what follows
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Format characters (category Cf) that show nothing, and the rest of the block of tags. Signs of that category that are
# seen, such as Arabic's number sign, are not among them.
_HIDDEN = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
# Joiners change letters of the scripts that have them, from Arabic to Mongolian; anywhere else they only make two texts
# look like one.
_JOINED = "[\u0600-\u18ff\ua800-\uabff\ufb50-\ufefc\U00010a00-\U00011fff\U0001e900-\U0001e95f]"
_NOTHING_TO_SEE = re.compile(f"[{_HIDDEN}]|[\u200c\u200d](?!{_JOINED})|(?<!{_JOINED})[\u200c\u200d]")
_OBEYED_IN_JSON = re.compile(f"[\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\u200c\u200d{_HIDDEN}]")


def _control_picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    if code == 0x7F:
        return _DELETE_PICTURE
    if 0xDC80 <= code <= 0xDCFF:  # as os.fsdecode has it
        return f"\\x{code - 0xDC00:02x}"
    return " " if code in (0x2028, 0x2029) else _REPLACEMENT


def _make_visible(text: str) -> str:
    return text if text.isascii() else _NOTHING_TO_SEE.sub("", text)


def safe_block(text: str) -> str:
    """``text`` with its line breaks, safe to draw: control characters become the pictures that Unicode has for them."""
    return _UNSAFE.sub(_control_picture, _make_visible(text).replace("\r\n", "\n").replace("\r", "\n")).expandtabs(4)


def safe_line(text: str) -> str:
    """``text`` on one line, safe to draw: every run of white space becomes one space."""
    return _UNSAFE.sub(_control_picture, " ".join(_make_visible(text).split()))


def safe_json(value: Any, *, ascii_only: bool = False) -> str:
    """``value`` as JSON that says exactly the same and may be echoed: what a terminal would obey is written as ``\\u``
    and its number; with ``ascii_only`` every character that is not ASCII is."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=2, default=str)
    return _OBEYED_IN_JSON.sub(lambda match: json.dumps(match.group())[1:-1], text)
