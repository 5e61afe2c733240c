"""A line of a search strategy, as the database would take it, as a tree. What is not known here becomes a part that
can't be told and is named; nothing is passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from leads_local.citations import normalise, publication_types
from leads_local.strategies import fields, lexer, others
from leads_local.strategies.lexer import Token
from leads_local.strategies.syntaxes import Syntax
from leads_local.strategies.tree import (
    HasAbstract,
    Heading,
    Join,
    Near,
    Node,
    PublicationType,
    Untold,
    Words,
    Years,
    change,
    join,
)

_DEEPEST = 60
_BEHIND = ("suffix", "often", "slash", "field")  # of the kinds of tokens, those that a term stands before
_FAR = re.compile(r"(adj|near|next|n|w|pre)/?(\d*)", re.IGNORECASE)
_ANY_NEAR, _COCHRANE_NEAR = 0, 5  # words between, where no number stands
_LIMIT = re.compile(r"\s*(?:limit\s+|\.\.l(?:imit)?/\s*)#?(\d+)\s+(?:to\s+)?(.+)", re.IGNORECASE | re.DOTALL)
_REMOVE = re.compile(r"\s*(?:remove duplicates from|dedupe?)\s+#?(\d+)\s*", re.IGNORECASE)
_COCHRANE_HEADING = re.compile(
    r"\s*MeSH descriptor:?\s*(?:\[([^\]]+)\]|([^\[\]]+?))\s*(explode all trees|this term only|explode[^\[\]():]*?)?"
    r"(?:\s*(?:and )?with qualifiers?(?:\(s\))?:?\s*\[?([^\]]*)\]?)?\s*",
    re.IGNORECASE,
)
_COCHRANE_LIMITS = re.compile(
    r"\s+(?:with )?(?:cochrane library )?publication (?:year|date)\b.*$|"
    r"(?<=[\d,])\s+in (?:trials|cochrane \w+|other reviews)$",
    re.IGNORECASE | re.DOTALL,
)
_COCHRANE_FIELDS = {"all": ("af",), "tit": ("ti", "ab", "kw"), "rec": ("ti",)}
_FILTERS = re.compile(
    r"\s+(?:(?:Filters?|Limits?|Limiters)(?: applied| activated)?\s*(?::|-\s)|Indexes\s*=|Timespan\s*=)\s*(.+)$|"
    r"\s+(?:and|not)\s+[^()]+\((?:languages|document types|publication years|research areas|[\w ]*categories)\).*$",
    re.IGNORECASE | re.DOTALL,
)
_USE = re.compile(r"\s*#?(\d+)\s+use\s+[\w, ]+\s*", re.IGNORECASE)
_OPTIONAL = {Syntax.OVID: "?", Syntax.EBSCO: "#", Syntax.WEB_OF_SCIENCE: "$", Syntax.EMBASE: "$"}
"""What stands for one letter or none."""
_QUOTES = "\"' "


class StrategyFault(ValueError):
    """What makes a line unreadable, in one sentence, without its number."""


def read_line(text: str, before: Mapping[int, Node], syntax: Syntax) -> Node:
    """The tree of one line. ``before``: the lines that it may name by number.

    Raises StrategyFault where a bracket or a quotation mark is not closed, an operator has nothing on one of its sides,
    or a line is named that is not there.
    """
    for pattern, kept in ((_REMOVE, None), (_USE, "of which database")):
        if found := pattern.fullmatch(text):
            line = _line(int(found[1]), before)
            return line if kept is None else join(Join.AND, line, Untold(text.strip(), kept))
    if found := _LIMIT.fullmatch(text):
        limits = [_limit(part) for part in _limits(found[2])]
        node = _line(int(found[1]), before)
        for limit in limits:
            node = join(Join.AND, node, limit)
        return node
    if found := _COCHRANE_HEADING.fullmatch(text):
        parts = tuple(part for part in re.split(r"\s*(?:,|-\s[A-Z]{2}$)\s*", (found[4] or "").strip()) if part)
        explodes = (found[3] or "explode").casefold().startswith("explode")
        return fields.with_subheadings(Heading((found[1] or found[2]).strip(), text.strip(), explodes, parts))
    if found := _COCHRANE_LIMITS.search(text):
        return join(Join.AND, read_line(text[: found.start()], before, syntax), _cochrane_limit(found[0].strip(" ,")))
    if found := _FILTERS.search(text):  # what was clicked beside the query
        node = read_line(text[: found.start()], before, syntax)
        return join(Join.AND, node, Untold(found[0].strip(), "filters that were chosen beside the query"))
    found_tokens = list(lexer.tokens(text, syntax))
    _require_closed(found_tokens)
    return _Reader(found_tokens, before, syntax).read()


def _cochrane_limit(said: str) -> Node:
    years = re.fullmatch(
        r"(?:with )?publication year from (\d{4}) (?:to|until) (\d{4})(?:,? in (?:all|trials))?", said, re.I
    )
    if years is None:
        return Untold(said, "a limit of the database")
    told = Years(int(years[1]), int(years[2]), said)
    return (
        join(Join.AND, told, Untold(said, "of which database"))
        if " in " in said and not said.endswith("in all")
        else told
    )


def _require_closed(found: Sequence[Token]) -> None:
    depth = 0
    for token in found:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0:
            raise StrategyFault(f"A closing bracket (place {token.start + 1}) has no opening one before it.")
        if token.kind == "lost":
            raise StrategyFault(f"The {token.text} at place {token.start + 1} is never closed.")
    if depth:
        raise StrategyFault("An opening bracket is never closed.")


def _line(number: int, before: Mapping[int, Node]) -> Node:
    if number not in before:
        raise StrategyFault(f"It names line {number}, which is not there before it.")
    return before[number]


def _limits(text: str) -> list[str]:
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    parts, depth, start = [], 0, 0
    for match in re.finditer(r"[()]|\band\b", text, re.IGNORECASE):
        depth += (match[0] == "(") - (match[0] == ")")
        if depth == 0 and match[0].casefold() == "and":
            parts.append(text[start : match.start()])
            start = match.end()
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]


def _limit(text: str) -> Node:
    if found := re.fullmatch(r"yr\s*=\s*\"?([^\"]*)\"?", text, re.IGNORECASE):
        return fields.years(found[1].strip(), text)
    if found := re.fullmatch(r"(\w+)(?: language)?", text, re.IGNORECASE):
        node = fields.under(_words(found[1], True, Syntax.OVID), ["lg"], ovid=True)
        if not isinstance(node, Untold):
            return node
    if re.fullmatch(r"humans?|animals?", text, re.IGNORECASE):
        return Heading("Humans" if text.casefold().startswith("human") else "Animals", text)
    name, *others_ = [part.strip(_QUOTES) for part in re.split(r"\bor\b", text.strip("() "), flags=re.IGNORECASE)]
    if all(publication_types.is_known(publication_types.to_type(one)) for one in (name, *others_)):
        node = PublicationType(name, name)
        for one in others_:
            node = join(Join.OR, node, PublicationType(one, one))
        return node
    return Untold(text, "a limit of the database")


def _words(text: str, quoted: bool, syntax: Syntax) -> Words:
    """Words as patterns; they stand together, unless the database would look for each of them."""
    bare = re.sub(r"[$*](\d+)", r"$\1", text.strip(_QUOTES))
    if syntax is Syntax.OVID:  # a colon is another sign for any ending
        bare = re.sub(r"(?<=\w):(?=\s|$)", "$", bare)
    pieces = [piece for word in re.split(r"\s+", bare) for piece in _pieces(word)]
    patterns = tuple(_pattern(piece, _OPTIONAL.get(syntax, "")) for piece in pieces)
    return Words(patterns, text.strip(), apart=not (quoted or syntax.phrases), mapped=syntax.phrases)


def _pieces(word: str) -> list[str]:
    """A word as text is cut into words, its wild cards kept."""
    kept = {"*": "\ue000", "$": "\ue001", "?": "\ue002", "#": "\ue003"}
    hidden = "".join(kept.get(character, character) for character in word)
    found = re.findall(r"[^\W_\ue000-\ue003]*[\w\ue000-\ue003]+", normalise.fold(hidden).replace("_", " "))
    shown = {value: key for key, value in kept.items()}
    pieces = ["".join(shown.get(character, character) for character in piece) for piece in found]
    return [piece for piece in pieces if re.search(r"\w", piece)]


def _pattern(piece: str, optional: str) -> str:
    """``*`` and ``$`` are any ending (``$3`` of three letters at most), ``?`` and ``#`` one letter, ``optional`` one
    or none."""
    found, place = "", 0
    for match in re.finditer(r"\$\d+|[$*?#]", piece):
        found += re.escape(piece[place : match.start()])
        wild = match[0]
        most = wild[1:] if len(wild) > 1 else ""
        one = {optional: r"\w?"}.get(wild, r"\w" if wild in "?#" else r"\w*")
        found += rf"\w{{0,{most}}}" if most else one
        place = match.end()
    return found + re.escape(piece[place:])


class _Reader:
    """Reads tokens from left to right; near operators bind before AND, OR and NOT, which bind alike."""

    def __init__(self, found: Sequence[Token], before: Mapping[int, Node], syntax: Syntax) -> None:
        self._tokens, self._before, self._syntax = found, before, syntax
        self._place = 0

    def read(self) -> Node:
        if not self._tokens:
            raise StrategyFault("It is empty.")
        return self._joined(0)

    def _next(self) -> Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _take(self) -> Token:
        self._place += 1
        return self._tokens[self._place - 1]

    def _joined(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise StrategyFault("Its brackets are deeper than can be read.")
        node = self._near(depth)
        while (token := self._next()) is not None and token.kind != "close":
            by = Join.AND  # two terms side by side
            if token.kind == "op":
                self._take()
                by = {"&": Join.AND, "|": Join.OR}.get(token.text) or Join(token.text.upper())
                if (
                    by is not Join.NOT
                    and (after := self._next())
                    and after.kind == "op"
                    and after.text.upper() == "NOT"
                ):
                    self._take()
                    by = Join.NOT
            node = join(by, node, self._near(depth))
        return node

    def _near(self, depth: int) -> Node:
        if (token := self._next()) is not None and token.kind == "prefix":
            return self._prefixed(self._take(), self._near(depth))
        node = self._with_fields(self._operand(depth))
        while (token := self._next()) is not None and token.kind == "near":
            self._take()
            found = _FAR.fullmatch(token.text)
            kind, number = (found[1].casefold(), found[2]) if found else ("adj", "")
            ordered = kind in ("next", "w", "pre") or (kind == "adj" and not number)
            # adj3 counts places, near/3 words between
            least = _COCHRANE_NEAR if kind == "near" else _ANY_NEAR
            within = int(number) - (kind == "adj") if number else least
            right = self._with_fields(self._operand(depth))
            node = Near(node, right, max(within, 0), ordered, token.text)
        return self._with_fields(node)

    def _prefixed(self, token: Token, node: Node) -> Node:
        if self._syntax.is_other:
            return others.under_prefix(node, token.text)
        return Untold(token.text.strip(), "the syntax of another database")

    def _operand(self, depth: int) -> Node:
        token = self._next()
        if token is None or token.kind in ("op", "close", "near"):
            beside = "at its end" if token is None else f"before {token.text!r} (place {token.start + 1})"
            raise StrategyFault(f"A term is missing {beside}.")
        self._take()
        if token.kind == "open":
            node = self._joined(depth + 1)
            self._take()
            return node
        if token.kind == "prefix":
            return self._prefixed(token, self._operand(depth))
        if token.kind == "limit":
            return others.scopus_limit(token.text)
        if token.kind == "dates":
            return fields.years(token.text.partition(".")[0].replace(" ", ""), token.text)
        if token.kind == "heading":
            name, explodes, parts = lexer.take_heading_apart(token.text)
            return fields.with_subheadings(Heading(name, token.text, explodes, parts))
        if token.kind == "ref":
            return _line(int(token.text[1:]), self._before)
        if token.kind == "range":
            return self._range(token)
        if token.kind == "tag":
            return self._cochrane_heading(token)
        if token.kind in _BEHIND:
            raise StrategyFault(f"{token.text} (place {token.start + 1}) stands behind no term.")
        return self._term(token)

    def _range(self, token: Token) -> Node:
        by = Join.OR if token.text.strip("{ ").casefold().startswith("or") else Join.AND
        numbers: list[int] = []
        for part in re.sub(r"(?i)[#{} ]|or|and|(?<=[a-z])/", "", token.text).lstrip("/").split(","):
            first, _, last = part.partition("-")
            numbers += range(int(first), int(last or first) + 1)
        node = _line(numbers[0], self._before)
        for number in numbers[1:]:
            node = join(by, node, _line(number, self._before))
        return node

    def _cochrane_heading(self, token: Token) -> Node:
        inside = token.text[1:-1].strip()
        if (after := self._next()) is not None and after.kind == "slash":  # [english]/lim
            return _words(inside, True, self._syntax)
        if found := re.fullmatch(r"mh\s+(\^?)\"?([^\"]+)\"?", inside, re.IGNORECASE):
            return Heading(found[2].strip(), token.text, not found[1])
        return Untold(token.text, "a field code behind no term")

    def _term(self, token: Token) -> Node:
        """A phrase in quotation marks, or all the words that follow each other."""
        if token.kind == "quote":
            if (range_ := self._dates(token)) is not None:
                return range_
            node: Node = _words(token.text, True, self._syntax)
            return node if isinstance(node, Words) and node.patterns else Untold(token.text, "no word in it")
        said = [token.text]
        number = int(token.text) if token.text.isdecimal() and len(token.text) < 4 else 0
        while (after := self._next()) is not None and after.kind == "word":
            said.append(self._take().text)
        if (
            len(said) == 1
            and number in self._before
            and (after is None or after.kind not in ("suffix", "tag", "quote", "slash", "field"))
        ):
            return self._before[number]
        if len(said) == 1 and number and self._before and (after is None or after.kind == "op"):
            raise StrategyFault(f"It names line {number}, which is not there before it.")
        if said == ["hasabstract"]:
            return HasAbstract(said[0])
        node = _words(" ".join(said), False, self._syntax)
        return node if node.patterns else Untold(node.said, "no word in it")

    def _dates(self, token: Token) -> Node | None:
        """``"2010/01/01"[dp] : "2020/12/31"[dp]``, of which the second code counts."""
        rest = self._tokens[self._place : self._place + 4]
        if [one.kind for one in rest] == ["tag", "word", "quote", "tag"] and rest[1].text == ":":
            self._place += 4
            said = f"{token.text}{rest[0].text} : {rest[2].text}{rest[3].text}"
            name = ":".join(one.text.strip(_QUOTES) for one in (token, rest[2]))
            found = fields.under(Words((), name), [rest[3].text[1:-1]], ovid=False)
            return replace(found, said=said) if isinstance(found, Years | Untold) else Untold(said, "no range of dates")
        return None

    def _with_fields(self, node: Node) -> Node:
        """The node under the field codes that follow it."""
        while (token := self._next()) is not None and token.kind in ("tag", *_BEHIND):
            self._take()
            if token.kind == "often":
                node = join(Join.AND, node, Untold(token.text, "how often a word stands in the text"))
            elif token.kind == "slash":
                limit = _limit(node.said) if isinstance(node, Words) and token.text == "/lim" else None
                node = limit or others.under_slash(node, token.text)
            elif token.kind == "field":
                node = change(node, _suffixed(_COCHRANE_FIELDS[token.text.split()[1][:3].casefold()], token.text))
            elif token.kind == "tag":
                node = change(node, _tagged(token.text[1:-1].strip()))
            else:
                codes = [code.strip() for code in token.text.strip(".:").split(",")]
                node = change(node, _suffixed(codes, token.text))
        return node


def _tagged(code: str) -> Callable[[Node], Node]:
    found = re.fullmatch(r"(.+?)\s*:\s*~\s*(\d+)", code)
    name, within = (found[1], int(found[2])) if found else (code, None)

    def apply(node: Node) -> Node:
        if not isinstance(node, Words) or node.fields is not None:
            return node
        if not fields.is_known(name.partition(":")[0], ovid=False):
            return Untold(f"{node.said}[{code}]", f"the field [{code}] is not known here")
        phrase = Words(node.patterns, node.said, None, within)
        return fields.under(phrase, [name], ovid=False)

    return apply


def _suffixed(codes: Sequence[str], said: str) -> Callable[[Node], Node]:
    unknown = [code for code in codes if not fields.is_known(code, ovid=True)]

    def apply(node: Node) -> Node:
        if isinstance(node, Words) and node.fields is None and len(unknown) == len(codes):
            return Untold(f"{node.said}{said}", f"the field {', '.join(unknown)} is not known here")
        return fields.under(node, codes, ovid=True)

    return apply
