"""Reading a reply: whole JSON of the expected shape, or a ReplyError with the reason. Nothing in between.

A cut-off or malformed answer is never repaired and never read in part: half an answer puts judgements onto the wrong
criteria, unseen. The one thing that is tolerated is a code fence around JSON that is whole.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from leads_local.engine.json_style import MOST_DIGITS
from leads_local.engine.types import FinishReason, Reply
from leads_local.errors import ReplyError

_FENCE = re.compile(r"\A\s*```(?:json)?[ \t]*\n(.*)\n[ \t]*```\s*\Z", re.DOTALL | re.IGNORECASE)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_DIGITS = re.compile(rf"[0-9]{{{MOST_DIGITS}}}")
_TOKEN = 16  # characters of a long token
CUT_MARK = "[…]"
"""Ends a text, or stands as one more entry of a list, that is as long as the schema lets it be."""
FULL_REMARK = "as long as it may be"
"""Is said in each note on something that has no place for CUT."""
_ABSENT = frozenset(
    {
        "",
        "-",
        "–",
        "—",
        "na",
        "n/a",
        "n.a",
        "nr",
        "n/r",
        "null",
        "none reported",
        "not available",
        "not given",
        "not mentioned",
    }
    | {"not provided", "not reported", "not specified", "not stated"}
)
_WORDS = frozenset({"Na", "Nr"})  # which mean something where only their first letter is a capital


def read_json(reply: Reply) -> Any:
    """The JSON value of a reply that ended by itself. Numbers come as the text they were written with.

    Raises ReplyError when the reply failed, was cut off, or is not exactly one JSON value.
    """
    if reply.finish is FinishReason.LENGTH:
        raise ReplyError(
            f"The answer was cut off after {reply.output_tokens} tokens, before it was whole.",
            "Ask again with more room.",
        )
    if reply.finish is FinishReason.CANCELLED:
        raise ReplyError("The answer was stopped before it was whole.", "Start the work again.")
    if not reply.ok:
        raise ReplyError(reply.error or "The model gave no answer and no reason.", "Ask again.")
    if not reply.text.strip():
        raise ReplyError("The answer is empty.", "Ask again.")
    fenced = _FENCE.match(reply.text)
    try:
        return json.loads(
            fenced[1] if fenced else reply.text,
            parse_int=str,
            parse_float=str,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise ReplyError(f"The answer is not whole JSON: {error}.", "Its raw text is kept; ask again.") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("an object has the same key twice")
    return table


def require_object(value: Any, keys: tuple[str, ...], where: str) -> dict[str, Any]:
    """``value`` as an object that has all ``keys``. Further keys are left alone."""
    if not isinstance(value, dict):
        raise ReplyError(f"The answer has no object at {where}.", "Its raw text is kept; ask again.")
    absent = [key for key in keys if key not in value]
    if absent:
        raise ReplyError(f"The answer has no {' and no '.join(absent)} at {where}.", "Its raw text is kept; ask again.")
    return value


def is_full(found: list[Any], most: int) -> bool:
    """Whether a list is as long as the schema lets it be, so that further entries may be missing."""
    return len(found) >= most


def require_list(value: Any, where: str, count: int | None = None) -> list[Any]:
    """``value`` as a list, of exactly ``count`` entries if that is given."""
    if not isinstance(value, list):
        raise ReplyError(f"The answer has no list at {where}.", "Its raw text is kept; ask again.")
    if count is not None and len(value) != count:
        raise ReplyError(
            f"The answer has {len(value)} entries at {where}, {count} were asked for.",
            "Its raw text is kept; ask again.",
        )
    return value


def clean_text(value: Any, where: str, limit: int = 0) -> str:
    """``value`` as text that can be stored and shown: no control characters but tab and line end, no half surrogates.
    Null is "".

    With CUT at its end when it is as long as the schema lets it be (``limit``), so that no one takes a part for the
    whole.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ReplyError(f"The answer has no text at {where}.", "Its raw text is kept; ask again.")
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    clean = _UNPRINTABLE.sub("", whole.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return f"{clean} {CUT_MARK}" if limit and is_cut(value, limit) else clean


def is_cut(value: str, limit: int) -> bool:
    """Whether ``value``, as it stands in the answer, is about as long as it may be: a long token may not have fitted
    any more."""
    return len(value) > limit - _TOKEN or _DIGITS.search(value) is not None


def drop_not_reported(value: str) -> str:
    """``value``, or "" when it only says that there is none ("NA", "not reported"). "Na" is sodium, and "Nr" begins a
    number."""
    said = value.strip().rstrip(".").strip()
    return value if said in _WORDS or said.casefold() not in _ABSENT else ""
