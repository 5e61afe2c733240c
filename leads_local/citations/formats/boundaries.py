"""Where one record ends and the next begins in a text of tagged lines, by the signal that is consistent over the whole
file.

No single tag is believed: exports put the title before the type, the abstract after the end, or leave out the first
line, the last line or the blank lines. So the file is taken apart in every way that its signals offer (first lines,
last lines, blank lines, whichever tag leads), each way is judged by what its pieces hold (one title, one first line,
one last line, no field twice), and the best is taken. Stretches that are still at fault are judged again on their own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

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
_CUT_OFF = "The file begins in the middle of a record; what is left of that may stand with the record below it."
_FIELDS_TWICE = "This record has {0} more than once, with different values; two papers may have been taken for one."
_NO_BEGINNING = (
    "This record has no first line, and begins as no other; its first lines may be those of the one before it."
)
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
    ``enders`` end one, each has one of ``titles``, and ``once`` are never there twice with different values; of these
    ``compared`` are compared elsewhere, by what they mean. ``usual`` is the format's own way to take a file apart:
    where the pieces begin."""

    titles: frozenset[str]
    openers: frozenset[str] = frozenset()
    after_blank: frozenset[str] = frozenset()
    enders: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()
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
    """Knows which signals a file has at all, so that no record is blamed for lacking what none has; and at which lines:
    those that usually begin a record (``opening``), end one (``ending``), of which each record has one (``told``), and
    before which blank lines stand (``gaps``)."""

    signals: Signals
    drafts: Sequence[Draft]
    titled: bool = False
    opened: bool = False
    ended: bool = False
    spaced: bool = False
    tags: list[str] = field(default_factory=list)
    opening: list[int] = field(default_factory=list)
    ending: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    faults_seen: dict[tuple[int, int], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        openers, enders, telling = self.signals.openers, self.signals.enders, self.signals.titles | self.signals.once
        signs = openers | enders | telling | self.signals.after_blank
        self.tags = [draft.tag for draft in self.drafts]
        found = [(index, tag) for index, tag in enumerate(self.tags) if tag in signs]
        self.opening = [index for index, tag in found if tag in openers or self.signals.opens(self.drafts[index])]
        self.ending = [index for index, tag in found if tag in enders]
        self.told = [index for index, tag in found if tag in telling]
        self.gaps = [index for index, draft in enumerate(self.drafts) if draft.gap > 0]
        self.titled = any(tag in self.signals.titles for _, tag in found)
        self.opened, self.ended = bool(self.opening), bool(self.ending)
        self.spaced = 0 < sum(index > 0 for index in self.gaps) <= len(self.drafts) / 2

    def gap_within(self, start: int, end: int) -> int:
        """The first line after ``start`` and before ``end`` that a blank line stands before, or 0."""
        place = bisect_right(self.gaps, start)
        return self.gaps[place] if place < len(self.gaps) and self.gaps[place] < end else 0

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
        values = self._values(start, end)
        openers, enders = self.edges(start, end)
        titles = _distinct([draft for tag in self.signals.titles if tag in values for draft in values[tag]])
        found = _SECOND * (titles - 1) if titles > 1 else 0.0
        found += _REPEATED * len(self._several(values))
        found += self._missing(titles, openers, enders, start, end)
        return found + _SECOND * ((openers - 1 if openers else 0) + (enders - 1 if enders else 0))

    def _values(self, start: int, end: int) -> dict[str, list[Draft]]:
        """The lines of which each record has one, by their tags."""
        values: dict[str, list[Draft]] = {}
        for index in self.told[bisect_left(self.told, start) : bisect_left(self.told, end)]:
            values.setdefault(self.tags[index], []).append(self.drafts[index])
        return values

    def _several(self, values: dict[str, list[Draft]]) -> list[str]:
        several = [tag for tag in values if len(values[tag]) > 1 and tag not in self.signals.titles]
        return [tag for tag in several if _distinct(values[tag]) > 1]

    def repeated(self, start: int, end: int) -> list[str]:
        """The tags of which each record has one, and this one has several, with different values, but for those that
        are compared elsewhere."""
        return [tag for tag in self._several(self._values(start, end)) if tag not in self.signals.compared]

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
        first, last = bisect_left(self.opening, start), bisect_left(self.opening, end)
        openers = last - first
        if openers > 1:
            openers -= sum(after == before + 1 for before, after in pairwise(self.opening[first:last]))
        return openers, bisect_left(self.ending, end) - bisect_left(self.ending, start)

    def score(self, starts: Starts) -> float:
        """The faults of all pieces; a cut beside the blank lines, or a blank line without a cut, counts a little."""
        found = sum(self.faults(start, end) for start, end in _spans(starts, len(self.drafts)))
        if self.spaced:
            off = set(starts).symmetric_difference(self.gaps) - {0}
            found += sum(self._off_gap(self.drafts[index]) for index in off)
        return found


def _distinct(drafts: Sequence[Draft]) -> int:
    if len(drafts) < 2:
        return sum(bool(draft.value or draft.more) for draft in drafts)
    return len({text for draft in drafts if (text := " ".join(draft.entry().value.split()))})


def _spans(starts: Starts, end: int) -> Iterator[tuple[int, int]]:
    yield from zip(starts, (*starts[1:], end), strict=True)


def _starts(found: Iterable[int]) -> Starts:
    return tuple(sorted({0, *found}))


def _before_openers(judge: _Judge) -> Iterator[int]:
    """Cut before each first line; several in a row are one record's."""
    return (index for before, index in pairwise((-2, *judge.opening)) if index > before + 1)


def _after_enders(judge: _Judge) -> Iterator[int]:
    return (index + 1 for index in judge.ending if index + 1 < len(judge.drafts))


def _before_leader(drafts: Sequence[Draft], leader: str, signals: Signals) -> Iterator[int]:
    """Cut before the tag that leads the records, and before the first lines that stand directly before it. Titles one
    below the other are one record's."""
    for index, draft in enumerate(drafts):
        if draft.tag == leader and not (index and {leader, drafts[index - 1].tag} <= signals.titles):
            while index and signals.opens(drafts[index - 1]):
                index -= 1
            yield index


def _ways(judge: _Judge) -> Iterator[Starts]:
    """Every way that the signals offer, the most usual first."""
    drafts, signals = judge.drafts, judge.signals
    opening, blank = set(_before_openers(judge)), set(judge.gaps)
    ending = set(_after_enders(judge))
    leader = next((draft.tag for draft in drafts if draft.tag not in signals.openers), "")
    leading = set(_before_leader(drafts, leader, signals))
    titles = [set(_before_leader(drafts, title, signals)) for title in sorted(signals.titles)]
    for found in (opening, ending, opening | ending, blank, leading, blank & (opening | ending | leading), *titles):
        yield _starts(found)


def _all_agree(judge: _Judge, usual: Starts) -> bool:
    """Whether first lines, last lines and blank lines, as far as there are any, all cut where ``usual`` does."""
    opening, ending = _before_openers(judge), _after_enders(judge)
    return all(_starts(way) == usual for there, way in ((judge.opened, opening), (judge.ended, ending)) if there)


def _best(judge: _Judge, usual: Starts) -> tuple[Starts, bool]:
    """The way with the fewest faults, and whether a different one has no more of them."""
    best, least, equals = usual, judge.score(usual), False
    if not least and _all_agree(judge, usual):
        return best, False
    for way in dict.fromkeys(_ways(judge)):
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


def _best_mended(judge: _Judge, mended: Starts) -> Starts:
    """The way that has the fewest faults when its own stretches at fault are taken apart anew: where the records are
    cut right but for a blank line that was lost, say."""
    best, least = mended, judge.score(mended)
    for way in dict.fromkeys(_ways(judge)) if least else ():
        found = _mended(judge, way)
        if (score := judge.score(found)) < least:
            best, least = found, score
    return best


def _blank_line_within(judge: _Judge, start: int, end: int) -> int:
    """Where a title, or what the piece begins with, stands after a blank line in it, below more than first lines; or
    0."""
    drafts, signals = judge.drafts, judge.signals
    first = judge.gap_within(start, end)
    if not first:
        return 0
    if not start and not any(signals.opens(draft) or draft.tag in signals.titles for draft in drafts[:first]):
        return first  # what is left of a record whose beginning was cut off
    if not judge.ended:
        return 0 if all(map(signals.opens, drafts[start:first])) else first
    last = judge.gaps[bisect_right(judge.gaps, end - 1) - 1]
    if {draft.tag for draft in drafts[last:end]} <= {draft.tag for draft in drafts[start:last]} - signals.enders:
        return last  # what is left of a record whose beginning and end are lost
    telling = {drafts[start].tag, *signals.titles}
    late = next((i for i in range(first, end) if drafts[i].gap and drafts[i].tag in telling), 0)
    return 0 if all(map(signals.opens, drafts[start:late])) else late


def _left_at_the_end(judge: _Judge, start: int, end: int) -> Iterator[ReadProblem]:
    """Lines below a blank line after the end of the last record: what is left of another one."""
    tail = next((i for i in range(end, start, -1) if judge.drafts[i - 1].tag in judge.signals.enders), end)
    if start < tail < end and judge.drafts[tail].gap:
        yield ReadProblem(_BETWEEN.format("before"), judge.drafts[tail].line, doubtful=True)


def _doubts(judge: _Judge, starts: Starts) -> Iterator[ReadProblem]:
    """Lines between two records that could as well be the other's, and records with several first or last lines."""
    signals, spans = judge.signals, list(_spans(starts, len(judge.drafts)))
    for (start, end), after in zip(spans, (*spans[1:], None), strict=True):
        if judge.faults(start, end) and max(edges := judge.edges(start, end)) > 1:
            yield ReadProblem(_SEVERAL.format(*edges), judge.drafts[start].line, doubtful=True)
        if judge.spaced and (late := _blank_line_within(judge, start, end)):
            yield ReadProblem(_BLANK_LINE_WITHIN_RECORD, judge.drafts[late].line, doubtful=True)
        if judge.faults(start, end) and (several := judge.repeated(start, end)):
            told = _FIELDS_TWICE.format(" and ".join(several[:3]))
            yield ReadProblem(told, judge.drafts[start].line, doubtful=True)
        if after is None:
            yield from _left_at_the_end(judge, start, end)
        if after is None or not (judge.opened and judge.ended):
            continue
        if signals.opens(judge.drafts[end]) and judge.drafts[end - 1].tag in signals.enders:
            continue
        tail = next((i for i in range(end, start, -1) if judge.drafts[i - 1].tag in signals.enders), end)
        head = next((i for i in range(*after) if signals.opens(judge.drafts[i])), end)
        for cut, first, word in ((tail, tail, "before"), (head, end, "after")):
            if cut != end and judge.score_of_two(start, cut, after[1]) <= judge.score_of_two(start, end, after[1]):
                yield ReadProblem(_BETWEEN.format(word), judge.drafts[first].line, doubtful=True)


def _beginnings_lost(judge: _Judge, spans: Sequence[tuple[int, int]]) -> Iterator[ReadProblem]:
    """Records without a first line that begin unlike what stands below the first line of others."""
    drafts = judge.drafts
    below = {drafts[start + 1].tag for start, end in spans if judge.signals.opens(drafts[start]) and start + 1 < end}
    for start, end in spans[1:]:
        if below and drafts[start].tag not in below and not judge.edges(start, end)[0]:
            yield ReadProblem(_NO_BEGINNING, drafts[start].line, doubtful=True)


def _guesses(judge: _Judge, starts: Starts) -> Iterator[ReadProblem]:
    """Records that begin where no blank line, no first line and no last line says so; and those that have the line with
    which most others begin several times."""
    drafts, spans = judge.drafts, list(_spans(starts, len(judge.drafts)))
    leader, leading = Counter(drafts[start].tag for start in starts).most_common(1)[0]
    bounded = judge.spaced or 2 * sum(drafts[end - 1].tag in judge.signals.enders for _, end in spans) >= len(spans)
    headless = judge.opened and not judge.edges(*spans[0])[0]
    seldom = leader not in judge.signals.openers or 2 * leading < len(starts)
    unlike = judge.opened and seldom and leading < len(starts)
    if len(spans) > 1 and (unlike or (not bounded and (headless or leader not in judge.signals.openers))):
        yield ReadProblem(_TWO_WAYS, doubtful=True)
    yield from _beginnings_lost(judge, spans)
    led_twice = 2 * leading > len(starts) > 1 and leader not in judge.signals.openers
    for start, end in spans:
        usual = leader in judge.signals.openers and judge.signals.opens(drafts[start])
        told = not (judge.begins(start) or usual)
        if told and (judge.spaced or leading < len(starts)):
            yield ReadProblem(_GUESSED, drafts[start].line, doubtful=True)
        elif led_twice:
            led = [draft for draft in drafts[start:end] if draft.tag == leader]
            if _distinct(led) > 1:
                yield ReadProblem(_LED_TWICE.format(leader), led[1].line, doubtful=True)


def _level_gaps(drafts: Sequence[Draft]) -> None:
    """Where blank lines stand before most lines, only those count where there are more of them. The start counts."""
    gaps = [draft.gap for draft in drafts]
    if gaps.count(0) <= len(drafts) // 2 and (usual := sorted(gaps)[len(drafts) // 2]):
        for draft in drafts:
            draft.gap = max(0, draft.gap - usual)
    drafts[0].gap = 1


def _cut_off(first: Draft, signals: Signals, left_out: Iterable[ReadProblem]) -> Iterator[ReadProblem]:
    """Whether text that is no field stands directly above the first field, which begins no record."""
    ends = (problem.line + problem.raw.count("\n") for problem in left_out if problem.raw)
    if not signals.opens(first) and first.line - 1 in ends:
        yield ReadProblem(_CUT_OFF, first.line, doubtful=True)


def divide(drafts: list[Draft], signals: Signals, left_out: Iterable[ReadProblem] = ()) -> Division:
    """The records that the lines are of, each as its lines in their order; ``left_out`` are those lines that are no
    field's."""
    if not drafts:
        return Division([])
    _level_gaps(drafts)
    judge = _Judge(signals, drafts)
    usual = signals.usual(drafts) if signals.usual else _before_openers(judge)
    starts, equals = _best(judge, _starts(usual))
    starts = _best_mended(judge, _mended(judge, starts))
    doubts = [ReadProblem(_TWO_WAYS, doubtful=True)] if equals else []
    doubts.extend(_cut_off(drafts[0], signals, left_out))
    pieces = [drafts[start:end] for start, end in _spans(starts, len(drafts))]
    return Division(pieces, (*doubts, *_doubts(judge, starts), *_guesses(judge, starts)))
