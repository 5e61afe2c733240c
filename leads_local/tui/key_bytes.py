"""What is typed and is no UTF-8: a terminal of another encoding, a text pasted from one, noise on a line.

Textual reads keys as strict UTF-8 and ends at the first byte that is not. Here such a byte is a replacement mark, which
means nothing as a key and is seen in a field; the next key is read as usual.
"""

from __future__ import annotations

import codecs
import functools
import os


def tolerate_other_encodings() -> None:
    """From now on, for what Textual reads in this process; on Windows the console gives characters, not bytes."""
    if os.name != "nt":
        from textual.drivers import linux_driver

        linux_driver.getincrementaldecoder = _tolerant  # type: ignore[assignment, attr-defined]


def _tolerant(encoding: str) -> functools.partial[codecs.IncrementalDecoder]:
    return functools.partial(codecs.getincrementaldecoder(encoding), errors="replace")
