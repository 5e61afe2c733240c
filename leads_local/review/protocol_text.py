"""A protocol as one TOML document, for a person to read, edit and keep: written, and read back with every mistake told
at once, each with its line.

What ``dumps`` writes ``parse`` reads to an equal protocol, and the same protocol is always the same text, so that its
SHA-256 can stand for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leads_local import files, toml_text
from leads_local.citations import limits
from leads_local.citations.limits import Limit, LimitField
from leads_local.config import toml_value
from leads_local.errors import InputError
from leads_local.records import PICO, Criterion, Question, Stage
from leads_local.review import reasons as reason_lists
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.protocol import SCOPES, Keywords, Protocol
from leads_local.review.reasons import Reason
from leads_local.tasks import forms
from leads_local.tasks.forms import Form

_TABLES = ("question", "criterion", "reason", "rule", "keywords", "form")
_QUESTION_KEYS = ("title", *PICO)
_RULE_KINDS = ", ".join(RuleKind)
_ADVICE = "Correct it and try again; nothing was changed."
_SYNTAX_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_HEADS = {
    "question": "The question. A part that is \"\" is not asked about.",
    "criterion": "Further criteria. stage: \"\" for both stages, \"abstract\" or \"fulltext\" for one only.\n"
    "# One with a field is checked by rule, not by the model: field = \"year\", \"language\", \"publication type\",\n"
    "# \"journal country\" or \"address country\", with only = [\"2000-\"] or not = [\"Review\"]. excludes = true\n"
    "# takes out before screening what is not within it (PRISMA: ineligible by automation tools).",
    "reason": "Reasons for exclusion: of those that apply, the first counts. A reason keeps its key and is never "
    "deleted; retired = true takes it out of use.",
    "rule": f"How each stage is decided: {_RULE_KINDS}. share: of the reports, what two decide.",
    "keywords": "Words that speak for including a record, and for excluding it; * at the end: any ending.",
    "form": "What is extracted from each report.",
}  # fmt: skip


def dumps(protocol: Protocol) -> str:
    """The document."""
    parts = [
        [_head("question"), "[question]", *_lines(asdict(protocol.question))],
        *_entries("criterion", _criteria_told(protocol)),
        *(["[[criterion]]", *_limit_lines(limit)] for limit in protocol.limits),
        *_entries("reason", ({"key": one.key, "text": one.text, **_retired(one)} for one in protocol.reasons)),
        *_entries("rule", ({"stage": str(at), **_rule_told(rule)} for at, rule in protocol.rules.items())),
        [_head("keywords"), "[keywords]", *(f"{name} = {_list(words)}" for name, words in _words(protocol.keywords))],
        [_head("form"), "[form]", forms.dumps(protocol.form, "form").rstrip("\n")],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def sha256_of(protocol: Protocol) -> str:
    """The SHA-256 of the document in UTF-8, in hex."""
    return hashlib.sha256(dumps(protocol).encode()).hexdigest()


def load(path: Path, before: Protocol) -> Protocol:
    """The protocol in the file ``path``, to take the place of ``before``. Raises InputError as ``parse`` does."""
    files.require_file(path, "a protocol", "Check the name of the file.")
    try:
        with path.open("rb") as stream:
            data = stream.read(toml_text.LARGEST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.", "Name a file that you may read.") from error
    return parse(data, str(path), before)


def parse(data: bytes, where: str, before: Protocol) -> Protocol:
    """The protocol that a document says, to take the place of ``before``. Raises InputError with a sentence for each
    mistake, which names ``where`` it stands and the line."""
    try:
        table = toml_text.parse_table(data)
    except ValueError as error:
        line = _SYNTAX_LINE.search(str(error))
        place = f"{where}, line {line[1]}" if line else where
        raise InputError(f"{place}: it is not TOML in UTF-8: {error}.", _ADVICE) from error
    reading = _Reading(table, where, toml_text.lines_of_tables(data))
    protocol = reading.protocol(before)
    if reading.problems:
        raise InputError(" ".join(told for _, told in sorted(reading.problems, key=lambda one: one[0])), _ADVICE)
    return protocol


class _Reading:
    """One document, with the mistakes found so far, each with its line."""

    def __init__(self, table: Mapping[str, Any], where: str, lines: Mapping[tuple[str, int], int]) -> None:
        self._table = table
        self._where = where
        self._lines = lines
        self.problems: list[tuple[int, str]] = []

    def protocol(self, before: Protocol) -> Protocol:
        self._check_keys("", 1, self._table, _TABLES)
        question = Question(**self._texts("question", 1, self._one("question"), _QUESTION_KEYS))
        criteria = self._criteria(question)
        return Protocol(
            question=question,
            criteria=criteria,
            reasons=self._reasons(before.reasons),
            rules=self._rules(),
            form=self._form(),
            keywords=self._keywords(),
            limits=self._limits([*question.parts, *(one.name for own in criteria.values() for one in own)]),
        )

    # ------------------------------------------------------------ parts

    def _criteria(self, question: Question) -> dict[str, tuple[Criterion, ...]]:
        found: dict[str, list[Criterion]] = {scope: [] for scope in SCOPES}
        names: list[tuple[str, str]] = [("", name) for name in question.parts]
        for number, row in enumerate(self._many("criterion"), 1):
            if _is_limit(row):
                continue
            said = self._texts("criterion", number, row, ("name", "text", "stage"))
            name, text, scope = (said[key].strip() for key in ("name", "text", "stage"))
            if not (name and text):
                self._tell("criterion", number, "a criterion needs a name and a text")
            elif scope not in SCOPES:
                self._tell("criterion", number, f'stage is "", "abstract" or "fulltext", not {scope!r}', "stage")
            elif any(name.casefold() == other and (not scope or at in ("", scope)) for at, other in names):
                self._tell("criterion", number, f"another criterion is called {name!r}; give it a name of its own")
            else:
                names.append((scope, name.casefold()))
                found[scope].append(Criterion(name, text))
        if not question.parts and not any(found.values()):
            self._tell("question", 1, "there is nothing to judge records by; write a part of the question")
        return {scope: tuple(own) for scope, own in found.items()}

    def _limits(self, taken: Iterable[str]) -> tuple[Limit, ...]:
        names, found = {name.casefold() for name in taken}, []
        for number, row in enumerate(self._many("criterion"), 1):
            if not _is_limit(row):
                continue
            known = len(self.problems)
            limit = self._limit(number, row)
            if limit.name.casefold() in names and len(self.problems) == known:
                self._tell(
                    "criterion", number, f"another criterion is called {limit.name!r}; give it a name of its own"
                )
            names.add(limit.name.casefold())
            found.append(limit)
        return tuple(found)

    def _limit(self, number: int, row: Mapping[str, Any]) -> Limit:
        plain = {key: value for key, value in row.items() if key not in ("only", "not", "excludes")}
        keys = ("name", "text", "stage", "field")
        said = self._texts("criterion", number, plain, keys, also=("only", "not", "excludes"))
        field, excludes, values = said["field"].strip(), row.get("excludes", False), row.get("only", row.get("not"))
        kept: tuple[str, ...] = ()
        if not said["name"]:
            self._tell("criterion", number, "a criterion needs a name")
        if said["stage"]:
            told = "what is checked by rule is the same at both stages; leave stage out"
            self._tell("criterion", number, told, "stage")
        if not isinstance(excludes, bool):
            self._tell("criterion", number, "excludes is true or false", "excludes")
        if ("only" in row) == ("not" in row):
            self._tell("criterion", number, "what is checked by rule has either only = [...] or not = [...]")
        elif not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            self._tell("criterion", number, 'only and not are lists of texts, like ["2000-2020"] or ["Review"]')
        elif field not in tuple(LimitField):
            self._tell("criterion", number, f"field is one of {', '.join(LimitField)}, not {field[:40]!r}", "field")
        else:
            try:
                kept = limits.make_values(LimitField(field), values)
            except InputError as error:
                told = f"{error.message.removesuffix('.')} ({(error.hint or '').removesuffix('.')})"
                self._tell("criterion", number, told, "only" if "only" in row else "not")
        known = LimitField(field) if field in tuple(LimitField) else LimitField.YEAR
        return Limit(said["name"], known, kept, "only" in row, excludes is True, said["text"])

    def _reasons(self, before: Sequence[Reason]) -> tuple[Reason, ...]:
        found = []
        for number, row in enumerate(self._many("reason"), 1):
            retired = row.get("retired", False)
            if not isinstance(retired, bool):
                self._tell("reason", number, "retired is true or false", "retired")
            plain = {key: value for key, value in row.items() if key != "retired"}
            said = self._texts("reason", number, plain, ("key", "text"), also=("retired",))
            found.append(Reason(said["key"].strip(), said["text"].strip(), retired is True))
        for place, told in reason_lists.find_problems(found, before):
            self._tell("reason", place or 1, told)
        return tuple(found)

    def _rules(self) -> dict[Stage, Rule]:
        found: dict[Stage, Rule] = {}
        known = len(self.problems)
        for number, row in enumerate(self._many("rule"), 1):
            self._check_keys("rule", number, row, ("stage", "kind", "share"))
            stage, kind, share = row.get("stage"), row.get("kind"), row.get("share", 0.0)
            if stage not in tuple(Stage) or stage in found:
                self._tell("rule", number, 'stage is "abstract" or "fulltext", each once', "stage")
            elif kind not in tuple(RuleKind):
                self._tell("rule", number, f"kind is one of {_RULE_KINDS}, not {str(kind)[:40]!r}", "kind")
            elif isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
                self._tell("rule", number, "share is a number from 0 to 1", "share")
            elif (kind == RuleKind.SHARE) != (share > 0):
                self._tell("rule", number, "share goes with kind share, which needs one above 0", "share")
            else:
                found[Stage(stage)] = Rule(RuleKind(kind), float(share))
        for stage in Stage:
            if stage not in found and len(self.problems) == known:
                self._tell("rule", 1, f"there is no [[rule]] for the stage {stage}")
        return {stage: found.get(stage, Rule()) for stage in Stage}

    def _keywords(self) -> Keywords:
        table = self._one("keywords")
        self._check_keys("keywords", 1, table, ("include", "exclude"))
        said = {}
        for name in ("include", "exclude"):
            words = table.get(name, [])
            if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
                self._tell("keywords", 1, f'{name} is a list of texts, like ["random", "trial"]', name)
                words = []
            said[name] = tuple(dict.fromkeys(" ".join(word.split()) for word in words))
        return Keywords(**said)

    def _form(self) -> Form:
        try:
            return forms.from_table(
                self._one("form"),
                self._place("form", 1),
                lambda kind, number: f"{self._place(f'form.{kind}', number)}, [[form.{kind}]] number {number}",
            )
        except InputError as error:
            self.problems.append((self._lines.get(("form", 1), 0), f"{error.message} {error.hint}"))
            return Form("")

    # ------------------------------------------------------------ tables, and telling of them

    def _one(self, name: str) -> Mapping[str, Any]:
        found = self._table.get(name, {})
        if not isinstance(found, dict):
            self._tell(name, 1, f"{name} is written as [{name}] with its parts below")
            return {}
        return found

    def _many(self, name: str) -> list[Mapping[str, Any]]:
        found = self._table.get(name, [])
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            self._tell(name, 1, f"{name} is written as [[{name}]] with its parts below")
            return []
        return found

    def _texts(
        self, name: str, number: int, row: Mapping[str, Any], keys: Sequence[str], also: Iterable[str] = ()
    ) -> dict[str, str]:
        self._check_keys(name, number, row, (*keys, *also))
        said = {}
        for key in keys:
            value = row.get(key, "")
            if not isinstance(value, str) or len(value) > forms.LONGEST:
                self._tell(
                    name, number, f"{key} is a text in quotation marks of at most {forms.LONGEST:,} characters", key
                )
                value = ""
            said[key] = value.strip()
        return said

    def _check_keys(self, name: str, number: int, row: Mapping[str, Any], keys: Sequence[str]) -> None:
        for key in row:
            if key not in keys:
                at = key if name else ""
                place = (name, number) if name else (key, 1)
                self._tell(*place, f"there is no {key[:40]!r} here, only {', '.join(keys)}", at)

    def _tell(self, name: str, number: int, told: str, key: str = "") -> None:
        line = self._line(name, number, key)
        self.problems.append((line, f"{self._place(name, number, key)}: {told}."))

    def _place(self, name: str, number: int, key: str = "") -> str:
        line = self._line(name, number, key)
        return f"{self._where}, line {line}" if line else self._where

    def _line(self, name: str, number: int, key: str = "") -> int:
        within = f"{name}.{key}" if name else key
        return self._lines.get((within, number)) or self._lines.get((name, number), 0)


def _criteria_told(protocol: Protocol) -> Iterable[Mapping[str, Any]]:
    for scope in SCOPES:
        for one in protocol.criteria.get(scope, ()):
            yield {"name": one.name, "text": one.text, "stage": str(scope)}


def _limit_lines(limit: Limit) -> list[str]:
    told = {"name": limit.name, "text": limit.text, "field": str(limit.field)}
    excludes = ["excludes = true"] if limit.excludes else []
    return [*_lines(told), f"{'only' if limit.only else 'not'} = {_list(limit.values)}", *excludes]


def _is_limit(row: Mapping[str, Any]) -> bool:
    return not {"field", "only", "not", "excludes"}.isdisjoint(row)


def _rule_told(rule: Rule) -> dict[str, Any]:
    return {"kind": str(rule.kind), **({"share": rule.share} if rule.kind is RuleKind.SHARE else {})}


def _retired(reason: Reason) -> dict[str, bool]:
    return {"retired": True} if reason.retired else {}


def _entries(name: str, rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    found = [[f"[[{name}]]", *_lines(row)] for row in rows]
    return [[_head(name), *found[0]], *found[1:]] if found else [[_head(name)]]


def _lines(row: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {toml_value(value)}" for key, value in row.items()]


def _words(keywords: Keywords) -> tuple[tuple[str, Sequence[str]], ...]:
    return ("include", keywords.include), ("exclude", keywords.exclude)


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(map(toml_value, words))}]"


def _head(name: str) -> str:
    return f"# {_HEADS[name]}"
