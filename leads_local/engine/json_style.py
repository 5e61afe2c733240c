"""How a model lays out the JSON that it writes: on one line or indented, with which white space, bare or in a code
fence.

A model that is forced into another layout than the one it was trained to write is pushed off what it knows with every
token. So the layout is found once, from an answer whose white space was free (``tasks.style_probe``), and then forced
(``engine.constraint``). What is not one clear layout is none: then the default is forced, which is what ``json.dumps``
writes.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import Any

_TOKEN = re.compile(r'(?P<space>\s*)(?P<token>"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+)')
_FENCED = re.compile(r"\A(```[A-Za-z]*)\n(.*)\n```\Z", re.DOTALL)
_FENCES = ("```json", "```")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")

MOST_DIGITS = 40
"""Before and after the point of a bare number: more than any real one has."""


@dataclass(frozen=True, slots=True)
class JsonStyle:
    """``item`` and ``key`` stand between items and after a key on one line. ``indent`` is one level's indentation where
    each item has a line of its own (None: all on one line); ``flat`` keeps lists of plain texts on one line even then.
    ``fence`` opens a code fence.

    ``numbers`` says that numbers, and null, may stand bare where a schema admits them; else they are forced into
    quotation marks. ``free`` leaves the white space to the model, for finding out.
    """

    item: str = ", "
    key: str = ": "
    indent: str | None = None
    flat: bool = False
    fence: str = ""
    free: bool = False
    numbers: bool = True

    def in_words(self) -> str:
        """For a person to read."""
        if self.indent is None:
            text = f"on one line, “{self.item}” between items, “{self.key}” after keys"
        else:
            text = (
                f"each item on a line of its own, indented by {_describe_indent(self.indent)}, “{self.key}” after keys"
            )
            text += ", plain lists on one line" if self.flat else ""
        text += "" if self.numbers else ", numbers in quotation marks"
        return text + (f", in a code fence ({self.fence})" if self.fence else "")

    def stored(self) -> dict[str, Any]:
        """As plain data; ``restored`` takes it back."""
        return asdict(self)


DEFAULT_STYLE = JsonStyle()
FREE_STYLE = JsonStyle(free=True)


def style_from_data(data: Any) -> JsonStyle | None:
    """A layout from what ``stored`` gave; None for anything that is none."""
    names = {field.name: field.default for field in fields(JsonStyle)}
    if not isinstance(data, dict) or set({"numbers": True} | data) != set(
        names
    ):  # of older versions, without "numbers"
        return None
    kinds = {"indent": (str, type(None)), "flat": (bool,), "free": (bool,), "numbers": (bool,)}
    if not all(isinstance(value, kinds.get(name, (str,))) for name, value in data.items()):
        return None
    white = [data["item"].removeprefix(","), data["key"].removeprefix(":"), data["indent"] or ""]
    return None if any(text.strip() for text in white) or data["fence"] not in ("", *_FENCES) else JsonStyle(**data)


def detect_style(text: str) -> JsonStyle | None:
    """The one layout that all of ``text`` keeps to; None where it is no whole JSON, shows no layout, or mixes
    several."""
    text = text.strip()
    fenced = _FENCED.match(text)
    fence, body = (fenced[1], fenced[2]) if fenced else ("", text)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict | list) or not value or fence not in ("", *_FENCES):
        return None
    seen = _SeenWhiteSpace(body)
    return None if seen.layout is None else JsonStyle(*seen.layout, fence)


def quotes_numbers(text: str) -> bool:
    """Whether ``text``, the whole JSON that ``detect`` found a layout of, has numbers in quotation marks and no bare
    ones."""
    tokens = [match["token"] for match in _TOKEN.finditer(text)]
    quoted = [one[1:-1] for one, after in pairwise([*tokens, ""]) if one[0] == '"' and after != ":"]
    return any(map(_NUMBER.fullmatch, quoted)) and not any(map(_NUMBER.fullmatch, tokens))


def _describe_indent(indent: str) -> str:
    if indent == "\t":
        return "a tab"
    return f"{len(indent)} space{'s' * (len(indent) != 1)}" if indent else "nothing"


class _SeenWhiteSpace:
    """The white space of a JSON text by the place where it stands. ``layout`` is what follows from it: item, key,
    indent, flat."""

    def __init__(self, text: str) -> None:
        self._keys: set[str] = set()
        self._odd = False  # white space where no layout has any
        self._lines: set[tuple[str, int]] = set()  # white space with a line end, and the depth that it should show
        self._inline: set[str] = set()  # between items on one line
        self._bare = self._plain = 0  # containers on one line; those of them that are lists of plain values
        self._plain_lines = 0  # lists of plain values over several lines
        self._read(text)
        self.layout = self._found()

    def _read(self, text: str) -> None:
        open_: list[dict[str, Any]] = []
        before = ""
        for match in _TOKEN.finditer(text):
            space, token = match["space"], match["token"]
            if token in "}]" and before not in "{[":
                open_[-1]["gaps"].append((space, len(open_) - 1, False))
            elif before == ":":
                self._keys.add(space)
            elif before and before in "{[," and token not in "}]":
                open_[-1]["gaps"].append((space, len(open_), before == ","))
            elif token not in "{[" or before:
                self._odd |= bool(space)
            if token in "{[":
                if open_:
                    open_[-1]["plain"] = False
                open_.append({"gaps": [], "plain": token == "["})
            elif token in "}]":
                self._close(open_.pop())
            before = token

    def _close(self, container: dict[str, Any]) -> None:
        gaps: list[tuple[str, int, bool]] = container["gaps"]
        if not gaps:
            return
        if any("\n" in space for space, _, _ in gaps):
            self._lines |= {(space, depth) for space, depth, _ in gaps}
            self._plain_lines += container["plain"]
            return
        self._bare += 1
        self._plain += container["plain"]
        self._inline |= {space for space, _, between in gaps if between}
        self._odd |= any(space for space, _, between in gaps if not between)

    def _found(self) -> tuple[str, str, str | None, bool] | None:
        if self._odd or len(self._keys) > 1 or len(self._inline) > 1:
            return None
        key = ":" + next(iter(self._keys), " ")
        item = "," + next(iter(self._inline), " ")
        if not self._lines:
            return item, key, None, False
        if self._bare > self._plain or (self._plain and self._plain_lines):
            return None
        indent = next((space[1:] for space, depth in self._lines if depth == 1), None)
        if indent is None or indent.strip() or any(space != "\n" + indent * depth for space, depth in self._lines):
            return None
        return item, key, indent, bool(self._plain)
