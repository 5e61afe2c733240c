"""The PRISMA flow in lines, as it stands or as it stood at a past moment: the same on the command line and on the
screen."""

from __future__ import annotations

import dataclasses
from typing import Any

from leads_local.app.outcome import Outcome, format_count
from leads_local.review.past_flow import PastFlow
from leads_local.review.prisma import flow_lines, update_in_words
from leads_local.review.prisma_counts import PrismaCounts
from leads_local.terminal_text import safe_line

_COLUMN = 44
MOMENT_HELP = "A day or a time of it in UTC: 2026-11-01 or 2026-11-01T14:30."


def lines_of_flow(counts: PrismaCounts) -> tuple[str, ...]:
    """A line for each number, parts further in, safe to print as they stand."""
    return tuple(f"{'  ' * line.depth + safe_line(line.label):{_COLUMN}} {line.number}" for line in flow_lines(counts))


def describe_past_flow(found: PastFlow) -> Outcome:
    """The flow of a past moment, and what it is told from."""
    of = format_count(found.of, "act")
    told = f"As it stood on {found.moment:%Y-%m-%d at %H:%M:%S} UTC: {found.acts:,} of {of} had been written by then"
    clocks = "Acts count by the clock of the computer on which they were written, those of merged copies too."
    update = [update_in_words(found.counts)] if found.counts.update else []
    return Outcome(lines_of_flow(found.counts), (f"{told}.", clocks, *update))


def past_flow_as_data(found: PastFlow) -> dict[str, Any]:
    """The same for a program."""
    counts = dataclasses.asdict(found.counts)
    del counts["conflicts"], counts["progress"]  # of which the log does not tell
    return {"at": found.moment.isoformat(), "acts": found.acts, "of": found.of, "counts": counts}
