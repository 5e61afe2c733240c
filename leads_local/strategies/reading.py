"""A line of a search strategy, as PubMed or Ovid would take it, as a tree. What is not known here becomes a part that
can't be told and is named; nothing is passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from leads_local.citations import normalise
from leads_local.strategies import fields, lexer
from leads_local.strategies.lexer import Token
from leads_local.strategies.tree import Heading, Join, Near, Node, Untold, Words, Years, change, join

_DEEPEST = 60
_FAR = re.compile(r"(adj|near|next|n|w|pre)/?(\d*)", re.IGNORECASE)
_ANY_NEAR, _COCHRANE_NEAR = 0, 5  # words between, where no number stands
_OTHER_DATABASE = re.compile(
    r"(?:TS|TI|AB|AK|KP|SO|AU|PY|SU|MH|MM|DE|TX|KW|DT|LA|ALL|TITLE|ABS|KEY|TITLE-ABS|TITLE-ABS-KEY|"
    r"LIMIT-TO|EXCLUDE|PUBYEAR|DOCTYPE)=?$|"
    r"(?:TS|TI|AB|AK|SU|DE|PY|LA|DT)=\S|\S+/(?:exp|de|mj)\b"
)
"""Web of Science, Scopus, CINAHL and Embase.com; in capitals."""
_QUOTES = '"\u201c\u201d\u201e'
_LIMIT = re.compile(r"\s*limit\s+#?(\d+)\s+to\s+(.+)", re.IGNORECASE | re.DOTALL)
_REMOVE = re.compile(r"\s*(?:remove duplicates from|dedupe?)\s+#?(\d+)\s*", re.IGNORECASE)
_COCHRANE_HEADING = re.compile(
    r"\s*MeSH descriptor:\s*\[([^\]]+)\]\s*(explode all trees|this term only|explode[^\[\]()]*)?\s*", re.IGNORECASE
)
_FILTERS = re.compile(r"\s+Filters?:\s*(.+)$", re.IGNORECASE | re.DOTALL)
_USE = re.compile(r"\s*#?(\d+)\s+use\s+\w+\s*", re.IGNORECASE)


class StrategyFault(ValueError):
    """What makes a line unreadable, in one sentence, without its number."""


def read_line(text: str, before: Mapping[int, Node], ovid: bool) -> Node:
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
        return Heading(found[1].strip(), text.strip(), (found[2] or "explode").casefold().startswith("explode"))
    if found := _FILTERS.search(text):  # PubMed's list of what was clicked beside the query
        node = read_line(text[: found.start()], before, ovid)
        return join(Join.AND, node, Untold(found[0].strip(), "filters that were chosen beside the query"))
    found_tokens = list(lexer.tokens(text, ovid))
    _require_closed(found_tokens)
    return _Reader(found_tokens, before, ovid).read()


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
        node = fields.under(_words(found[1], quoted=True, ovid=True), ["lg"], ovid=True)
        if not isinstance(node, Untold):
            return node
    if re.fullmatch(r"humans?|animals?", text, re.IGNORECASE):
        return Heading("Humans" if text.casefold().startswith("human") else "Animals", text)
    return Untold(text, "a limit of the database")


def _words(text: str, quoted: bool, ovid: bool) -> Words:
    """Words as patterns; they stand together, unless PubMed would look for each of them."""
    bare = re.sub(r"[$*](\d+)", r"$\1", text.strip("\"“”„' "))
    pieces = [piece for word in re.split(r"\s+", bare) for piece in _pieces(word)]
    return Words(tuple(_pattern(piece, ovid) for piece in pieces), text.strip(), apart=not (quoted or ovid))


def _pieces(word: str) -> list[str]:
    """A word as text is cut into words, its wild cards kept."""
    kept = {"*": "\ue000", "$": "\ue001", "?": "\ue002", "#": "\ue003"}
    hidden = "".join(kept.get(character, character) for character in word)
    found = re.findall(r"[^\W_\ue000-\ue003]*[\w\ue000-\ue003]+", normalise.fold(hidden).replace("_", " "))
    shown = {value: key for key, value in kept.items()}
    pieces = ["".join(shown.get(character, character) for character in piece) for piece in found]
    return [piece for piece in pieces if re.search(r"\w", piece)]


def _pattern(piece: str, ovid: bool) -> str:
    """``*`` and ``$`` are any ending (``$3`` of three letters at most), ``?`` one letter or none, ``#`` one."""
    found, place = "", 0
    for match in re.finditer(r"\$\d+|[$*?#]", piece):
        found += re.escape(piece[place : match.start()])
        wild = match[0]
        most = wild[1:] if len(wild) > 1 else ""
        found += rf"\w{{0,{most}}}" if most else {"?": r"\w?" if ovid else r"\w", "#": r"\w"}.get(wild, r"\w*")
        place = match.end()
    return found + re.escape(piece[place:])


class _Reader:
    """Reads tokens from left to right; near operators bind before AND, OR and NOT, which bind alike."""

    def __init__(self, found: Sequence[Token], before: Mapping[int, Node], ovid: bool) -> None:
        self._tokens, self._before, self._ovid = found, before, ovid
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
        if token.kind == "heading":
            name, explodes, parts = lexer.take_heading_apart(token.text)
            return Heading(name, token.text, explodes, parts)
        if token.kind == "ref":
            return _line(int(token.text[1:]), self._before)
        if token.kind == "range":
            return self._range(token)
        if token.kind == "tag":
            return self._cochrane_heading(token)
        if token.kind in ("suffix", "often"):
            raise StrategyFault(f"{token.text} (place {token.start + 1}) stands behind no term.")
        return self._term(token)

    def _range(self, token: Token) -> Node:
        by = Join.OR if token.text.casefold().startswith("or") else Join.AND
        numbers: list[int] = []
        for part in token.text.replace("#", "").split("/", 1)[1].split(","):
            first, _, last = part.partition("-")
            numbers += range(int(first), int(last or first) + 1)
        node = _line(numbers[0], self._before)
        for number in numbers[1:]:
            node = join(by, node, _line(number, self._before))
        return node

    def _cochrane_heading(self, token: Token) -> Node:
        inside = token.text[1:-1].strip()
        if found := re.fullmatch(r"mh\s+(\^?)\"?([^\"]+)\"?", inside, re.IGNORECASE):
            return Heading(found[2].strip(), token.text, not found[1])
        return Untold(token.text, "a field code behind no term")

    def _term(self, token: Token) -> Node:
        """A phrase in quotation marks, or all the words that follow each other."""
        if token.kind == "quote":
            if (range_ := self._dates(token)) is not None:
                return range_
            node: Node = _words(token.text, quoted=True, ovid=self._ovid)
            return node if isinstance(node, Words) and node.patterns else Untold(token.text, "no word in it")
        said = [token.text]
        number = int(token.text) if token.text.isdecimal() and len(token.text) < 4 else 0
        while (after := self._next()) is not None and after.kind == "word":
            said.append(self._take().text)
        if (
            len(said) == 1
            and number in self._before
            and (after is None or after.kind not in ("suffix", "tag", "quote"))
        ):
            return self._before[number]
        if len(said) == 1 and number and self._before and (after is None or after.kind == "op"):
            raise StrategyFault(f"It names line {number}, which is not there before it.")
        if _OTHER_DATABASE.match(said[0]):
            return Untold(" ".join(said), "the syntax of another database")
        node = _words(" ".join(said), quoted=False, ovid=self._ovid)
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
        while (token := self._next()) is not None and token.kind in ("suffix", "tag", "often"):
            self._take()
            if token.kind == "often":
                node = Untold(token.text, "how often a word stands in the text")
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
