"""The numbers of the PRISMA flow, and how far people and model are with it: frozen records, as those of
``read_models``."""

from __future__ import annotations

from dataclasses import dataclass

from leads_local.records import Stage


@dataclass(frozen=True, slots=True)
class StageProgress:
    """``records`` are to be decided at this stage; ``decided`` have been; ``screened`` by the model, ``failed``
    there."""

    stage: Stage
    records: int
    decided: int
    screened: int
    failed: int


@dataclass(frozen=True, slots=True)
class UpdateCounts:
    """What an update's flow has beside its own boxes, in which only new and ``carried`` reports are counted then.

    Every report of the previous version is in one of ``previous`` (included there), ``left`` (excluded there, and not
    decided since) and ``carried`` (not finished there, or decided again). Of the previous those are still included that
    are neither ``dropped`` nor ``unsettled``; ``total`` is their number and that of the flow's own.
    """

    label: str
    at: str
    previous: int
    dropped: int  # of the previous, excluded since
    unsettled: int  # of the previous, of which nothing holds any more
    left: int
    carried: int
    known: int  # new records that are duplicates of reports of the previous version
    total: int
    previous_studies: int  # of which the previous are
    total_studies: int  # of which those of the total are; a new report may be of a study of the previous version


@dataclass(frozen=True, slots=True)
class PrismaCounts:
    """The numbers of the PRISMA 2020 flow. Records before ``sought``, reports from there on. In an ``update`` they are
    those of what is new or was carried over, and identified = sources + from_pdfs + update.carried.

    identified = to_screen + ruled_out + duplicates; to_screen = screened + unscreened;
    screened = excluded + maybe + sought; sought = not_retrieved + awaiting + assessed;
    assessed = fulltext_excluded + included. Each of the ``included`` reports is of exactly one study; ``studies`` are
    those of which none was included in the previous version.
    """

    sources: tuple[tuple[str, int], ...]  # records per imported file, in order of import
    from_pdfs: int  # PDFs that matched no record and became records of their own
    identified: int
    duplicates: int
    groups: int
    ruled_out: int  # taken out before screening by limits of the protocol, unless a person decides them
    ruled_out_by: tuple[tuple[str, int], ...]  # by which limit, the first that applies; most first
    to_screen: int
    screened: int
    unscreened: int
    excluded: int
    maybe: int
    sought: int
    not_retrieved: int  # no readable document, and not decided
    awaiting: int  # a readable document, and no final decision yet
    assessed: int
    fulltext_excluded: int
    reasons: tuple[tuple[str, int], ...]  # why reports were excluded, most frequent first; "" is "no reason given"
    included: int
    studies: int
    conflicts: int | None  # duplicates that were decided differently; None of a past moment
    not_retrieved_said: int = 0  # of those not retrieved, where a person said that it could not be had
    progress: tuple[StageProgress, ...] = ()
    update: UpdateCounts | None = None
    by_kind: tuple[tuple[str, int], ...] = ()  # records by the kind of their sources, where one was said; "" is none
