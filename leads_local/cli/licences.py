"""The command that says what this program is made of: each part with version, licence and purpose; or all of it as an
SBOM."""

from __future__ import annotations

import dataclasses

import click

from leads_local.cli.arguments import json_option
from leads_local.cli.echo import echo, print_json
from leads_local.errors import ExitCode
from leads_local.inventory import licences as rules
from leads_local.inventory import packages, sbom
from leads_local.inventory.packages import Part, Role

ROLE_HEADINGS = {
    Role.OURS: "Ours",
    Role.RUN: "Needed at run time",
    Role.INSIDE: "Compiled or held inside these",
    Role.BUILD: "Needed to build",
    Role.DEVELOP: "For developers",
}


@click.command()
@click.option("--dev", "develop", is_flag=True, help="Also what only developers install.")
@click.option("--sbom", "as_sbom", is_flag=True, help="Print a bill of materials (CycloneDX 1.6, JSON) instead.")
@json_option
def licences(develop: bool, as_sbom: bool, as_json: bool) -> int:
    """Say what this program is made of: versions, licences, purposes.

    Read from what is installed here. The exit code is 1 where a package states no licence, or one that does not go with
    ours.
    """
    parts = packages.list_parts(develop)
    doubtful = [part for part in parts if part.role is not Role.INSIDE and not rules.is_compatible(part.licence)]
    if as_sbom:
        print_json(sbom.make_document(parts))
    elif as_json:
        print_json([dataclasses.asdict(part) | {"compatible": rules.is_compatible(part.licence)} for part in parts])
    else:
        for role, head in ROLE_HEADINGS.items():
            print_parts(head, [part for part in parts if part.role is role])
    for part in doubtful:
        echo(
            f"LOOK: {part.name} {part.version} has the licence {part.licence!r}, of which is not known that it "
            "goes with ours.",
            err=True,
        )
    return ExitCode.look_if(doubtful)


def print_parts(head: str, parts: list[Part]) -> None:
    """One block of the table; columns as wide as they must be."""
    if not parts:
        return
    rows = [
        (part.name, part.version or "-", part.licence, part.purpose + (f" [in {part.within}]" if part.within else ""))
        for part in parts
    ]
    name, version, licence = (min(max(len(row[column]) for row in rows), 40) for column in range(3))
    echo(f"\n{head}")
    for row in rows:
        echo(f"  {row[0]:{name}}  {row[1]:{version}}  {row[2]:{licence}}  {row[3]}")
