"""Repairs of single characters that PDF fonts damage: ligatures, odd spaces, symbols in private code points, spacing
accents.

Only damage is undone. Compatibility normalisation as a whole is never applied to a paper's text: it would turn ``m²``
into ``m2`` and ``10⁹`` into ``109``, which are other numbers.
"""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "ft", 0xFB06: "st"}
_SPACES = dict.fromkeys([0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_NOTHING: dict[int, str | None] = dict.fromkeys([0x00, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF], None)
# What MuPDF gives for a glyph whose meaning no table of the font tells: something is printed there.
_UNKNOWN = dict.fromkeys([*range(0x01, 0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)], "\ufffd")
_DASHES = {0x2010: "-", 0x2011: "-"}

# Fonts with the encoding of Adobe's Symbol often reach Unicode only as U+F000 plus the code.
_SYMBOL = (
    {
        0xF020: " ",
        0xF02B: "+",
        0xF02D: "−",
        0xF03C: "<",
        0xF03D: "=",
        0xF03E: ">",
        0xF061: "α",
        0xF062: "β",
        0xF063: "χ",
        0xF064: "δ",
    }
    | {
        0xF065: "ε",
        0xF067: "γ",
        0xF068: "η",
        0xF06B: "κ",
        0xF06C: "λ",
        0xF06D: "μ",
        0xF070: "π",
        0xF071: "θ",
        0xF072: "ρ",
        0xF073: "σ",
    }
    | {
        0xF074: "τ",
        0xF077: "ω",
        0xF044: "Δ",
        0xF0A3: "≤",
        0xF0B0: "°",
        0xF0B1: "±",
        0xF0B3: "≥",
        0xF0B4: "×",
        0xF0B7: "•",
        0xF0B9: "≠",
    }
    | {
        0xF0BB: "≈",
        0xF0D7: "·",
        0xF0A7: "•",
        0xF0AE: "→",
        0xF0AD: "↑",
        0xF0AF: "↓",
        0xF0A8: "•",
        0xF0FC: "✓",
        0xF0D2: "®",
        0xF0E2: "®",
    }
)
_MATHEMATICAL = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in range(0x1D400, 0x1D800)
    if unicodedata.name(chr(code), "")
}
_REPAIRS: dict[int, str | None] = {
    **_NOTHING,
    **_UNKNOWN,
    **_LIGATURES,
    **_SPACES,
    **_DASHES,
    **_SYMBOL,
    **_MATHEMATICAL,
}
_REPAIRABLE = re.compile("[" + "".join(re.escape(chr(code)) for code in _REPAIRS) + "]")

_SPACING_ACCENTS = {
    "¨": "\u0308",
    "´": "\u0301",
    "`": "\u0300",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "¸": "\u0327",
    "˚": "\u030a",
    "ˇ": "\u030c",
}
_ACCENTED = re.compile("([" + "".join(_SPACING_ACCENTS) + "])([A-Za-zı])|([A-Za-z])([¨´ˆ¸ˇ])(?=[A-Za-z])")

_BULLET = re.compile("^\ufffd(?=[A-Z][a-z]{3})")  # in front of a sentence's first word; "�g" would be a unit
_LATIN = re.compile(r"[A-Za-z]+")
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_NUMBER = re.compile(r"[<>=±~≤≥+-]*\d[\d.,:;/%±()–−-]*")
_AROUND = "()[]{}.,;:!?\"'“”‘’*†‡•|"
REPLACEMENT_CHARACTER = "\ufffd"  # what the reader gives where a font says no character


def repair_characters(text: str) -> str:
    """``text`` with its damaged characters repaired. Soft hyphens stay, since they say where a line was broken."""
    if text.isascii() and text.isprintable():
        return text
    text = _BULLET.sub("• ", text)
    text = _REPAIRABLE.sub(lambda match: _REPAIRS[ord(match[0])] or "", text)
    if _ACCENTED.search(text):
        text = _ACCENTED.sub(_compose_accent, text)
    return unicodedata.normalize("NFC", text)


def _compose_accent(match: re.Match[str]) -> str:
    accent, letter = (match[1], match[2]) if match[1] else (match[4], match[3])
    whole = unicodedata.normalize("NFC", ("i" if letter == "ı" else letter) + _SPACING_ACCENTS[accent])
    return whole if len(whole) == 1 else match[0]


def is_gibberish(text: str) -> bool:
    """Whether most of a text of some length is no words, as when a font's letters are mapped to other characters.

    Numbers are words here. A word in Latin letters needs a vowel from four letters on; words of other scripts are taken
    as they are.
    """
    tokens = text.split()
    if not tokens:
        return False
    long = [t for t in _LATIN.findall(text) if len(t) >= 4]
    voiceless = sum(1 for word in long if not _VOWEL.search(word))
    if len(long) >= 5 and voiceless > 0.5 * len(long):
        return True
    words, enough = 0, 0.3 * len(tokens)
    for token in tokens:
        words += _is_word(token)
        if words >= enough:
            return False
    return True


def _is_word(token: str) -> bool:
    kept = token.strip(_AROUND)
    if kept.isalpha():
        return True
    return bool(kept) and (sum(c.isalpha() for c in kept) >= 0.6 * len(kept) or _NUMBER.fullmatch(kept) is not None)


def is_unreadable(char: str) -> bool:
    """Whether a character carries no meaning: unmapped, private or control."""
    return char == REPLACEMENT_CHARACTER or unicodedata.category(char) in {"Co", "Cn", "Cc", "Cs"}


def count_unreadable(text: str) -> int:
    """How many signs of a text have no meaning that could be read."""
    return 0 if text.isascii() else sum(text.count(c) for c in set(text) if not c.isascii() and is_unreadable(c))


def unreadable_share(text: str) -> float:
    """The share of the visible characters of ``text`` that carry no meaning: unmapped, private or control
    characters."""
    visible = sum(map(len, text.split()))
    bad = sum(text.count(c) for c in set(text) if not c.isspace() and is_unreadable(c))
    return bad / visible if visible else 0.0
