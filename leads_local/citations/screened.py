"""Which decisions, labels and notes the records of one export hold, whichever tool wrote it.

A record is read by every tool's reader; of those that find something, the one that knows most counts, so that nothing
is told twice: our own marks before Rayyan's, and these before a mere column of labels. A column of labels is taken by
itself only where its name is one that tools use and each of its cells is understood; any other when a person names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leads_local.citations import choice_words, normalise, screening_tools
from leads_local.citations.screening_tools import Fields, column_name
from leads_local.citations.told import Told, ToldDecision, Tool
from leads_local.errors import InputError
from leads_local.records import Choice, Citation

_READERS: tuple[Callable[[Fields], Told], ...] = (
    screening_tools.read_ours,
    screening_tools.read_rayyan,
    screening_tools.read_asreview,
    screening_tools.read_covidence,
    screening_tools.read_eppi,
)
_LABEL_COLUMNS = (
    *("included", "label", "label included", "included label", "final included", "included final", "included flag"),
    *("include", "decision", "inclusion", "screening decision", "label abstract screening"),
)
"""Names that ASReview and other tools give to a column of labels, in the order in which they count."""
_KEYWORDS = "keywords"
_SHOWN = 30  # names of columns


@dataclass(frozen=True, slots=True)
class Reading:
    """How a person wants an export to be read: ``columns`` of labels by name, each with whose decisions they are, ""
    where that isn't known; ``words``: what labels mean; ``every``: what was decided of every record of the file."""

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Choice | None] = field(default_factory=dict)
    every: Choice | None = None

    @property
    def folded(self) -> dict[str, Choice | None]:
        return {choice_words.fold(word): choice for word, choice in self.words.items()}


@dataclass(frozen=True, slots=True)
class Screened:
    """What an export says: of each record, in the order of the file. ``columns`` are the label columns that were read;
    ``others`` those that look like labels and were not."""

    told: tuple[Told, ...]
    columns: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def tools(self) -> tuple[Tool, ...]:
        return tuple(dict.fromkeys(one.tool for one in self.told if one))


def read(citations: Sequence[Citation], reading: Reading | None = None) -> Screened:
    """What the records of an export say beside their citations."""
    wanted = reading or Reading()
    named = {column_name(name): who for name, who in wanted.columns.items()}
    known = {} if named or wanted.every else dict.fromkeys(_understood_columns(citations)[:1], "")
    columns = named or known
    told = tuple(_read_record(citation, columns, wanted, bool(named)) for citation in citations)
    others = [name for name in _label_like(citations) if name not in columns]
    return Screened(told, tuple(columns), tuple(others) if not any(one.decisions for one in told) else ())


def column_names(citations: Sequence[Citation]) -> list[str]:
    """The columns that could be named as labels: all that are no part of a citation."""
    return list(dict.fromkeys(tag for citation in citations for tag, _ in citation.extra))


def require_columns(citations: Sequence[Citation], reading: Reading) -> None:
    """Raise InputError where no record says anything in a column that a person named."""
    there = {_KEYWORDS, *(column_name(tag) for citation in citations for tag, _ in citation.extra)}
    if missing := [name for name in reading.columns if column_name(name) not in there]:
        names = ", ".join(map(normalise.one_line, column_names(citations)[:_SHOWN])) or "none beside the citations"
        raise InputError(f"No record says anything in a column {missing[0]}.", f"Its columns are: {names}.")


def _read_record(citation: Citation, columns: Mapping[str, str], wanted: Reading, named: bool) -> Told:
    found = [read_tool(citation.extra) for read_tool in _READERS]
    told = next((one for one in found if one.decisions), next((one for one in found if one), Told(Tool.COLUMN)))
    if wanted.every is not None:
        return replace(told, decisions=(ToldDecision(wanted.every),))
    if columns and (named or not told.decisions):
        decisions, unclear = _labels_of(citation, columns, wanted)
        if decisions or unclear:
            tool = told.tool if told else Tool.COLUMN
            return replace(told, tool=tool, decisions=decisions, unclear=(*told.unclear, *unclear))
        return replace(told, decisions=()) if named else told
    return told


def _labels_of(
    citation: Citation, columns: Mapping[str, str], wanted: Reading
) -> tuple[tuple[ToldDecision, ...], tuple[str, ...]]:
    decisions, unclear = list[ToldDecision](), list[str]()
    for tag, value in (*citation.extra, *((_KEYWORDS, word) for word in citation.keywords)):
        who = columns.get(column_name(tag))
        if who is None:
            continue
        said = choice_words.read(value, wanted.folded)
        if not said.understood:
            unclear.append(f"{tag}: {value[:40]}")
        elif said.choice is not None:
            decisions.append(ToldDecision(said.choice, who, reason=said.reason))
    return tuple(decisions), tuple(unclear)


def _label_like(citations: Sequence[Citation]) -> list[str]:
    there = {column_name(tag) for citation in citations for tag, _ in citation.extra}
    return [name for name in _LABEL_COLUMNS if name in there]


def _understood_columns(citations: Sequence[Citation]) -> list[str]:
    """The columns by the usual names of which each cell says something that is understood, and some a choice."""
    return [name for name in _label_like(citations) if _is_understood(name, citations)]


def _is_understood(name: str, citations: Sequence[Citation]) -> bool:
    said = [choice_words.read(value) for value in _values(name, citations)]
    return all(one.understood for one in said) and any(one.choice is not None for one in said)


def _values(name: str, citations: Sequence[Citation]) -> Iterator[str]:
    return (value for citation in citations for tag, value in citation.extra if column_name(tag) == name)
