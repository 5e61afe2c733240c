"""A small generative grammar: rules in text files, expanded at random into sentences that say known facts.

    = rule            a rule's name; each line after it is one production, `~` before it holds it out
    [a|b|~c]          one of these; `~` holds an alternative out; `[a]?` is there or not
    <rule>            another rule
    {slot}            a fact of the study; those used are remembered, so that gold answers name only what was said

Training text is expanded with ``seen`` only: held-out productions can't be reached. Test text prefers held-out
productions wherever a rule has one. Nothing here knows what the sentences mean.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

RULES = Path(__file__).resolve().parent / "rules"
_ARTICLE = re.compile(r"((?:^A|\ba)) (?=(?!one\b|once|eu)[aeio]|un(?!i|an)|ul|up|RCT\b)")
_TOKEN = re.compile(r"\{(\w+)\}|<(\w+)>|([\[\]|])")


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives, those held out apart; ``maybe`` when there may be nothing."""

    seen: tuple[tuple[object, ...], ...]
    unseen: tuple[tuple[object, ...], ...]
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    name: str


@dataclass(frozen=True, slots=True)
class Ref:
    rule: str


@dataclass(frozen=True, slots=True)
class Phrasing:
    """Which alternatives are taken: a held-out one, where there is one, in the share ``unseen`` of choices; else one of
    the ``first`` few, which are the plainest, or with 0 any."""

    unseen: float = 0.0
    first: int = 0


ANY, HELD_OUT = Phrasing(), Phrasing(unseen=1.0)


@dataclass(slots=True)
class Writer:
    """Expands rules with ``slots`` as facts in a certain ``phrasing``; ``said`` are the slots that were used."""

    rng: random.Random
    slots: dict[str, str]
    phrasing: Phrasing = ANY
    said: set[str] = field(default_factory=set)

    def rule(self, name: str) -> str:
        """One sentence (or phrase) by the rule ``name``."""
        return tidy(self._choice(grammar()[name]))

    def text(self, template: str) -> str:
        """``template`` expanded as if it were a production."""
        return tidy(self._parts(parse(template)))

    def can(self, name: str) -> bool:
        return name in grammar()

    def _choice(self, choice: Choice) -> str:
        if choice.maybe and self.rng.random() < 0.5:
            return ""
        pool = choice.seen
        if choice.unseen and (not pool or self.rng.random() < self.phrasing.unseen):
            pool = choice.unseen
        fits = [parts for parts in pool if self._fits(parts)] or [parts for parts in choice.seen if self._fits(parts)]
        fits = fits[: self.phrasing.first or None]
        if not fits:
            if choice.maybe:
                return ""
            raise LookupError(f"no production fits the facts {sorted(self.slots)}")
        return self._parts(self.rng.choice(fits))

    def _fits(self, parts: tuple[object, ...]) -> bool:
        """Whether every slot that stands at the outermost level of the production is known."""
        return all(part.name in self.slots for part in parts if isinstance(part, Slot))

    def _parts(self, parts: tuple[object, ...]) -> str:
        return "".join(self._part(part) for part in parts)

    def _part(self, part: object) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Slot):
            self.said.add(part.name)
            return self.slots[part.name]
        if isinstance(part, Ref):
            return self._choice(grammar()[part.rule])
        assert isinstance(part, Choice)
        return self._choice(part)


def tidy(text: str) -> str:
    """White space, punctuation and articles as a typesetter would leave them."""
    text = re.sub(r" {2,}", " ", text).strip()
    text = re.sub(r" ([,.;:)])", r"\1", text).replace("( ", "(")
    return _ARTICLE.sub(r"\1n ", text)


def sentence(text: str) -> str:
    """``text`` with a capital at its start and a full stop at its end."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else text + "."


@cache
def parse(template: str) -> tuple[object, ...]:
    """The parts of one production. Raises ValueError when its brackets don't match."""
    parts, at = _sequence(template, 0, closing=False)
    if at != len(template):
        raise ValueError(f"a bracket is closed too often in {template!r}")
    return parts


def _sequence(text: str, at: int, *, closing: bool) -> tuple[tuple[object, ...], int]:
    parts: list[object] = []
    while at < len(text):
        found = _TOKEN.search(text, at)
        if found is None:
            parts.append(text[at:])
            at = len(text)
            break
        if found.start() > at:
            parts.append(text[at : found.start()])
        at = found.end()
        slot, rule, mark = found.groups()
        if slot:
            parts.append(Slot(slot))
        elif rule:
            parts.append(Ref(rule))
        elif mark == "[":
            choice, at = _alternatives(text, at)
            parts.append(choice)
        else:
            return tuple(parts), found.start()
    if closing:
        raise ValueError(f"a bracket is never closed in {text!r}")
    return tuple(parts), at


def _alternatives(text: str, at: int) -> tuple[Choice, int]:
    seen: list[tuple[object, ...]] = []
    unseen: list[tuple[object, ...]] = []
    while True:
        held = text.startswith("~", at)
        parts, at = _sequence(text, at + held, closing=True)
        (unseen if held else seen).append(parts)
        mark, at = text[at], at + 1
        if mark == "]":
            break
    maybe = text.startswith("?", at)
    return Choice(tuple(seen), tuple(unseen), maybe), at + maybe


@cache
def grammar() -> Mapping[str, Choice]:
    """All rules of the folder ``rules``. Raises ValueError for a rule that is given twice or refers to one that does
    not exist."""
    found: dict[str, Choice] = {}
    for file in sorted(RULES.glob("*.txt")):
        for name, lines in _rules(file.read_text(encoding="utf-8")):
            if name in found:
                raise ValueError(f"{file}: the rule {name} is given twice")
            seen = tuple(parse(line) for line in lines if not line.startswith("~"))
            found[name] = Choice(seen, tuple(parse(line[1:].strip()) for line in lines if line.startswith("~")))
    missing = {ref for choice in found.values() for ref in _refs(choice)} - found.keys()
    if missing:
        raise ValueError(f"these rules do not exist: {sorted(missing)}")
    return found


def _rules(text: str) -> Iterator[tuple[str, list[str]]]:
    name, lines = "", []
    for line in text.splitlines():
        if line.startswith("= "):
            if name:
                yield name, lines
            name, lines = line[2:].strip(), []
        elif line.strip() and not line.startswith("#"):
            lines.append(line.strip())
    if name:
        yield name, lines


def _refs(choice: Choice) -> Iterator[str]:
    for parts in (*choice.seen, *choice.unseen):
        for part in parts:
            if isinstance(part, Ref):
                yield part.rule
            elif isinstance(part, Choice):
                yield from _refs(part)


def held_out_texts() -> list[str]:
    """Every stretch of fixed words that only held-out productions hold: 15 characters or more, 30 in whole abstracts
    and in paragraphs of papers, of which there are so many that shorter ones come about by chance."""
    held: set[str] = set()
    free: set[str] = set()
    for name, choice in grammar().items():
        own: set[str] = set()
        _collect(choice, False, own, free)
        held |= {text for text in own if len(text) >= (30 if name.startswith(("free_", "p_")) else 15)}
    known = "\n".join(free)
    return sorted(text for text in held if text not in known)


def _collect(choice: Choice, inside: bool, held: set[str], free: set[str]) -> None:
    for group, out in ((choice.seen, inside), (choice.unseen, True)):
        for parts in group:
            for part in parts:
                if isinstance(part, str):
                    (held if out else free).add(tidy(part))
                elif isinstance(part, Choice):
                    _collect(part, out, held, free)
