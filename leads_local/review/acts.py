"""An act of a person, as the review's log has it: its canonical text, its hash, and whether a log's chain is whole.

Why it exists: history, undo, audit and the merging of copies all follow from one append-only log of acts (see
docs/decisions/0007-one-log.md). This module knows no SQL and no tables, so that what it says of a log can be compared
with what the file does.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any


class ActKind(StrEnum):
    """What can be done to a review. The name in the file; never changed once a release has written it."""

    CREATE = "create"
    QUESTION = "question"
    CRITERIA = "criteria"
    RULE = "rule"
    IMPORT = "import"
    GROUP = "group"
    APART = "apart"
    PAIR = "pair"
    ATTACH = "attach"
    LINK = "link"
    ALSO = "also"
    DECIDE = "decide"
    ADJUDICATE = "adjudicate"
    VERIFY = "verify"
    REVOKE = "revoke"
    NOTE = "note"
    TAG = "tag"
    PRIORITY = "priority"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    REASONS = "reasons"
    RETRIEVAL = "retrieval"
    FORM = "form"
    KEYWORDS = "keywords"
    LOCK = "lock"
    SHARE = "share"
    PACKAGE = "package"
    UPDATE = "update"
    STUDY = "study"
    DISTINCT = "distinct"
    LABEL = "label"
    LIMITS = "limits"
    TAKE = "take"
    DESCRIBE = "describe"


ANNOTATING = frozenset(
    {*(ActKind.NOTE, ActKind.TAG, ActKind.PRIORITY, ActKind.CORRECT), *(ActKind.STUDY, ActKind.DISTINCT)}
)
"""What is added to a record: each writes a text, or nothing, into a register that its subject names. STUDY: its report
is one of the study with that random name; DISTINCT: and is not of one study with that other record's."""

_SHORT = 60  # characters
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

UNDOABLE = frozenset(
    {
        *(ActKind.QUESTION, ActKind.CRITERIA, ActKind.RULE, ActKind.GROUP, ActKind.APART, ActKind.LINK),
        *(ActKind.PAIR, ActKind.ALSO),
        *(ActKind.DECIDE, ActKind.ADJUDICATE, ActKind.VERIFY),
        *ANNOTATING,
        *(ActKind.WITHDRAW, ActKind.LABEL),
        *(ActKind.REASONS, ActKind.RETRIEVAL, ActKind.FORM, ActKind.KEYWORDS, ActKind.LOCK, ActKind.SHARE),
        ActKind.UPDATE,
        ActKind.LIMITS,
        ActKind.TAKE,
        ActKind.DESCRIBE,
    }
)
"""What a person can take back; what came in stays."""

OF_THE_WHOLE = frozenset(
    {
        *(ActKind.QUESTION, ActKind.CRITERIA, ActKind.RULE, ActKind.REASONS, ActKind.FORM, ActKind.KEYWORDS),
        *(ActKind.LOCK, ActKind.IMPORT, ActKind.WITHDRAW, ActKind.DESCRIBE, ActKind.UPDATE),
    }
)
"""What concerns all of a review, and so is not done in a work package, which is a part of it."""


@dataclass(frozen=True, slots=True)
class ActName:
    """Which act it is, in every copy of the review."""

    session: str
    number: int


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of the log. ``subject`` and ``said`` are canonical JSON (``canonical``); ``gesture`` is the number of
    the first act of the same key or command; ``before`` is the hash of the act that it follows, "" in a new review."""

    name: ActName
    clock: int
    gesture: int
    kind: str
    subject: str
    said: str
    reviewer: str
    at: str
    before: str

    @property
    def hash(self) -> str:
        """SHA-256 over all that the act says, in hex."""
        told = [self.name.session, self.name.number, self.clock, self.gesture, self.kind, self.subject, self.said]
        return hashlib.sha256(canonical([*told, self.reviewer, self.at, self.before]).encode()).hexdigest()

    @property
    def order(self) -> tuple[int, str, int]:
        """Acts of all copies are put in this order."""
        return self.clock, self.name.session, self.name.number

    def subject_parts(self) -> list[Any]:
        """Raises ValueError where it is not what this program writes."""
        found: list[Any] = _parsed(self.subject, list)
        return found

    def said_parts(self) -> Mapping[str, Any]:
        """Raises ValueError where it is not what this program writes."""
        if len(self.said) < _SHORT:
            return dict(_said_by(self.said))
        found: dict[str, Any] = _parsed(self.said, dict)
        return found


def canonical(told: Any) -> str:
    """The one text for what JSON can say."""
    return _CANONICAL.encode(told)


def record_subject(source: str, number: int, *more: str) -> str:
    """A record, by its source's SHA-256 and which of that source's records it is, or something of it (its stage)."""
    return canonical([source, number, *more])


def pair_subject(one: tuple[str, int], other: tuple[str, int]) -> str:
    """Two records, by their names, whichever is named first."""
    first, second = sorted((one, other))
    return record_subject(*first, canonical(list(second)))


def pair_of(subject: Sequence[Any]) -> tuple[tuple[str, int], tuple[str, int]]:
    """The two records that the subject of a pair names. Raises ValueError where it names none."""
    source, number = _parsed(subject[2], list)
    return (subject[0], subject[1]), (source, number)


def gesture_subject(act: Act) -> str:
    """The gesture that an act belongs to, as what takes it back names it."""
    return canonical([act.name.session, act.gesture])


def groups_said(
    groups: Iterable[tuple[Iterable[int], Sequence[str]]],
    origins: Mapping[int, tuple[str, int]],
    doubts: Iterable[tuple[int, int]] = (),
) -> dict[str, Any]:
    """What an act says that finds these groups (their records, and why) and is in doubt of these pairs. Each source
    stands there once, so that 30,000 groups are no long text. ``origins``: the source and number of each record."""
    told = [([origins[record] for record in records if record in origins], reasons) for records, reasons in groups]
    pairs = [[origins[record] for record in pair] for pair in doubts]
    sources = sorted({source for records in (*(records for records, _ in told), *pairs) for source, _ in records})
    place = {source: index for index, source in enumerate(sources)}
    listed = [[[[place[source], number] for source, number in records], list(reasons)] for records, reasons in told]
    said = {"sources": sources, "groups": listed}
    if pairs:
        said["doubts"] = [[[place[source], number] for source, number in pair] for pair in pairs]
    return said


def groups_told(act: Act) -> Iterator[tuple[list[tuple[str, int]], Sequence[str]]]:
    """The groups that an act says were found, by the names of their records, and why each is one."""
    said = act.said_parts()
    sources = said["sources"]
    for members, reasons in said["groups"]:
        yield [(sources[place], number) for place, number in members], reasons


def doubts_said(act: Act) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """The pairs of records that a search for duplicates was in doubt of."""
    said = act.said_parts()
    for pair in said.get("doubts", ()):
        (one, first), (other, second) = pair
        yield (said["sources"][one], first), (said["sources"][other], second)


def last_on_pdf(told: Sequence[Act]) -> Act:
    """Which act says where a PDF belongs, of those that hold, in their order: the last, but that a file which came in
    and matched no record is not thereby taken from the one that it has. Where copies are merged, it may have matched
    one in another copy."""
    found = [act for act in told if act.kind == ActKind.LINK or act.said_parts()["record"] is not None]
    return (found or told)[-1]


def package_begins_with(act: Act) -> str:
    """Of an act that gave a work package out, the hash of the act that the package's own sessions follow; "" of every
    other act, and of one that can't be read."""
    with contextlib.suppress(ValueError):
        return str(act.said_parts().get("hash", "")) if act.kind == ActKind.SHARE else ""
    return ""


def find_breaks(acts: Iterable[tuple[Act, str]]) -> Iterator[str]:
    """Where the chain of a log is broken, a few words each. ``acts``: each with the hash that is stored beside it, in
    any order. What was done in a work package follows what the act says that gave the package out."""
    kept = {act.name: (act, stored) for act, stored in acts}
    hashes = {stored for _, stored in kept.values()} | {package_begins_with(act) for act, _ in kept.values()}
    last: dict[str, int] = {}
    for name, (act, stored) in kept.items():
        said = f"act {name.number} of session {name.session}"
        last[name.session] = max(last.get(name.session, 0), name.number)
        if act.hash != stored:
            yield f"{said} is not as it was written"
        follows = kept.get(ActName(name.session, name.number - 1))
        if follows is not None and follows[1] != act.before:
            yield f"{said} does not follow the act before it"
        elif follows is None and name.number == 1 and act.before and act.before not in hashes:
            yield f"{said} follows an act that is missing"
    for session, number in last.items():
        missing = [one for one in range(1, number) if ActName(session, one) not in kept]
        if missing:
            yield f"{len(missing)} acts of session {session} are missing, the first is number {missing[0]}"


def revoked(acts: Iterable[Act]) -> set[ActName]:
    """Which acts do not hold."""
    return {taken for taken, _ in revocations(acts)}


def revocations(acts: Iterable[Act]) -> list[tuple[ActName, ActName]]:
    """Which acts do not hold, each with every act that holds and takes it back: two copies of a review may have taken
    back the same. Only later acts can take one back.

    Raises ValueError where one does not say what it takes back."""
    ordered = sorted(acts, key=lambda act: act.order)
    gestures: dict[tuple[str, int], list[Act]] = {}
    for act in ordered:
        gestures.setdefault((act.name.session, act.gesture), []).append(act)
    found: list[tuple[ActName, ActName]] = []
    gone: set[ActName] = set()
    for act in reversed(ordered):
        if act.kind == ActKind.REVOKE and act.name not in gone:
            session, number = act.subject_parts()
            taken = [one.name for one in gestures.get((session, number), ()) if one.order < act.order]
            found += [(name, act.name) for name in taken]
            gone.update(taken)
    return found


@lru_cache(maxsize=256)
def _said_by(text: str) -> dict[str, Any]:
    """What most acts say is one of a few short texts, each of which is read once."""
    found: dict[str, Any] = _parsed(text, dict)
    return found


def _parsed(text: str, kind: type) -> Any:
    found = json.loads(text)
    if not isinstance(found, kind):
        raise ValueError(f"no {kind.__name__}")
    return found
