"""Criteria that need no model: whether a record is within a limit of years, languages, publication types or countries,
by what its own fields say.

Why it exists: a model that reads a title and an abstract can't know when and in which language a paper appeared; the
record says it. Pure: a limit and a citation in, an answer with the field's own text out. Where a record doesn't say,
says something that is not known here, or can be read in two ways, the answer is UNSAID, never no: that is left to a
person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from leads_local.citations import countries, languages, normalise, publication_types
from leads_local.errors import InputError
from leads_local.records import Citation

MOST_VALUES = 100
_SHOWN = 200  # characters of a field as evidence
_ADDRESS_SHOWN = 30
_NO_END = 9999
_YEARS = re.compile(r"(?:(\d{4}))?\s*([-–])?\s*(?:(\d{4}))?")
_ANY_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_PARENTHESES = re.compile(r"\([^()]*\)")


class LimitField(StrEnum):
    """What of a record is read. JOURNAL_COUNTRY: where the journal appears, as PubMed has it; ADDRESS_COUNTRY: the
    countries of the authors' addresses. Neither is the country of the study, which no field has."""

    YEAR = "year"
    LANGUAGE = "language"
    TYPE = "publication type"
    JOURNAL_COUNTRY = "journal country"
    ADDRESS_COUNTRY = "address country"

    @property
    def column(self) -> str:
        """The part of a citation that a person can correct; "" for none."""
        return _COLUMNS.get(self, "")


_COLUMNS: Mapping[LimitField, str] = {
    LimitField.YEAR: "year",
    LimitField.LANGUAGE: "language",
    LimitField.TYPE: "kind",
}


class Within(StrEnum):
    """Whether a record is within a limit. UNSAID: it doesn't say."""

    YES = "yes"
    NO = "no"
    UNSAID = "not said"


@dataclass(frozen=True, slots=True)
class Limit:
    """One criterion that is checked by rule. With ``only`` a record must have one of ``values``; else it must have
    something else: of publication types none of them, of languages and countries one that is not among them.
    ``excludes``: a record that is not within it is taken out before screening, unless a person decides it. ``text`` is
    what people read, and may be ""."""

    name: str
    field: LimitField
    values: tuple[str, ...]
    only: bool = True
    excludes: bool = False
    text: str = ""

    def in_words(self) -> str:
        """``language only English; German``, which ``parse_line`` reads."""
        return f"{self.field} {'only' if self.only else 'not'} {'; '.join(self.values)}"


@dataclass(frozen=True, slots=True)
class LimitAnswer:
    """``evidence`` is what the record's fields say, with their names; "" where they say nothing."""

    limit: Limit
    within: Within
    evidence: str = ""


# ---------------------------------------------------------------- answers


def judge(limit: Limit, citation: Citation, corrected: Collection[str] = ()) -> LimitAnswer:
    """The answer of one record. ``corrected``: the columns that a person has corrected, of which nothing else that
    came with the record holds."""
    column = limit.field.column
    own = getattr(citation, column) if column else None
    return _answer(limit, own, () if column in corrected else _read_of(limit.field, citation.extra))


@lru_cache(maxsize=4096)
def _answer(limit: Limit, own: str | int | None, extra: tuple[tuple[str, str], ...]) -> LimitAnswer:
    """By all that is read of a record, which many of 100,000 have the same: the field's own column and what else came
    with it."""
    column = limit.field.column
    columns: dict[str, Any] = {column: own} if column else {}
    within, said = _READERS[limit.field](limit, Citation(**columns), extra)
    told = "; ".join(dict.fromkeys(part for raw in said if (part := normalise.one_line(raw))))
    shown = told if len(told) <= _SHOWN else f"{told[:_SHOWN]}…"
    return LimitAnswer(limit, within, f"{limit.field}: {shown}" if shown else "")


def judge_report(limits: Sequence[Limit], records: Iterable[Sequence[LimitAnswer]]) -> tuple[LimitAnswer, ...]:
    """The answers of a report by those of its records, each a list in the order of ``limits``. Records that differ
    leave it open."""
    told = list(records)
    if len(told) == 1:
        return tuple(told[0])
    return tuple(_combine(limit, [said[place] for said in told]) for place, limit in enumerate(limits))


def ruled_out_by(answers: Iterable[LimitAnswer]) -> str:
    """The name of the first limit that takes a report with these answers out before screening, "" for none."""
    return next((one.limit.name for one in answers if one.limit.excludes and one.within is Within.NO), "")


def _combine(limit: Limit, said: Sequence[LimitAnswer]) -> LimitAnswer:
    words = {one.within for one in said} - {Within.UNSAID}
    within = words.pop() if len(words) == 1 else Within.UNSAID
    telling = [one for one in said if one.within is within] if within is not Within.UNSAID else said
    evidence = " / ".join(dict.fromkeys(one.evidence for one in telling if one.evidence))
    return LimitAnswer(limit, within, evidence)


_Extra = Sequence[tuple[str, str]]
_Read = tuple[Within, Iterable[str]]


def _under(extra: _Extra, tags: Collection[str]) -> list[str]:
    return [text for tag, text in extra if tag.lower() in tags]


_YEAR_TAGS = frozenset(
    {
        *("dp", "py", "y1", "yr", "year", "date", "%d", "dates/year"),
        *("publication date", "date of publication", "year of publication"),
    }
)
_LANGUAGE_TAGS = frozenset({"la", "language", "languages", "%g"})
_TYPE_TAGS = frozenset({"m3", "pt", "dt", "type", "publication type", "document type"})
_JOURNAL_COUNTRY_TAGS = frozenset({"pl", "medlinejournalinfo/country", "country of publication"})
_ADDRESS_TAGS = frozenset(
    {
        *("ad", "c1", "auth-address", "%+", "affiliation", "affiliations", "authors with affiliations"),
        *("addresses", "author addresses", "author address", "institution"),
    }
)


_TAGS: Mapping[LimitField, Collection[str]] = {
    LimitField.YEAR: _YEAR_TAGS,
    LimitField.LANGUAGE: _LANGUAGE_TAGS,
    LimitField.TYPE: _TYPE_TAGS,
    LimitField.JOURNAL_COUNTRY: _JOURNAL_COUNTRY_TAGS,
    LimitField.ADDRESS_COUNTRY: _ADDRESS_TAGS,
}


def _read_of(field: LimitField, extra: _Extra) -> tuple[tuple[str, str], ...]:
    """What of that which came beside the columns a field reads."""
    tags, addresses = _TAGS[field], field is LimitField.ADDRESS_COUNTRY
    return tuple(one for one in extra if one[0].lower() in tags or (addresses and _is_author_address(one[0])))


def _read_year(limit: Limit, citation: Citation, extra: _Extra) -> _Read:
    if citation.year is None:
        return Within.UNSAID, ()
    year = str(citation.year)
    dates = [text for text in _under(extra, _YEAR_TAGS) if year in text]
    years = {citation.year, *(int(found) for text in dates for found in _ANY_YEAR.findall(text))}
    spans = [_span(value) for value in limit.values]
    inside = {any(first <= one <= last for first, last in spans) is limit.only for one in years}
    within = Within.UNSAID if len(inside) > 1 else Within.YES if inside.pop() else Within.NO
    return within, dates or (year,)


def _read_language(limit: Limit, citation: Citation, extra: _Extra) -> _Read:
    return _has_one(limit, languages_of(citation, extra)), [citation.language, *_under(extra, _LANGUAGE_TAGS)]


def languages_of(citation: Citation, extra: _Extra) -> list[str]:
    """The English names of the languages that a record names, "" for each that is not known here."""
    parts = (
        part
        for text in (citation.language, *_under(extra, _LANGUAGE_TAGS))
        for part in re.split(r"[;,/|\n]|\band\b|&", _PARENTHESES.sub(" ", text))
    )
    return [languages.find_language(part) for part in parts if any(map(str.isalnum, part))]


def _read_type(limit: Limit, citation: Citation, extra: _Extra) -> _Read:
    types = types_of(citation, extra)
    fields = _type_fields(citation, extra)
    wanted = {publication_types.to_type(value) for value in limit.values}
    if wanted.intersection(types):
        return (Within.YES if limit.only else Within.NO), fields
    forms_asked = all(map(publication_types.is_form, wanted))
    told = any(publication_types.tells(one) or (forms_asked and publication_types.is_form(one)) for one in types)
    other = Within.NO if limit.only else Within.YES
    return (other if told else Within.UNSAID), fields


def types_of(citation: Citation, extra: _Extra) -> list[str]:
    """The publication types that a record says it is of, by the names that are used here."""
    return [one for text in _type_fields(citation, extra) for one in _types(text)]


def _type_fields(citation: Citation, extra: _Extra) -> list[str]:
    said = (text for text in _under(extra, _TYPE_TAGS) if any(map(publication_types.is_known, _types(text))))
    return [citation.kind, *said]


def _types(text: str) -> list[str]:
    parts = re.split(r"[;|\n]|\.\s+(?=[A-Z])", text)
    return [one for part in parts if (one := publication_types.to_type(part))]


def _read_journal_country(limit: Limit, citation: Citation, extra: _Extra) -> _Read:
    said = _under(extra, _JOURNAL_COUNTRY_TAGS)
    return _has_one(limit, [countries.find_country(text) for text in said]), said


def _read_address_country(limit: Limit, citation: Citation, extra: _Extra) -> _Read:
    said = [text for tag, text in extra if tag.lower() in _ADDRESS_TAGS or _is_author_address(tag)]
    addresses = [part for text in said for part in re.split(r"[;\n]", text) if part.strip()]
    return _has_one(limit, [countries.last_country(address) for address in addresses]), map(_end_of, addresses)


def _end_of(address: str) -> str:
    """The part of an address that can hold its country."""
    whole = normalise.one_line(address)
    return whole if len(whole) <= _ADDRESS_SHOWN else f"…{whole[-_ADDRESS_SHOWN:]}"


def _is_author_address(tag: str) -> bool:
    """PubMed's path, with its attributes; investigators who are no authors have one, too."""
    return tag.endswith("Affiliation") and "/Author" in tag and "Investigator" not in tag


def _has_one(limit: Limit, found: Sequence[str]) -> Within:
    """Whether one of what was ``found`` will do. "" stands for what is not known here: it is never a reason for no."""
    values = set(limit.values)
    if any(name and (name in values) is limit.only for name in found):
        return Within.YES
    return Within.NO if found and all(found) else Within.UNSAID


_READERS: Mapping[LimitField, Callable[[Limit, Citation, _Extra], _Read]] = {
    LimitField.YEAR: _read_year,
    LimitField.LANGUAGE: _read_language,
    LimitField.TYPE: _read_type,
    LimitField.JOURNAL_COUNTRY: _read_journal_country,
    LimitField.ADDRESS_COUNTRY: _read_address_country,
}


# ---------------------------------------------------------------- what people write


def make_values(field: LimitField, values: Iterable[str]) -> tuple[str, ...]:
    """Values as they are stored, each once, by the name that is used here. Raises InputError for one that the field
    can't have."""
    found = tuple(dict.fromkeys(_CLEANERS[field](normalise.one_line(value)) for value in values))
    if not 0 < len(found) <= MOST_VALUES:
        raise InputError(f"A limit of the {field} has 1 to {MOST_VALUES} values.", _HINTS[field])
    return found


def parse_line(name: str, text: str, excludes: bool = False) -> Limit:
    """What ``Limit.in_words`` has written, or a person. Values are separated by semicolons; those of no publication
    type by commas, too. Raises InputError."""
    said = normalise.one_line(text)
    field = next((field for field in LimitField if said.lower().startswith(f"{field} ")), None)
    if field is None:
        raise InputError(
            f"The limit {name!r} does not begin with what it reads.",
            f"Begin with {', '.join(LimitField)}; then only or not, and the values: language only English; German.",
        )
    how, _, values = said[len(field) :].strip().partition(" ")
    if how.lower() not in ("only", "not"):
        raise InputError(f"The limit {name!r} says neither only nor not.", f"Write: {field} only … or: {field} not …")
    parts = re.split(";" if field is LimitField.TYPE else "[;,]", values)
    kept = make_values(field, [part for part in parts if part.strip()])
    return Limit(normalise.one_line(name), field, kept, how.lower() == "only", excludes)


def to_said(limit: Limit) -> dict[str, Any]:
    """A limit as the log has it."""
    how = "only" if limit.only else "not"
    told = {"name": limit.name, "text": limit.text, "field": str(limit.field), how: list(limit.values)}
    return {**told, "excludes": limit.excludes}


def from_said(said: Mapping[str, Any]) -> Limit:
    """What ``to_said`` has told. Raises KeyError or ValueError for anything else."""
    only = "only" in said
    values = tuple(said["only" if only else "not"])
    return Limit(said["name"], LimitField(said["field"]), values, only, bool(said["excludes"]), said["text"])


def _span(value: str) -> tuple[int, int]:
    match = _YEARS.fullmatch(value.strip())
    if match is None or not (match[1] or match[3]) or (match[1] and match[3] and not match[2]):
        raise InputError(f"“{value}” are no years.", _HINTS[LimitField.YEAR])
    first = int(match[1]) if match[1] else 0
    last = int(match[3]) if match[3] else _NO_END if match[2] else first
    if first > last:
        raise InputError(f"“{value}” ends before it begins.", _HINTS[LimitField.YEAR])
    return first, last


def _clean_years(value: str) -> str:
    _span(value)
    return re.sub(r"\s*[-–]\s*", "-", value)


def _clean_type(value: str) -> str:
    if not publication_types.to_type(value):
        raise InputError(f"“{value}” is no publication type.", _HINTS[LimitField.TYPE])
    return value


def _known(find: Callable[[str], str], what: str) -> Callable[[str], str]:
    def clean(value: str) -> str:
        if not (found := find(value)):
            raise InputError(
                f"“{value}” is no {what} that is known here.", f"Write its English name, e.g. {_FOR[what]}."
            )
        return found

    return clean


_FOR = {"language": "German", "country": "Germany"}
_CLEANERS: Mapping[LimitField, Callable[[str], str]] = {
    LimitField.YEAR: _clean_years,
    LimitField.LANGUAGE: _known(languages.find_language, "language"),
    LimitField.TYPE: _clean_type,
    LimitField.JOURNAL_COUNTRY: _known(countries.find_country, "country"),
    LimitField.ADDRESS_COUNTRY: _known(countries.find_country, "country"),
}
_HINTS: Mapping[LimitField, str] = {
    LimitField.YEAR: "Write a year or a range: 2015, 2000-2020, 2000- or -2020.",
    LimitField.LANGUAGE: "Write their English names: English; German.",
    LimitField.TYPE: "Write them as the databases do: Review; Letter; Retracted Publication.",
    LimitField.JOURNAL_COUNTRY: "Write their English names: Germany; Japan.",
    LimitField.ADDRESS_COUNTRY: "Write their English names: Germany; Japan.",
}
