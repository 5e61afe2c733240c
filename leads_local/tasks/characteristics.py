"""Study characteristics: one value for each field of the form, under the field's own name.

Values come back by name, never by position alone. "NA" and the like become "not reported" ("").
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from leads_local.engine.types import Reply, Request
from leads_local.errors import InputError, ReplyError
from leads_local.records import ExtractedValue, Field, Quote
from leads_local.tasks import replies, schemas
from leads_local.tasks.prompts import PromptPack

TASK = "characteristics"
MOST_FIELDS = 8
"""How many fields one request should hold, so that the room for its answer leaves the paper enough of the context."""


def split(fields: Sequence[Field]) -> list[tuple[Field, ...]]:
    """The fields in as few and as even portions as ``MOST_FIELDS`` allows, in order; their prompts share the paper."""
    if not fields:
        return []
    portions = -(-len(fields) // MOST_FIELDS)
    size, rest = divmod(len(fields), portions)
    ends = [size * n + min(n, rest) for n in range(portions + 1)]
    return [tuple(fields[start:end]) for start, end in pairwise(ends)]


def fields_info(fields: Sequence[Field]) -> str:
    """``<field id=0>name: description</field>``, one a line."""
    return "\n".join(f"<field id={n}>{_definition(field)}</field>" for n, field in enumerate(fields))


def _definition(field: Field) -> str:
    description = " ".join(field.description.split())
    return f"{_name(field)}: {description}" if description else _name(field)


def _name(field: Field) -> str:
    return " ".join(field.name.split())


def request(id: str, paper: str, fields: Sequence[Field], pack: PromptPack) -> Request:
    """Ask for all ``fields`` at once. Raises InputError when there are none or two have the same name."""
    names = [_name(field) for field in fields]
    if not names:
        raise InputError("There is no field to extract.", "Write at least one field into the form.")
    twice = sorted({name for name in names if [n.casefold() for n in names].count(name.casefold()) > 1})
    if twice:
        raise InputError(
            f"The form has two fields of the same name: {', '.join(twice)}.", "Give each field a name of its own."
        )
    prompt = pack.prompt(TASK, paper_content=paper, num_fields=str(len(names)), fields_info=fields_info(fields))
    schema = schemas.characteristics(names, pack.quotes)
    return Request(id, prompt, schema, schemas.extraction_tokens(schema), pack.json_styles.get(TASK))


def read_answer(reply: Reply, fields: Sequence[Field]) -> list[dict[str, str]]:
    """``{"name", "value"}`` for each field in the order of ``fields``, with ``"quote"`` where the model gave one.
    Raises ReplyError."""
    rows: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(replies.require_list(replies.read_json(reply), "the top", len(fields)), 1):
        entry = replies.require_object(row, ("name", "value"), f"entry {number}")
        rows[" ".join(replies.clean_text(entry["name"], f"entry {number}").split()).casefold()] = entry
    found = []
    for field in fields:
        entry = rows.get(_name(field).casefold(), {})
        if not entry:
            raise ReplyError(
                f'The answer has no value for the field "{field.name}".', "Its raw text is kept; ask again."
            )
        where = f'"{field.name}"'
        value = {"name": field.name, "value": replies.clean_text(entry["value"], where, schemas.VALUE_LIMIT)}
        if "quote" in entry:
            value["quote"] = replies.clean_text(entry["quote"], where, schemas.QUOTE_LIMIT)
        found.append(value)
    return found


def parse(reply: Reply, fields: Sequence[Field]) -> tuple[ExtractedValue, ...]:
    """One Value for each field, in order. Its quote, if the pack asks for quotes, is not looked up yet. Raises
    ReplyError."""
    values = []
    for field, row in zip(fields, read_answer(reply, fields), strict=True):
        quote = replies.drop_not_reported(row.get("quote", ""))
        words = quote.removesuffix(replies.CUT_MARK).rstrip()  # is looked for in the paper
        note = (
            f"The model's quote is {replies.FULL_REMARK} ({schemas.QUOTE_LIMIT} characters): it may go on."
            if words != quote
            else ""
        )
        values.append(
            ExtractedValue(
                TASK,
                field.name,
                replies.drop_not_reported(row["value"]),
                note=note,
                quote=Quote(words) if words else None,
                cut=bool(note),
            )
        )
    return tuple(values)
