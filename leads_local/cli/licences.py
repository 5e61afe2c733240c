"""The command that says what this program is made of: each part with version, licence and purpose; or all of it as an
SBOM."""

from __future__ import annotations

import dataclasses

import click

from leads_local.app.licences import doubt_in_words, find_doubtful, table_lines
from leads_local.cli.arguments import json_option
from leads_local.cli.echo import echo, print_json
from leads_local.errors import ExitCode
from leads_local.inventory import licences as rules
from leads_local.inventory import packages, sbom


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
    doubtful = find_doubtful(parts)
    if as_sbom:
        print_json(sbom.make_document(parts))
    elif as_json:
        print_json([dataclasses.asdict(part) | {"compatible": rules.is_compatible(part.licence)} for part in parts])
    else:
        for line in table_lines(parts):
            echo(line)
    for part in doubtful:
        echo(doubt_in_words(part), err=True)
    return ExitCode.look_if(doubtful)
