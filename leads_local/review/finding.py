"""Finding records by words, tags and priority.

What a record has is said in ``phrases``. A large review has an index of the words that were imported
(``search_index``); what people add and correct is always read where it stands, so no answer is behind. Without an index
all records are read, with the same answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from leads_local.review.acts import ActKind
from leads_local.review.annotations import Priority, tidy_tags
from leads_local.review.database import Database
from leads_local.review.phrases import Phrase, fold_text, has, has_each, parse_phrase
from leads_local.review.search_index import SearchIndex
from leads_local.review.store import annotation_rows, citations

_TAG_MARK, _PRIORITY_MARK = "#", "!"
_LOOK_EVERY = 1_000  # records, for whether it is still wanted


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a record has to have: every phrase somewhere in it, every tag ("" for any), the priority."""

    phrases: tuple[Phrase, ...] = ()
    tags: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()


def parse(texts: Iterable[str]) -> Wanted:
    """Each text is a phrase, ``#`` with a tag, or ``!high`` or ``!low``."""
    phrases, tags, priorities = [], [], []
    for text in (" ".join(text.split()) for text in texts):
        if text.startswith(_TAG_MARK):
            tags += [fold_text(tag) for tag in tidy_tags([text])] or [""]
        elif text.startswith(_PRIORITY_MARK) and text[1:].casefold() in tuple(Priority):
            priorities.append(text[1:].casefold())
        elif text:
            phrases.append(parse_phrase(text))
    return Wanted(tuple(phrases), tuple(tags), tuple(priorities))


def marked(db: Database, wanted: Wanted) -> set[int] | None:
    """The reports that have the tags and priorities; None where none is wanted."""
    sets = []
    if wanted.tags:
        tagged = [(head, fold_text(tag)) for head, tag, _ in annotation_rows.heads_with(db, ActKind.TAG)]
        sets = [{head for head, tag in tagged if wish in ("", tag)} for wish in wanted.tags]
    if wanted.priorities:
        said = annotation_rows.heads_with(db, ActKind.PRIORITY)
        sets += [{head for head, _, priority in said if priority == wish} for wish in wanted.priorities]
    return set.intersection(*sets) if sets else None


def find(
    db: Database,
    wanted: Wanted,
    reviewer: str,
    cancelled: Callable[[], bool] = lambda: False,
    index: SearchIndex | None = None,
) -> Set[int]:
    """The reports one of whose records has all that is wanted, each phrase in what was imported of it (title, abstract,
    authors, keywords, identifiers), in a tag, or in a note that ``reviewer`` may see. Stops early, with what it has,
    once ``cancelled``. ``index`` holds all records of the review. The answer is not to be changed."""
    among = marked(db, wanted)
    if not wanted.phrases:
        return among or set()
    added = _added(db, reviewer)
    if index is not None and all(phrase.words for phrase in wanted.phrases):
        found = _find_by_index(db, index, wanted.phrases, added)
        return found if among is None else found & among
    heads: set[int] = set()
    for count, (_, head, text) in enumerate(citations.stream_texts(db)):
        if count % _LOOK_EVERY == 0 and cancelled():
            break
        if (
            head not in heads
            and (among is None or head in among)
            and has_each((fold_text(text), *added.get(head, ())), wanted.phrases)
        ):
            heads.add(head)
    return heads


def _added(db: Database, reviewer: str) -> Mapping[int, Sequence[str]]:
    """Tags and notes of each report that has any, folded."""
    added = defaultdict[int, list[str]](list)
    for head, tag, _ in annotation_rows.heads_with(db, ActKind.TAG):
        added[head].append(fold_text(f"{_TAG_MARK}{tag}"))
    for head, note in annotation_rows.notes(db, reviewer):
        added[head].append(fold_text(note.text))
    return added


def _find_by_index(
    db: Database, index: SearchIndex, phrases: Sequence[Phrase], added: Mapping[int, Sequence[str]]
) -> Set[int]:
    duplicates = index.duplicates()
    records = defaultdict[int, list[int]](list)
    for record, head in duplicates.items():
        records[head].append(record)
    corrected = index.corrected()
    found: Set[int] | None = None
    for phrase in phrases:
        holding: Set[int] = index.records(phrase)
        if corrected:
            holding = (holding - corrected.keys()) | {one for one, text in corrected.items() if has(text, phrase)}
        if phrase.literal:
            holding = {record for record, text in _texts(db, holding) if has(fold_text(text), phrase)}
        told = [head for head, texts in added.items() if any(has(text, phrase) for text in texts)]
        if told:
            holding = holding | {*told, *(one for head in told if head in records for one in records[head])}
        found = holding if found is None else found & holding
    if not found or not duplicates:
        return found or set()
    return (found - duplicates.keys()) | {duplicates[record] for record in duplicates.keys() & found}


def _texts(db: Database, records: Collection[int]) -> Iterable[tuple[int, str]]:
    ordered = sorted(records)
    for start in range(0, len(ordered), _LOOK_EVERY):
        yield from citations.texts_of(db, ordered[start : start + _LOOK_EVERY]).items()
