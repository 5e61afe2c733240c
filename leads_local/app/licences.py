"""What this program is made of, for a person to read: each part with version, licence and purpose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leads_local.inventory import licences as rules
from leads_local.inventory.packages import Part, Role

ROLE_HEADINGS = {
    Role.OURS: "Ours",
    Role.RUN: "Needed at run time",
    Role.INSIDE: "Compiled or held inside these",
    Role.BUILD: "Needed to build",
    Role.DEVELOP: "For developers",
}


def find_doubtful(parts: Sequence[Part]) -> list[Part]:
    """Those that state no licence, or one that is not known to go with ours."""
    return [part for part in parts if part.role is not Role.INSIDE and not rules.is_compatible(part.licence)]


def doubt_in_words(part: Part) -> str:
    return (
        f"LOOK: {part.name} {part.version} has the licence {part.licence!r}, of which is not known that it goes with "
        "ours."
    )


def table_lines(parts: Sequence[Part]) -> Iterator[str]:
    """A block for each role; columns as wide as they must be."""
    for role, heading in ROLE_HEADINGS.items():
        rows = [_row(part) for part in parts if part.role is role]
        if rows:
            name, version, licence = (min(max(len(row[column]) for row in rows), 40) for column in range(3))
            yield ""
            yield heading
            yield from (f"  {row[0]:{name}}  {row[1]:{version}}  {row[2]:{licence}}  {row[3]}" for row in rows)


def _row(part: Part) -> tuple[str, str, str, str]:
    within = f" [in {part.within}]" if part.within else ""
    return part.name, part.version or "-", part.licence, part.purpose + within
