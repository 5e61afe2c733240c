"""Where one record ends and the next begins in a text of tagged lines, by the signal that is consistent over the whole
file.

No single tag is believed: exports put the title before the type, the abstract after the end, or leave out the first
line, the last line or the blank lines. So the file is taken apart in every way that its signals offer (first lines,
last lines, blank lines, whichever tag leads), each way is judged by what its pieces hold (one title, one first line,
one last line, no field twice), and the best is taken. Stretches that are still at fault are judged again on their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from leads_local.citations.formats.fields import Draft
from leads_local.records import ReadProblem

Starts = tuple[int, ...]
"""Where the pieces begin, ascending; the first is 0."""

_TWO_WAYS = (
    "This file can be taken apart into records in more than one way, and nothing in it says which is right; compare "
    "the records with the file."
)
_BETWEEN = (
    "What stands here, between the end of one record and the first line of the next, may belong to either; it was "
    "taken with the one {0}."
)
_GUESSED = "Where this record begins is a guess: it has no first line, and no blank line stands before it."
_LED_TWICE = "This record has {0} more than once, with which most others begin; several may have been taken for one."
_BLANK_LINE_WITHIN_RECORD = (
    "A blank line stands in this record where another may begin; two may have been taken for one."
)
_SEVERAL = "This record has {0} first lines and {1} last lines; several may have been taken for one."
# What counts against a way to take a file apart: a second title (or first or last line) in a record, a record without
# any, a field twice, a cut or a record's first line where there is no blank line, a blank line within a record.
_SECOND, _MISSING, _REPEATED, _OFF_A_BLANK_LINE, _BLANK_LINE_WITHIN = 3.0, 1.0, 2.0, 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Signals:
    """What a format's tags say of records. ``openers`` usually begin one, and ``after_blank`` do after a blank line;
    ``enders`` end one, each has one of ``titles``, and ``once`` are never there twice with different values. ``usual``
    is the format's own way to take a file apart: where the pieces begin."""

    titles: frozenset[str]
    openers: frozenset[str] = frozenset()
    after_blank: frozenset[str] = frozenset()
    enders: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    usual: Callable[[Sequence[Draft]], Iterable[int]] | None = None

    def opens(self, draft: Draft) -> bool:
        """Whether the line is one that usually begins a record."""
        return draft.tag in self.openers or (draft.gap > 0 and draft.tag in self.after_blank)


@dataclass(frozen=True, slots=True)
class Division:
    """The records' lines, and what is doubtful about where they were cut."""

    pieces: list[list[Draft]]
    doubts: tuple[ReadProblem, ...] = ()


@dataclass(slots=True)
class _Judge:
    """Knows which signals a file has at all, so that no record is blamed for lacking what none has."""

    signals: Signals
    drafts: Sequence[Draft]
    titled: bool = False
    opened: bool = False
    ended: bool = False
    spaced: bool = False
    faults_seen: dict[tuple[int, int], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tags = {draft.tag for draft in self.drafts}
        self.titled = not tags.isdisjoint(self.signals.titles)
        self.opened = any(map(self.signals.opens, self.drafts))
        self.ended = not tags.isdisjoint(self.signals.enders)
        gaps = sum(draft.gap > 0 for draft in self.drafts[1:])
        self.spaced = 0 < gaps <= len(self.drafts) / 2

    def of_part(self, start: int, end: int) -> _Judge:
        """A judge of some of the lines who knows what the whole file has."""
        part = _Judge(self.signals, self.drafts[start:end])
        part.titled, part.opened, part.ended, part.spaced = self.titled, self.opened, self.ended, self.spaced
        return part

    def score_of_two(self, start: int, cut: int, end: int) -> float:
        """The faults of two neighbours that are cut apart at ``cut``."""
        beside = _OFF_A_BLANK_LINE if self.spaced and not self.drafts[cut].gap else 0.0
        return self.faults(start, cut) + self.faults(cut, end) + beside

    def faults(self, start: int, end: int) -> float:
        """How little the lines from ``start`` to ``end`` look like one record; 0 where they do."""
        if (start, end) not in self.faults_seen:
            self.faults_seen[start, end] = self._faults(start, end)
        return self.faults_seen[start, end]

    def _faults(self, start: int, end: int) -> float:
        signals, values = self.signals, dict[str, list[Draft]]()
        piece = self.drafts[start:end]
        for draft in piece:
            if draft.tag in signals.titles or draft.tag in signals.once:
                values.setdefault(draft.tag, []).append(draft)
        openers, enders = self.edges(start, end)
        titles = _distinct(draft for tag in signals.titles for draft in values.get(tag, ()))
        repeated = sum(_distinct(values[tag]) > 1 for tag in values if tag not in signals.titles)
        found = _SECOND * max(0, titles - 1) + _REPEATED * repeated
        found += self._missing(titles, openers, enders, start, end)
        return found + _SECOND * (max(0, openers - 1) + max(0, enders - 1))

    def begins(self, start: int) -> bool:
        """Whether the text begins there, or a blank line or the end of a record stands before."""
        return not start or self.drafts[start].gap > 0 or self.drafts[start - 1].tag in self.signals.enders

    def _missing(self, titles: int, openers: int, enders: int, start: int, end: int) -> float:
        begins = self.begins(start)
        block = begins and (end == len(self.drafts) or self.drafts[end].gap > 0)
        found = 0.0
        if self.titled and not titles:
            found += _MISSING if openers or block else _SECOND
        if self.opened and not openers:
            found += _MISSING if begins else _SECOND
        return found + (_MISSING if self.ended and not enders else 0)

    def _off_gap(self, draft: Draft) -> float:
        """What a blank line within a record counts, or a record that begins without one."""
        if not draft.gap:
            return _OFF_A_BLANK_LINE
        return _SECOND if self.signals.opens(draft) else _BLANK_LINE_WITHIN

    def edges(self, start: int, end: int) -> tuple[int, int]:
        """How many first lines (several in a row are one) and last lines the piece has."""
        opens, enders = self.signals.opens, self.signals.enders
        openers = ended = 0
        before = False
        for draft in self.drafts[start:end]:
            now = opens(draft)
            openers += now and not before
            ended += draft.tag in enders
            before = now
        return openers, ended

    def score(self, starts: Starts) -> float:
        """The faults of all pieces; a cut beside the blank lines, or a blank line without a cut, counts a little."""
        found = sum(self.faults(start, end) for start, end in _spans(starts, len(self.drafts)))
        if self.spaced:
            cuts = set(starts)
            for index, draft in enumerate(self.drafts):
                if index and bool(draft.gap) != (index in cuts):
                    found += self._off_gap(draft)
        return found


def _distinct(drafts: Iterable[Draft]) -> int:
    found = list(drafts)
    if len(found) < 2:
        return sum(bool(draft.value or draft.more) for draft in found)
    return len({text for draft in found if (text := " ".join(draft.entry().value.split()))})


def _spans(starts: Starts, end: int) -> Iterator[tuple[int, int]]:
    yield from zip(starts, (*starts[1:], end), strict=True)


def _starts(found: Iterable[int]) -> Starts:
    return tuple(sorted({0, *found}))


def _before_openers(drafts: Sequence[Draft], signals: Signals) -> Iterator[int]:
    """Cut before each first line; several in a row are one record's."""
    before = False
    for index, draft in enumerate(drafts):
        now = signals.opens(draft)
        if now and not before:
            yield index
        before = now


def _after_enders(drafts: Sequence[Draft], enders: frozenset[str]) -> Iterator[int]:
    for index, draft in enumerate(drafts[:-1], start=1):
        if draft.tag in enders:
            yield index


def _before_leader(drafts: Sequence[Draft], leader: str, signals: Signals) -> Iterator[int]:
    """Cut before the tag that leads the records, and before the first lines that stand directly before it. Titles one
    below the other are one record's."""
    for index, draft in enumerate(drafts):
        if draft.tag == leader and not (index and {leader, drafts[index - 1].tag} <= signals.titles):
            while index and signals.opens(drafts[index - 1]):
                index -= 1
            yield index


def _ways(drafts: Sequence[Draft], signals: Signals) -> Iterator[Starts]:
    """Every way that the signals offer, the most usual first."""
    opening = set(_before_openers(drafts, signals))
    ending = set(_after_enders(drafts, signals.enders))
    blank = {index for index, draft in enumerate(drafts) if draft.gap}
    leader = next((draft.tag for draft in drafts if draft.tag not in signals.openers), "")
    leading = set(_before_leader(drafts, leader, signals))
    titles = [set(_before_leader(drafts, title, signals)) for title in sorted(signals.titles)]
    for found in (opening, ending, opening | ending, blank, leading, blank & (opening | ending | leading), *titles):
        yield _starts(found)


def _all_agree(judge: _Judge, usual: Starts) -> bool:
    """Whether first lines, last lines and blank lines, as far as there are any, all cut where ``usual`` does."""
    drafts, signals = judge.drafts, judge.signals
    opening, ending = _before_openers(drafts, signals), _after_enders(drafts, signals.enders)
    return all(_starts(way) == usual for there, way in ((judge.opened, opening), (judge.ended, ending)) if there)


def _best(judge: _Judge, usual: Starts) -> tuple[Starts, bool]:
    """The way with the fewest faults, and whether a different one has no more of them."""
    best, least, equals = usual, judge.score(usual), False
    if not least and _all_agree(judge, usual):
        return best, False
    for way in dict.fromkeys(_ways(judge.drafts, judge.signals)):
        score = judge.score(way)
        if score < least:
            best, least, equals = way, score, False
        elif score == least and way != best:
            equals = True
    return best, equals


def _mended(judge: _Judge, starts: Starts) -> Starts:
    """Neighbouring pieces that are at fault, taken apart in another way where that leaves fewer faults."""
    found: list[int] = []
    spans = list(_spans(starts, len(judge.drafts)))
    index = 0
    while index < len(spans):
        run = index
        while run < len(spans) and judge.faults(*spans[run]):
            run += 1
        if run > index:
            first, last = spans[index][0], spans[run - 1][1]
            better, _ = _best(judge.of_part(first, last), tuple(start - first for start, _ in spans[index:run]))
            found.extend(first + start for start in better)
            index = run
        else:
            found.append(spans[index][0])
            index += 1
    return tuple(found)


def _blank_line_within(judge: _Judge, start: int, end: int) -> int:
    """Where a title, or what the piece begins with, stands after a blank line in it, below more than first lines; or
    0."""
    drafts, signals = judge.drafts, judge.signals
    first = next((i for i in range(start + 1, end) if drafts[i].gap), 0)
    if not start and not any(signals.opens(draft) or draft.tag in signals.titles for draft in drafts[:first]):
        return first  # what is left of a record whose beginning was cut off
    telling = {drafts[start].tag, *signals.titles}
    late = next((i for i in range(start + 1, end) if drafts[i].gap and drafts[i].tag in telling), 0)
    return 0 if all(map(signals.opens, drafts[start:late])) else late


def _doubts(judge: _Judge, starts: Starts) -> Iterator[ReadProblem]:
    """Lines between two records that could as well be the other's, and records with several first or last lines."""
    signals, spans = judge.signals, list(_spans(starts, len(judge.drafts)))
    for (start, end), after in zip(spans, (*spans[1:], None), strict=True):
        openers, enders = judge.edges(start, end)
        if openers > 1 or enders > 1:
            yield ReadProblem(_SEVERAL.format(openers, enders), judge.drafts[start].line, doubtful=True)
        if judge.spaced and (late := _blank_line_within(judge, start, end)):
            yield ReadProblem(_BLANK_LINE_WITHIN_RECORD, judge.drafts[late].line, doubtful=True)
        if after is None or not (judge.opened and judge.ended):
            continue
        tail = next((i for i in range(end, start, -1) if judge.drafts[i - 1].tag in signals.enders), end)
        head = next((i for i in range(*after) if signals.opens(judge.drafts[i])), end)
        for cut, first, word in ((tail, tail, "before"), (head, end, "after")):
            if cut != end and judge.score_of_two(start, cut, after[1]) <= judge.score_of_two(start, end, after[1]):
                yield ReadProblem(_BETWEEN.format(word), judge.drafts[first].line, doubtful=True)


def _guesses(judge: _Judge, starts: Starts) -> Iterator[ReadProblem]:
    """Records that begin where no blank line, no first line and no last line says so; and those that have the line with
    which most others begin several times."""
    drafts, spans = judge.drafts, list(_spans(starts, len(judge.drafts)))
    leader, leading = Counter(drafts[start].tag for start in starts).most_common(1)[0]
    if not (judge.spaced or judge.ended or leader in judge.signals.openers) and len(spans) > 1:
        last, ending = Counter(drafts[end - 1].tag for _, end in spans[:-1]).most_common(1)[0]
        same = drafts[-1].tag == last and ending == len(spans) - 1
        if not same or any(judge.faults(*span) for span in spans):
            yield ReadProblem(_TWO_WAYS, doubtful=True)
    for start, end in spans:
        told = not (judge.begins(start) or judge.signals.opens(drafts[start]))
        if told and (judge.spaced or leading < len(starts)):
            yield ReadProblem(_GUESSED, drafts[start].line, doubtful=True)
        elif 2 * leading > len(starts) > 1 and leader not in judge.signals.openers:
            led = [draft for draft in drafts[start:end] if draft.tag == leader]
            if _distinct(led) > 1:
                yield ReadProblem(_LED_TWICE.format(leader), led[1].line, doubtful=True)


def _level_gaps(drafts: Sequence[Draft]) -> None:
    """Where blank lines stand before most lines, only those count where there are more of them. The start counts."""
    usual = sorted(draft.gap for draft in drafts)[len(drafts) // 2]
    for draft in drafts:
        draft.gap = max(0, draft.gap - usual)
    drafts[0].gap = 1


def divide(drafts: Sequence[Draft], signals: Signals) -> Division:
    """The records that the lines are of, each as its lines in their order."""
    if not drafts:
        return Division([])
    _level_gaps(drafts)
    judge = _Judge(signals, drafts)
    usual = signals.usual(drafts) if signals.usual else _before_openers(drafts, signals)
    starts, equals = _best(judge, _starts(usual))
    starts = _mended(judge, starts)
    doubts = [ReadProblem(_TWO_WAYS, doubtful=True)] if equals else []
    pieces = [list(drafts[start:end]) for start, end in _spans(starts, len(drafts))]
    return Division(pieces, (*doubts, *_doubts(judge, starts), *_guesses(judge, starts)))
