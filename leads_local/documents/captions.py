"""Captions of tables and figures, in the languages and spellings that journals print them in.

"Table 1", "TABLE 1a.", "T A B L E 1", "eTable 2", "Supplementary Table S1", "Tabelle 1", "Tabla 1", "表 1": what counts
is the word, a number, and that no sentence goes on from them, as in "Table 2 shows".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from leads_local.documents.geometry import Fragment

TABLE, FIGURE, OTHER = "table", "figure", "other"

_WORDS = {
    TABLE: r"table|tab\.|tabelle|tableau|tabla|tabela|tabella|tabell?|taulukko|tabulka|tablica|tablo|таблица|表格?",
    FIGURE: r"figure|fig\.?|figura|figur|abbildung|abb\.|afbeelding|kuva|obrázek|rysunek|şekil|рисунок|рис\.|图|圖|図",
    OTHER: r"box|scheme|chart|panel|kasten|encadré|cuadro|quadro",
}
_BEFORE = (
    r"(?:supplementa(?:ry|l)|suppl?\.|supporting|additional|appendix|online|web|extended data|zusätzliche|ergänzende"
    r"|e-?)\s*"
)
_NUMBER = r"[a-z]{0,2}[.-]?\d{1,3}(?:[.-]\d{1,2})?[a-z]?|[ivx]{1,5}"
_PATTERN = re.compile(
    rf"(?P<before>{_BEFORE})?(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS.items()) + rf")\s*"
    rf"(?:no\.?\s*)?(?P<number>{_NUMBER})(?![\w])(?P<after>.?)",
    re.IGNORECASE,
)
_MENTION = re.compile(
    rf"\b(?P<before>{_BEFORE})?(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS.items())
    + rf")(?P<several>s|n|es)?\.?\s*(?P<number>{_NUMBER})(?!\w)",
    re.IGNORECASE,
)
_AND = re.compile(
    rf"\s*(?:(?P<range>[–—-]|\b(?:to|through|bis)\b)|(?P<comma>,(?!\s*(?:and|&)))|,?\s*(?:\b(?:and|und|et|y|e|og|och|en)\b|&))"
    rf"\s*(?P<number>{_NUMBER})(?!\w)",
    re.IGNORECASE,
)
_MOST_BETWEEN = 20  # tables or figures that "Tables 1–3" may stand for
_AGAIN = re.compile(
    r"\b(?:cont(?:inued|['’.]?d|\.)?|continuation|fortsetzung|forts\.|suite|continuación|continuação)", re.IGNORECASE
)
_SPACED = re.compile(r"(?:T ?A ?B ?L ?(?:E(?: ?A ?U)?|A)|F ?I ?G ?U ?R ?(?:E|A))(?=[\s.:]*[A-Z]?\d)")


def match_caption(text: str) -> re.Match[str] | None:
    """The word and number that a text begins with, where it begins as a caption does. ``kind_of`` says what of."""
    return _PATTERN.match(_join_spaced(text))


def _join_spaced(text: str) -> str:
    """The text with a first word that is set with spaces between its letters ("TA B L E 1") made whole."""
    spaced = _SPACED.match(text)
    if spaced is None or " " not in spaced[0]:
        return text
    number = text[spaced.end() :].lstrip()
    return f"{spaced[0].replace(' ', '')} {number}"


def kind_of(text: str) -> str:
    """``TABLE``, ``FIGURE`` or ``OTHER`` by the caption's word; "" for what begins with none."""
    match = match_caption(text)
    return next((kind for kind in _WORDS if match[kind]), "") if match is not None else ""


def split_table_caption(text: str) -> tuple[str, str]:
    """What a table is called by the caption that a text begins with, as "Table 1", and the rest; ("", "") for none."""
    match = match_caption(text)
    if match is None or not match[TABLE]:
        return "", ""
    end = match.end("number")
    return match.string[:end], match.string[end:]


def caption_key(text: str) -> str:
    """What a caption and a mention of it in the text have in common, as ``table2``; "" where it begins with none."""
    match = match_caption(text)
    return _key(match) if match is not None else ""


def mentioned(text: str) -> list[str]:
    """The keys of the tables and figures that a text speaks of, in order: "Tables 1 and 2" of two, "Figs. 1–3" of
    three."""
    return [key for match in _MENTION.finditer(text) for key in _mentioned_together(match)]


def _mentioned_together(match: re.Match[str]) -> Iterator[str]:
    yield _key(match)
    last, more = match["number"], _AND.match(match.string, match.end())
    while more is not None and (match["several"] or not more["comma"]):
        number = more["number"]
        if more["range"] and last.isdigit() and number.isdigit() and 0 < int(number) - int(last) < _MOST_BETWEEN:
            yield from (_key(match, str(between)) for between in range(int(last) + 1, int(number)))
        yield _key(match, number)
        last, more = number, _AND.match(match.string, more.end())


def _key(match: re.Match[str], number: str = "") -> str:
    """The kind and number, without the letter of a part; what is numbered apart, as supplementary tables, with "s"."""
    kind = next(kind for kind in _WORDS if match[kind])
    number = number or match["number"]
    short = re.match(r"[a-z]?\W?\d+", number, re.IGNORECASE)
    apart = "s" if match["before"] and number[0].isdigit() else ""
    return f"{kind}{apart}{short[0] if short is not None else number}".lower()


def is_continued(caption: str) -> bool:
    """Whether a caption says that it is printed again over what goes on from another page."""
    return _AGAIN.search(caption) is not None


def is_caption(line: Fragment, count: int = 1) -> bool:
    """Whether a block of ``count`` lines that begins with ``line`` is a caption, rather than a sentence that begins
    with "Table 2 shows"."""
    match = match_caption(line.text)
    if match is None:
        return False
    text = match.string
    rest = text[match.end() - len(match["after"]) :]
    if rest.lstrip()[:1] in set(".:|—–-") and rest[:1] != "-":
        return True
    if text[:1].islower() and not text.startswith("e"):
        return False
    if not rest.strip() or rest[0] in ".:|,—–-)" or (line.words[0].bold and not line.words[-1].bold):
        return not rest.startswith((",", ")", "-"))
    following = rest.split()[0]
    return line.bold or following[0].isupper() or not following[0].isascii() or (following[0] in "(" and count < 3)
