"""What a conversion has finished so far, beside the file that it is writing: one line for each whole tensor.

The first line says which conversion it is; a journal of another one, or one that can't be read, is an empty one. A line
holds the place where a tensor ends and the SHA-256 of the file up to there, so that whoever goes on can tell what is
really on the disk.
"""

from __future__ import annotations

from pathlib import Path

from . import disk


class Journal:
    """``identity`` names the conversion: its header, its sources, and whatever else its bytes depend on."""

    def __init__(self, path: Path, identity: str) -> None:
        self.path = path
        self._identity = identity

    def read(self) -> list[tuple[int, str]]:
        """(end in bytes, SHA-256 of everything before it) of each finished tensor, in order."""
        try:
            lines = self.path.read_text(encoding="ascii").split("\n")
        except (OSError, ValueError):
            return []
        if lines[0] != self._identity:
            return []
        found: list[tuple[int, str]] = []
        for line in lines[1:-1]:  # what follows the last line break was not written whole
            end, _, digest = line.partition(" ")
            if not end.isdecimal() or len(end) > 18 or int(end) <= (found[-1][0] if found else 0):
                break
            found.append((int(end), digest))
        return found

    def keep(self, count: int) -> None:
        """Start the journal with its first ``count`` lines, which were found to be true."""
        lines = [self._identity, *(f"{end} {digest}" for end, digest in self.read()[:count])]
        with disk.whole_file(self.path) as file:  # whoever is stopped here has the one or the other
            file.write(("\n".join(lines) + "\n").encode("ascii"))

    def add(self, end: int, digest: str) -> None:
        with self.path.open("ab") as file:
            file.write(f"{end} {digest}\n".encode("ascii"))

    def remove(self) -> None:
        disk.remove(self.path)
        disk.remove(self.path.with_name(self.path.name + ".new"))
