"""JSON schemas that limit each answer while it is decoded, and how many tokens the longest answer can take.

Key order and nesting are those that LEADS was trained to write. Every string and list has an upper bound that no real
trial reaches, so that a model that never closes a string (a random one never does) is closed by the schema; each task
marks what is as long as it may be (``replies.clean_text``, ``replies.is_full``). Nothing here may say anything that the
prompt does not: a schema takes away wrong shapes, it must not suggest an answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from leads_local.engine.json_style import MOST_DIGITS
from leads_local.records import Eligibility

Schema = dict[str, Any]

LEAST_TOKENS = 1024
LONGEST_NUMBER = 2 * MOST_DIGITS + len("-.e-99")
MOST_TOKENS = 6144
"""The most tokens for an extraction answer: room for any one of the limits below to be reached, but not for all of them
at once."""
QUERY_LIMIT = 3000
VALUE_LIMIT = 600
QUOTE_LIMIT = 600
NUMBER_LIMIT = 200
OUTCOME_PART_LIMITS = {
    "paramType": 100,
    "unitOfMeasure": 200,
    "timeFrame": 300,
    "unitOfDenom": 100,
    "denomValue": NUMBER_LIMIT,
}
LABEL_LIMIT = 200
TITLE_LIMIT = (
    LABEL_LIMIT + 50
)  # of a group that may be named freely; those that are asked for are an arm's label and a number at most
KIND_LIMIT = 60
NAME_LIMIT = 200
ID_LIMIT = 100
NOTE_LIMIT = 400
DESCRIPTION_LIMIT = 600
LEAST_REASON = 8
MOST_ARMS = 24
MOST_INTERVENTIONS = 24
MOST_GROUPS = 64


def _string(most: int, least: int = 0) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most} if least else {"type": "string", "maxLength": most}


def _number(most: int) -> Schema:
    """A number as LEADS was trained to write it, or null where there is none; or a text, which can hold its spread as
    well."""
    return {"type": ["string", "number", "null"], "maxLength": most}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: Schema, least: int, most: int) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def rationale_limit(count: int) -> int:
    """Most characters of one rationale: 500 for up to four criteria, fewer for more, 200 at the least."""
    return max(200, min(500, 2000 // max(count, 1)))


def search() -> Schema:
    return _object(query=_string(QUERY_LIMIT, 1))


_EMPTY: Schema = {"const": ""}


def screening(count: int, named: Sequence[str] = (), of: int = 0) -> Schema:
    """Exactly ``count`` evaluations, so that none can be left out and none can move to another criterion; ``of`` so
    many in all, where the others are asked for in requests of their own.

    Here and below, ``named`` are what the entries are about, in order, where each has to begin by saying so.
    """
    return _evaluations(count, named, _string(rationale_limit(of or count)))


def verdicts(count: int, named: Sequence[str] = ()) -> Schema:
    """Eligibility words only, for ``count`` criteria: the keys that LEADS was trained to write, each rationale an empty
    string."""
    return _evaluations(count, named, _EMPTY)


def reason(words: Sequence[str], count: int, named: Sequence[str] = ()) -> Schema:
    """The reason for the last of ``words``, which are those given for the first of ``count`` criteria: only that reason
    is free.

    It may not be empty, as the reasons before it are, which a model would go on with.
    """
    reasons = [*[_EMPTY] * (len(words) - 1), _string(rationale_limit(count), LEAST_REASON)]
    given = zip(words, reasons, named or [""] * count, strict=False)  # of the names, those of the first criteria
    return _object(
        evaluations=_tuple([_evaluation({"const": word}, rationale, name) for word, rationale, name in given])
    )


def _evaluations(count: int, named: Sequence[str], rationale: Schema) -> Schema:
    words: Schema = {"enum": [e.value for e in Eligibility]}
    if named:
        return _object(evaluations=_tuple([_evaluation(words, rationale, name) for name in named]))
    return _object(evaluations=_list(_evaluation(words, rationale), count, count))


def _evaluation(word: Schema, rationale: Schema, name: str = "") -> Schema:
    return _object(**({"criterion": {"const": name}} if name else {}), eligibility=word, rationale=rationale)


def _tuple(entries: Sequence[Schema]) -> Schema:
    """A list of exactly these entries."""
    return {
        "type": "array",
        "prefixItems": list(entries),
        "items": False,
        "minItems": len(entries),
        "maxItems": len(entries),
    }


def characteristics(names: Sequence[str], quotes: bool) -> Schema:
    """One entry for each name, in order, under exactly that name."""

    def entry(name: str) -> Schema:
        parts: dict[str, Schema] = {"name": {"const": name}}
        if quotes:
            parts["quote"] = _string(QUOTE_LIMIT)
        return _object(**parts, value=_string(VALUE_LIMIT))

    return _tuple([entry(name) for name in names])


def results(titles: Sequence[str], named: bool = False) -> Schema:
    """One outcome. With ``titles``, each result belongs to one of these groups; without (free group definitions), to
    any.

    Where packs for very small models ask for ``named`` entries, numbers are texts, as all else.
    """
    value = _value(named)
    if named and titles:
        rows = _tuple([_object(title={"const": title}, value=value) for title in titles])
    else:
        title: Schema = {"enum": list(titles)} if titles else _string(TITLE_LIMIT)
        rows = _list(_object(value=value, title=title), 1, len(titles) or MOST_GROUPS)
    once = {key: _string(limit) for key, limit in OUTCOME_PART_LIMITS.items()} | {"denomValue": value}
    return _object(**once, results=rows)


def _value(named: bool) -> Schema:
    return _string(NUMBER_LIMIT) if named else _number(NUMBER_LIMIT)


def takes_numbers(schema: Schema) -> bool:
    """Whether an answer may hold bare numbers."""
    parts = [
        *schema.get("properties", {}).values(),
        *schema.get("prefixItems", ()),
        *([schema["items"]] if schema.get("items") else []),
    ]
    return "number" in schema.get("type", "") or any(takes_numbers(part) for part in parts)


def participants(ids: Sequence[str], named: bool = False) -> Schema:
    """One statistic for each group; ``ids`` as in ``results``."""
    rest = {"value": _value(named), "note": _string(NOTE_LIMIT)}
    if named and ids:
        return _object(results=_tuple([_object(groupId={"const": id}, **rest) for id in ids]))
    group: Schema = {"enum": list(ids)} if ids else _string(ID_LIMIT)
    return _object(results=_list(_object(groupId=group, **rest), 1, len(ids) or MOST_GROUPS))


def arms() -> Schema:
    return _list(
        _object(
            label=_string(LABEL_LIMIT, 1),
            type=_string(KIND_LIMIT),
            description=_string(DESCRIPTION_LIMIT),
            interventionNames=_list(_string(NAME_LIMIT), 0, MOST_INTERVENTIONS),
        ),
        0,
        MOST_ARMS,
    )


def longest_bytes(schema: Schema) -> int:
    """Length in bytes of the longest text that matches, when every free character takes one byte."""
    if "const" in schema:
        return _written(schema["const"])
    if "enum" in schema:
        return max(_written(value) for value in schema["enum"])
    if "string" in schema["type"]:
        return max(int(schema["maxLength"]) + 2, LONGEST_NUMBER if "number" in schema["type"] else 0)
    if schema["type"] == "object":
        return sum(_written(key) + 4 + longest_bytes(part) for key, part in schema["properties"].items()) + 2
    if "prefixItems" in schema:
        return sum(longest_bytes(item) + 2 for item in schema["prefixItems"]) + 2
    return int(schema["maxItems"]) * (longest_bytes(schema["items"]) + 2) + 2


def answer_tokens(schema: Schema) -> int:
    """``max_tokens`` that is enough for every answer whose characters take one token each at most, and never under
    1024.

    Real answers take a quarter of it. Only an answer that consists mostly of characters which the vocabulary lacks
    (several tokens each) could be longer; it would end as cut off, which is a stored failure and never read in part.
    """
    return max(LEAST_TOKENS, longest_bytes(schema) + 8)


def extraction_tokens(schema: Schema) -> int:
    """``max_tokens`` for an extraction answer: enough for the schema, but capped at MOST_TOKENS so that more of the
    context is left for the paper."""
    return min(answer_tokens(schema), MOST_TOKENS)


def _written(value: str) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
