"""JSON schemas as limits on what may be decoded next: the only importer of ``llguidance``.

A schema is compiled once and kept; each request gets its own copy of the compiled state. The style is fixed (the
model's own where that is known, else one line, ``", "`` and ``": "``), so that as much as possible is forced. A
SentencePiece model was trained on answers that begin with the space that its tokenizer adds; the constraint asks for
that space too, so that forcing does not push the model off what it knows, and ``text`` takes it off again. A schema
that can't be compiled is an error of its request, never of the job.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from llguidance import LLMatcher, LLTokenizer
from numpy.typing import NDArray

from leads_local.engine.json_style import DEFAULT_STYLE, MOST_DIGITS, JsonStyle
from leads_local.engine.vocabulary import Vocabulary

_SPACE = 24  # characters of white space in one place, where it is free: a random model would never end it
_FREE = {"whitespace_flexible": True, "whitespace_pattern": rf"[ \n\t]{{0,{_SPACE}}}"}
_NUMBER = rf"/-?(0|[1-9][0-9]{{0,{MOST_DIGITS - 1}}})(\.[0-9]{{1,{MOST_DIGITS}}})?([eE][+\-]?[0-9]{{1,2}})?/"
_CLOSED = re.compile(r'"(?:[^"\\]|\\.)*"')
_TOKEN = re.compile(rf"{_CLOSED.pattern}?|[{{}}\[\],:]|[^\s{{}}\[\],:\"]+")
_KEPT = 64  # compiled schemas


class SchemaError(ValueError):
    """The schema of a request can't be compiled; the message says why."""


class ConstraintError(RuntimeError):
    """Decoding under a constraint went wrong: a limit of the matcher, or a token that it does not allow."""


class Constraint:
    """What may follow in one answer. Tokens are ids; every token of the answer must be given to ``consume`` in
    order."""

    __slots__ = ("_bits", "_matcher", "_pieces", "_schema")

    def __init__(
        self, matcher: LLMatcher, bits: NDArray[np.int32], schema: Mapping[str, Any], pieces: Sequence[bytes]
    ) -> None:
        self._matcher = matcher
        self._bits = bits
        self._schema = schema
        self._pieces = pieces

    def forced(self) -> list[int]:
        """The tokens that must come next whatever the model thinks; empty when there is a choice."""
        return list(self._matcher.compute_ff_tokens())

    def consume(self, tokens: Sequence[int]) -> None:
        """Go on by ``tokens``. Raises ConstraintError when one of them is not allowed."""
        if not self._matcher.consume_tokens(list(tokens)):
            raise ConstraintError(f"The answer could not be kept to its schema: {_reason(self._matcher.get_error())}.")

    def admits(self, tokens: Sequence[int]) -> int:
        """How many of ``tokens``, from the first, may follow one after the other. Changes nothing."""
        return int(self._matcher.validate_tokens(list(tokens)))

    def chooses(self, answer: Sequence[int]) -> bool:
        """Whether the schema has a word chosen out of a list (an ``enum``) where ``answer``, all tokens so far,
        ends."""
        return within_word(self._schema, b"".join(self._pieces[token] for token in answer).decode("utf-8", "replace"))

    def allowed(self) -> NDArray[np.bool_]:
        """One truth value for each token of the vocabulary: may it come next? A view that the next call overwrites."""
        self._matcher.unsafe_compute_mask_ptr(self._bits.ctypes.data, self._bits.nbytes)
        if self._matcher.is_error():
            raise ConstraintError(f"The answer could not be kept to its schema: {_reason(self._matcher.get_error())}.")
        return np.unpackbits(self._bits.view(np.uint8), bitorder="little").view(np.bool_)

    @property
    def finished(self) -> bool:
        """Whether the answer is whole and nothing can follow."""
        return bool(self._matcher.is_stopped())


class Compiler:
    """Makes constraints for one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        marked = frozenset(vocabulary.special.values())
        self._pieces = vocabulary.pieces
        self._lead = " " if vocabulary.adds_space else ""
        make = partial(
            LLTokenizer.from_llamacpp,  # type: ignore[attr-defined]
            tokens=[b"\xff" + piece if i in marked else piece for i, piece in enumerate(vocabulary.pieces)],
            vocab_ptr=vocabulary.pointer,
            tokenize_fptr=vocabulary.tokenize_pointer,
            slices=None,
        )
        try:
            self._tokenizer = make(eos_token=sorted(vocabulary.ends) or vocabulary.eos)
        except TypeError:  # llguidance before 1.7, the newest for RHEL 8, takes one end
            self._tokenizer = make(eos_token=vocabulary.eos)
        self._bits = np.zeros((len(vocabulary.pieces) + 31) // 32, np.int32)
        self._compiled: OrderedDict[str, LLMatcher] = OrderedDict()

    def constraint(self, schema: Mapping[str, Any], style: JsonStyle = DEFAULT_STYLE) -> Constraint:
        """A new constraint for an answer that must match ``schema``, laid out in this way. Raises SchemaError."""
        try:
            key = json.dumps([schema, style.stored()])
        except (TypeError, ValueError) as error:
            raise SchemaError(f"the schema is no JSON: {error}") from error
        if key not in self._compiled:
            self._compiled[key] = self._compile(schema, style)
            if len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(key)
        return Constraint(self._compiled[key].deep_copy(), self._bits, schema, self._pieces)

    def _compile(self, schema: Mapping[str, Any], style: JsonStyle) -> LLMatcher:
        if not isinstance(schema, Mapping):
            raise SchemaError(f"the schema must be a JSON object, is {type(schema).__name__}")
        try:
            found = LLMatcher.grammar_from_lark(write_grammar(schema, style, self._lead))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise SchemaError(f"the schema is none that is known: {error}") from error
        matcher = LLMatcher(self._tokenizer, found, log_level=0)
        if matcher.is_error():
            raise SchemaError(f"the schema can't be compiled: {_reason(matcher.get_error())}")
        return matcher


def within_word(schema: Mapping[str, Any], text: str) -> bool:
    """Whether ``text``, the beginning of an answer that matches ``schema``, ends within a text that is one out of a
    list."""
    open_: list[tuple[Mapping[str, Any], int]] = []  # what is not closed yet, with the place of its current entry
    value: Mapping[str, Any] = schema  # the schema of what comes next, or is being written
    last = key = ""
    for match in _TOKEN.finditer(text):
        last = match[0]
        if last in ("{", "["):
            open_.append((value, 0))
            value = _item(value, 0)
        elif last == ",":
            whole, place = open_.pop()
            open_.append((whole, place + 1))
            value = _item(whole, place + 1)
        elif last == ":":
            value = open_[-1][0].get("properties", {}).get(json.loads(key), {})
        elif last in ("}", "]"):
            open_.pop()
            value = {}
        key = last
    return "enum" in value and last[:1] == '"' and not (len(last) > 1 and _CLOSED.fullmatch(last))


def _item(schema: Mapping[str, Any], place: int) -> Mapping[str, Any]:
    """The schema of an entry of a list; of an object, nothing, until its key is known."""
    if "properties" in schema:
        return {}
    fixed = schema.get("prefixItems", ())
    return fixed[place] if place < len(fixed) else schema.get("items") or {}


def write_grammar(schema: Mapping[str, Any], style: JsonStyle, lead: str = "") -> str:
    """All answers that match ``schema`` in this style, after ``lead``, in the language of llguidance."""
    begin = f'"{lead}" ' if lead else ""
    rules = _Grammar(style)
    answer = rules.rule(schema, 0)
    if style.free:
        free = ["open: /```(json)?\\n/", "close: /\\n```/", "ws: SPACE?", f"SPACE: /[ \\n\\t]{{1,{_SPACE}}}/"]
        return "\n".join([f"start: {begin}open? {answer} close?", *free, *rules.rules])
    opened, closed = (_text(f"{style.fence}\n") + " ", " " + _text("\n```")) if style.fence else ("", "")
    return "\n".join([f"start: {begin}{opened}{answer}{closed}", *rules.rules])


class _Grammar:
    """A schema as a grammar in one style. ``rules`` grows with each ``rule`` that is asked for.

    Knows the schemas of ``tasks.schemas``; any other part is left to llguidance, which keeps it to one line.
    """

    def __init__(self, style: JsonStyle) -> None:
        self._style = style
        self.rules: list[str] = [f"NUMBER: {_NUMBER}"]

    def rule(self, schema: Mapping[str, Any], depth: int) -> str:
        """The name of the rule for a value of ``schema`` that begins at ``depth``."""
        place = len(self.rules)
        self.rules.append("")
        self.rules[place] = f"r{place}: {self._body(schema, depth)}"
        return f"r{place}"

    def _body(self, schema: Mapping[str, Any], depth: int) -> str:
        if "const" in schema:
            return _text(_written(schema["const"]))
        if "enum" in schema:
            return " | ".join(_text(_written(value)) for value in schema["enum"])
        if schema.get("properties") and schema.get("required") == list(schema["properties"]):
            parts = [self._entry(name, part, depth) for name, part in schema["properties"].items()]
            return f"{self._open('{', depth)} {f' {self._between(depth)} '.join(parts)} {self._close('}', depth)}"
        if schema.get("prefixItems"):
            parts = [self.rule(part, depth + 1) for part in schema["prefixItems"]]
            return f"{self._open('[', depth)} {f' {self._between(depth)} '.join(parts)} {self._close(']', depth)}"
        if (
            schema.get("type") == "array"
            and "maxItems" in schema
            and (isinstance(schema.get("items"), Mapping) or not schema["maxItems"])
        ):
            return self._list(schema, depth)
        if isinstance(schema.get("type"), list):
            return self._number_or_text(schema)
        guidance = {"whitespace_flexible": False, "item_separator": self._style.item, "key_separator": self._style.key}
        return f"%json {json.dumps({**schema, 'x-guidance': _FREE if self._style.free else guidance})}"

    def _entry(self, name: str, part: Mapping[str, Any], depth: int) -> str:
        value = self.rule(part, depth + 1)
        if self._style.free:
            return f"{_text(_written(name) + ':')} ws {value}"
        return f"{_text(_written(name) + self._style.key)} {value}"

    def _number_or_text(self, schema: Mapping[str, Any]) -> str:
        """A text, and where the model writes them so a bare number of so many digits, or null."""
        text = self.rule({**schema, "type": "string"}, 0)
        bare = [
            {"number": "NUMBER", "null": '"null"'}[kind]
            for kind in schema["type"]
            if kind != "string" and self._style.numbers
        ]
        return " | ".join([text, *bare])

    def _list(self, schema: Mapping[str, Any], depth: int) -> str:
        least, most = int(schema.get("minItems", 0)), int(schema["maxItems"])
        empty = '"[" ws "]"' if self._style.free else '"[]"'
        if most == 0:
            return empty
        flat = self._style.flat and not {"properties", "items", "prefixItems"} & schema["items"].keys()
        item = self.rule(schema["items"], depth + 1)
        more = (
            f"({self._between(depth, flat)} {item}){{{max(least - 1, 0)},{most - 1}}} " if most > 1 else ""
        )  # no {0,0} in a grammar
        some = f"{self._open('[', depth, flat)} {item} {more}{self._close(']', depth, flat)}"
        return some if least else f"{some} | {empty}"

    def _open(self, bracket: str, depth: int, flat: bool = False) -> str:
        return f'"{bracket}" ws' if self._style.free else _text(bracket + self._line(depth + 1, flat))

    def _between(self, depth: int, flat: bool = False) -> str:
        if self._style.free:
            return '"," ws'
        return _text(self._style.item if flat or self._style.indent is None else "," + self._line(depth + 1))

    def _close(self, bracket: str, depth: int, flat: bool = False) -> str:
        return f'ws "{bracket}"' if self._style.free else _text(self._line(depth, flat) + bracket)

    def _line(self, depth: int, flat: bool = False) -> str:
        return "" if flat or self._style.indent is None else "\n" + self._style.indent * depth


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text(text: str) -> str:
    """A literal of the grammar, whose strings may not hold DEL as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _reason(error: str) -> str:
    """The first line of llguidance's message that says something."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    return lines[0].rpartition("failed to compile JSON schema: ")[2] if lines else "unknown reason"
