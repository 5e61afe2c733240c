"""A search strategy of PubMed in the syntax of Ovid, or the other way round: a suggestion, line by line.

What has no counterpart stands as it was, or as the nearest that there is, and is named; nothing is left out. The two
databases index differently, so a person looks at each line before it is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from leads_local.strategies import subheadings
from leads_local.strategies.lines import Line, read_strategy
from leads_local.strategies.reading import StrategyFault, read_line
from leads_local.strategies.syntaxes import Syntax
from leads_local.strategies.tree import (
    EVERYWHERE,
    TOPIC,
    Field,
    HasAbstract,
    Heading,
    Join,
    Joined,
    Language,
    Near,
    Node,
    Number,
    PublicationType,
    Untold,
    Words,
    Years,
)

_REFERENCE = "another line"
_QUOTES = "\"“”„' "
_TOPIC = frozenset((Field.TITLE, Field.ABSTRACT))
_CODES: Mapping[frozenset[Field], tuple[str, str]] = {  # PubMed's and Ovid's
    TOPIC: ("tiab", "ti,ab,kf"),
    _TOPIC: ("tiab", "ti,ab"),
    frozenset((Field.TITLE,)): ("ti", "ti"),
    frozenset((Field.ABSTRACT,)): ("ab", "ab"),
    frozenset((Field.KEYWORDS,)): ("ot", "kf"),
    frozenset((Field.AUTHORS,)): ("au", "au"),
    frozenset((Field.JOURNAL,)): ("ta", "jn"),
    EVERYWHERE: ("all", "af"),
}
_NO_END = 9999
_WILD = re.compile(r"[$*?#]")


@dataclass(frozen=True, slots=True)
class Translation:
    """``lines``: number and text. ``named``: number of the line, what has no exact counterpart, and why."""

    source: str
    target: str
    lines: tuple[tuple[int, str], ...]
    named: tuple[tuple[int, str, str], ...]


def translate(text: str) -> Translation:
    """The strategy in the other syntax than the one that it is in. Nothing raises: a line that can't be read stands as
    it is and is named."""
    strategy = read_strategy(text)
    ovid = strategy.syntax is Syntax.OVID
    lines, named = list[tuple[int, str]](), list[tuple[int, str, str]]()
    before: dict[int, Node] = {}
    for line in strategy.lines:
        writer = _Writer(not ovid, partial(_note, named, line.number))
        lines.append((line.number, _translate_line(line, before, strategy.syntax, writer)))
        before[line.number] = Untold(f"#{line.number}", _REFERENCE)
    if strategy.syntax.is_other:
        why = "its headings are not MeSH's: look each of them up, or leave it out"
        named.insert(0, (strategy.lines[0].number, f"{strategy.syntax}'s syntax", why))
    target = Syntax.PUBMED if ovid else Syntax.OVID
    return Translation(strategy.syntax, target, tuple(lines), tuple(dict.fromkeys(named)))


def _note(named: list[tuple[int, str, str]], number: int, said: str, why: str) -> None:
    named.append((number, said, why))


def _translate_line(line: Line, before: Mapping[int, Node], syntax: Syntax, writer: _Writer) -> str:
    if line.fault:
        writer.named(line.text, line.fault)
        return line.text
    try:
        return writer.write(read_line(line.text, before, syntax))
    except StrategyFault as fault:
        writer.named(line.text, str(fault))
        return line.text


@dataclass(frozen=True, slots=True)
class _Writer:
    to_ovid: bool
    named: Callable[[str, str], object]

    def write(self, node: Node, inside: bool = False) -> str:
        match node:
            case Joined():
                return self._joined(node, inside)
            case Near():
                return self._near(node)
            case Words():
                return self._words(node)
            case Heading():
                return self._heading(node)
            case Years():
                return self._years(node)
            case Language():
                return f"{node.name.lower()}.lg." if self.to_ovid else f"{node.name.lower()}[la]"
            case PublicationType():
                name = node.name.strip(_QUOTES).lower()
                return f"{name}.pt." if self.to_ovid else f'"{name}"[pt]'
            case Number():
                return self._number(node)
            case HasAbstract():
                return self._as_it_is(node.said, "Ovid has a limit “abstracts” for it") if self.to_ovid else node.said
            case Untold():
                return self._untold(node)

    def _joined(self, node: Joined, inside: bool) -> str:
        word = f" {node.by.lower() if self.to_ovid else node.by} "
        text = word.join(self.write(part, inside=True) for part in node.parts)
        return f"({text})" if inside else text

    def _untold(self, node: Untold) -> str:
        if node.why == _REFERENCE:
            return node.said.removeprefix("#") if self.to_ovid else node.said
        return self._as_it_is(node.said, node.why)

    def _as_it_is(self, said: str, why: str) -> str:
        self.named(said, f"stands as it was: {why}")
        return said

    # ------------------------------------------------------------ words

    def _words(self, node: Words) -> str:
        said = " ".join(node.said.strip(_QUOTES).split())
        code = self._code(node, said)
        if node.within is not None:
            return self._within(node, said, code)
        if self.to_ovid:
            quoted = said if _WILD.search(said) or " " not in said else f'"{said}"'
            return f"{quoted}.{code}."
        said = self._wild_of_pubmed(said)
        return f'"{said}"[{code}]' if " " in said else f"{said}[{code}]"

    def _code(self, node: Words, said: str) -> str:
        """The codes of the fields, of which the nearest are named where none are the same."""
        if node.fields is None:
            why = "had no field, and PubMed looks for headings, too" if self.to_ovid else "had no field"
            self.named(said, f"{why}; {'.mp.' if self.to_ovid else '[tw]'} is the nearest")
            return "mp" if self.to_ovid else "tw"
        if node.mapped and node.fields == TOPIC:
            return "mp" if self.to_ovid else "tw"
        if not self.to_ovid and node.fields == _TOPIC:
            self.named(said, "PubMed's [tiab] searches authors' keywords, too, which .ti,ab. does not")
        if node.fields in _CODES:
            return _CODES[node.fields][self.to_ovid]
        self.named(said, "its fields together have no counterpart; the nearest are wider")
        return _CODES[EVERYWHERE][self.to_ovid]

    def _wild_of_pubmed(self, said: str) -> str:
        if re.search(r"\$\d", said):
            self.named(said, "PubMed's * stands for any number of letters")
        plain = re.sub(r"\$\d*", "*", said)
        if re.search(r"[?#]|\*(?=.)", plain):
            self.named(said, "PubMed has * at the end only: write out the spellings, joined by OR")
        return plain

    def _within(self, node: Words, said: str, code: str) -> str:
        words = said.split()
        if not self.to_ovid:
            return f'"{said}"[{code}:~{node.within}]'
        if len(words) != 2:
            self.named(said, f"{len(words)} words near each other: adj asks that of each two that follow each other")
        return f"({f' adj{(node.within or 0) + 1} '.join(words)}).{code}."

    # ------------------------------------------------------------ near each other

    def _near(self, node: Near) -> str:
        if self.to_ovid:
            return f"({self.write(node.left, True)} adj{node.within + 1} {self.write(node.right, True)})"
        pairs = [(one, other) for one in _terms(node.left) for other in _terms(node.right)]
        plain = all(_is_plain(term) for pair in pairs for term in pair)
        if not plain or len(pairs) > _MOST_PAIRS:
            self.named(node.said, "PubMed has no such nearness for these parts: AND stands for it, which finds more")
            return f"({self.write(node.left, True)} AND {self.write(node.right, True)})"
        if node.ordered:
            self.named(node.said, "PubMed's nearness is in any order")
        texts = [self._pair(one, other, node.within) for one, other in pairs]
        return texts[0] if len(texts) == 1 else f"({' OR '.join(texts)})"

    def _pair(self, one: Node, other: Node, within: int) -> str:
        assert isinstance(one, Words) and isinstance(other, Words)
        said = f"{one.said.strip(_QUOTES)} {other.said.strip(_QUOTES)}"
        return f'"{said}"[{self._code(one, said)}:~{within}]'

    # ------------------------------------------------------------ what is no word

    def _heading(self, node: Heading) -> str:
        focus = "*" in node.said.partition("/")[0] or "maj" in node.said.lower()
        parts = [subheadings.code_of(part) if self.to_ovid else part for part in node.qualifiers]
        if not all(parts):
            return self._as_it_is(node.said, "a subheading that is not known here")
        if self.to_ovid:
            return f"{'exp ' if node.explodes else ''}{'*' if focus else ''}{node.name}/{','.join(parts)}"
        code = f"{'Majr' if focus else 'Mesh'}{'' if node.explodes else ':NoExp'}"
        names = [f"{node.name}/{part}" for part in parts] or [node.name]
        told = [f'"{name}"[{code}]' for name in names]
        return told[0] if len(told) == 1 else f"({' OR '.join(told)})"

    def _years(self, node: Years) -> str:
        if not self.to_ovid:
            end = 3000 if node.last == _NO_END else node.last
            return f"{node.first}[dp]" if node.first == node.last else f"{node.first}:{end}[dp]"
        if node.first == node.last:
            return f"{node.first}.yr."
        last = "Current" if node.last == _NO_END else str(node.last)
        return self._as_it_is(node.said, f'in Ovid a limit: limit … to yr="{node.first} -{last}"')

    def _number(self, node: Number) -> str:
        doi = node.value.startswith("10.")
        if self.to_ovid:
            return f"{node.value}.{'do' if doi else 'ui'}."
        return f"{node.value}[{'aid' if doi else 'pmid'}]"


_MOST_PAIRS = 60


def _terms(node: Node) -> Iterator[Node]:
    """The terms that OR joins; of anything else the node itself."""
    if isinstance(node, Joined) and node.by is Join.OR:
        for part in node.parts:
            yield from _terms(part)
    else:
        yield node


def _is_plain(node: Node) -> bool:
    return (
        isinstance(node, Words)
        and node.fields in (TOPIC, _TOPIC, frozenset((Field.TITLE,)))
        and not node.mapped
        and node.within is None
        and not _WILD.search(node.said)
    )
