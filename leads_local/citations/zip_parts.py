"""What a ZIP file says that it holds, and each part of it unpacked, without letting a small file become a large one."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib

from leads_local import files
from leads_local.errors import InputError

MOST_UNPACKED = 1_000_000_000  # bytes
_MOST_RATIO = 500  # of a part; exports are a tenth of their size when packed, workbooks a thirtieth
_ALWAYS_FINE = 10_000_000  # bytes unpacked
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError)
_ENCRYPTED = 0x1
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways of packing that are unpacked piece by piece; of bzip2 and LZMA some bytes can become gigabytes in one piece."""


def open_parts(data: bytes, name: str) -> zipfile.ZipFile:
    """The ZIP file with the parts that it lists. Raises InputError where it is none, or would unpack to too much."""
    try:
        found = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN as error:
        raise InputError(
            f"{name} is a damaged ZIP file ({error}).", "Copy or export it again, or unpack it by hand."
        ) from error
    total = sum(part.file_size for part in found.infolist())
    if total > MOST_UNPACKED:
        raise _too_large(name, total)
    for part in found.infolist():
        if part.file_size > _ALWAYS_FINE and part.file_size > _MOST_RATIO * max(part.compress_size, 1):
            raise _too_large(name, total)
    return found


def unpack(parts: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> bytes:
    """The bytes of one part, ``name`` for messages. Raises InputError where it is encrypted, damaged, packed in
    an unusual way, or not of the size that it says it has: no more than that is ever unpacked."""
    if part.flag_bits & _ENCRYPTED:
        raise InputError(f"{name} needs a password.", "Unpack it and import the file itself.")
    if part.compress_type not in _BOUNDED:
        raise InputError(
            f"{name} is packed in another way than ZIP files usually are.", "Unpack it and import the file itself."
        )
    try:
        return parts.read(part)
    except (*_BROKEN, RuntimeError) as error:
        raise InputError(
            f"{name} can't be unpacked: {error}.", "Unpack it with another program and import the file itself."
        ) from error


def _too_large(name: str, size: int) -> InputError:
    return InputError(
        f"{name} unpacks to {files.size_in_words(size)} or more, far more than an export holds; it was not unpacked.",
        "If it is what you meant, unpack it by hand and import its files.",
    )
