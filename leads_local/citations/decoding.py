"""From the bytes of an export to its text, without ever losing a byte of it.

Invariant: decoding never fails and never drops a character; what had to be guessed is said in a Problem without ``raw``
(a notice). Line ends come out as ``\\n`` only; other separators that Unicode calls line breaks stay what they are, so
that line numbers agree with those of an editor.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from leads_local.records import ReadProblem

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding=[\"']([A-Za-z0-9._-]{1,40})[\"']")
# What Python's names of character sets begin with. It has other codecs, which obey what a text holds or take for ever.
_CHARACTER_SETS = (
    *("ascii", "utf-8", "iso8859", "iso2022", "cp", "mac", "koi8", "kz1048"),
    *("big5", "gb", "hz", "euc", "shift_jis", "johab", "tis"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, what it was encoded as, and notices about what was guessed."""

    text: str
    encoding: str
    problems: tuple[ReadProblem, ...] = ()


def _decode_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are no UTF-8 as Windows-1252, and its five unassigned bytes as the control characters they
    are elsewhere."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    raw = error.object[error.start : error.end]
    return "".join(bytes([b]).decode("cp1252", errors="ignore") or chr(b) for b in raw), error.end


codecs.register_error("leads_local.western", _decode_as_cp1252)


def _guess_utf16(data: bytes) -> str:
    """UTF-16 without a byte order mark shows as zeros in every second byte of plain text."""
    sample = data[:2000]
    if len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * len(sample[1::2]) and even * 10 < odd:
        return "utf-16-le"
    if even > 0.4 * len(sample[0::2]) and odd * 10 < even:
        return "utf-16-be"
    return ""


def _declared_encoding(data: bytes) -> tuple[str, str]:
    """The encoding that an XML declaration names, as Python calls it ("" where that is of no use), and as it is written
    there."""
    match = _XML_DECLARATION.match(data)
    if not match:
        return "", ""
    written = match.group(1).decode("ascii")
    try:
        name = codecs.lookup(written).name
    except LookupError:
        return "", written
    return (name if name.startswith(_CHARACTER_SETS) else ""), written


def _add_unknown_encoding_notice(decoded: Decoded, written: str) -> Decoded:
    """Say that what the file declares was of no use."""
    notice = (
        f"The file says that it is encoded as {written}, which is not known here; it was read as "
        f"{decoded.encoding.upper()}."
    )
    return replace(decoded, problems=(ReadProblem(notice, 1), *decoded.problems))


def _undecodable_notice(text: str, encoding: str) -> tuple[ReadProblem, ...]:
    if "\ufffd" not in text:
        return ()
    line = text.count("\n", 0, text.index("\ufffd")) + 1
    return (
        ReadProblem(
            f"Some bytes are no {encoding.upper()} and show as \ufffd; export the file again as UTF-8 if it matters.",
            line,
        ),
    )


def unify_line_ends(text: str) -> str:
    """The text with ``\\n`` as its only line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _decode_as(data: bytes, encoding: str) -> Decoded:
    text = unify_line_ends(data.decode(encoding, errors="replace"))
    return Decoded(text, encoding, _undecodable_notice(text, encoding))


def _decode_utf8(data: bytes) -> Decoded:
    """UTF-8, else UTF-8 with the bytes that are none read as Windows-1252, which also is what a pure Windows-1252 file
    needs."""
    try:
        return Decoded(unify_line_ends(data.decode("utf-8")), "utf-8")
    except UnicodeDecodeError as error:
        first = error.start
    text = data.decode("utf-8", errors="leads_local.western")
    line = len(re.findall(rb"\r\n|\r|\n", data[:first])) + 1
    if not data.decode("utf-8", errors="ignore").isascii():
        notice = (
            "The file is UTF-8, but some bytes are not; those were read as Windows-1252 (Western European). Check the "
            "accents."
        )
        return Decoded(unify_line_ends(text), "utf-8 with cp1252", (ReadProblem(notice, line),))
    notice = (
        "The file is not UTF-8; it was read as Windows-1252 (Western European). If the accents are wrong, export "
        "it as UTF-8."
    )
    return Decoded(unify_line_ends(text), "cp1252", (ReadProblem(notice, line),))


def is_plain_utf8(start: bytes) -> bool:
    """Whether nothing in the first bytes of a file says that it is anything but UTF-8."""
    wide = any(start.startswith(mark) and encoding != "utf-8" for mark, encoding in _BYTE_ORDER_MARKS)
    declared, written = _declared_encoding(start)
    return not (wide or _guess_utf16(start) or (written and declared not in ("utf-8", "ascii")))


def decode(data: bytes) -> Decoded:
    """The text of an export. Looks at byte order marks, an XML declaration and the bytes themselves, in this order."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            rest = data[len(mark) :]
            return _decode_utf8(rest) if encoding == "utf-8" else _decode_as(rest, encoding)
    if wide := _guess_utf16(data):
        return _decode_as(data, wide)
    declared, written = _declared_encoding(data)
    if declared and declared not in ("utf-8", "ascii"):
        return _decode_as(data, declared)
    unknown = written and not declared and not written.lower().replace("_", "-").startswith(("utf-16", "utf-32"))
    return _add_unknown_encoding_notice(_decode_utf8(data), written) if unknown else _decode_utf8(data)
