"""The large first letter of a text, set beside its first lines: put back before the word that it begins.

Its foot stands on the second or third line, so that it would be read there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from leads_local.documents.geometry import Fragment, Frame, Sheet, Word
from leads_local.documents.paragraphs import main_type_size

_LARGE = 1.7  # times the type size of the running text
_LIKE = 0.15  # of it, by which a line beside the letter may differ
_LINE = 15  # characters of a line beside it, at least
_BESIDE = 1.0  # of the type size: how far from the letter its lines begin
_WORDS = frozenset({"A", "I", "O", "À", "Y", "É", "È", "E"})  # letters that may be a word
_MARKS = ".,;:()“”\"'"


def put_back(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets with each large first letter at its word."""
    usual = main_type_size(f for sheet in sheets for frame in sheet.frames for f in frame.fragments)
    large = [any(True for frame in sheet.frames for _ in _letters(frame, usual)) for sheet in sheets]
    if not usual or not any(large):
        return list(sheets)
    known = Counter(
        word.text.casefold().strip(_MARKS)
        for sheet in sheets
        for frame in sheet.frames
        for fragment in frame.fragments
        for word in fragment.words
    )
    return [
        replace(sheet, frames=tuple(_mend(frame, usual, known) for frame in sheet.frames)) if has else sheet
        for sheet, has in zip(sheets, large, strict=True)
    ]


def _letters(frame: Frame, usual: float) -> Iterator[Fragment]:
    """The fragments that begin with a large capital, alone or after a quotation mark."""
    for fragment in frame.fragments:
        word = fragment.words[0]
        if word.size > _LARGE * usual and len(word.text) <= 2 and word.text[-1].isalpha() and word.text[-1].isupper():
            yield fragment


def _mend(frame: Frame, usual: float, known: Counter[str]) -> Frame:
    fragments = list(frame.fragments)
    for fragment in list(_letters(frame, usual)):
        letter, rest = fragment.words[0], fragment.words[1:]
        others = [f for f in fragments if f is not fragment]
        if rest:
            others.append(Fragment.of((replace(rest[0], glued=False), *rest[1:])))
        beside = sorted((f for f in others if _stands_beside(f, letter, usual)), key=lambda f: f.base)
        if len(beside) < 2 or beside[0].base > letter.base - 0.5 * usual or not beside[0].text[0].isalpha():
            continue
        mended = {id(f): replace(f, x0=letter.x0) for f in beside}
        mended[id(beside[0])] = _with_letter(beside[0], letter, known)
        fragments = [mended.get(id(f), f) for f in others]
    return replace(frame, fragments=tuple(fragments))


def _stands_beside(line: Fragment, letter: Word, usual: float) -> bool:
    top = letter.base - 0.75 * letter.size
    return (
        abs(line.size - usual) < _LIKE * usual
        and line.characters >= _LINE
        and -0.2 * usual <= line.x0 - letter.x1 <= _BESIDE * usual
        and top + 0.3 * usual < line.base < letter.base + 0.35 * usual
    )


def _with_letter(line: Fragment, letter: Word, known: Counter[str]) -> Fragment:
    """The first line with its letter: as a word of its own where that is one and no other word begins so."""
    first = line.words[0]
    whole = letter.text + first.text
    alone, together = (known[text.casefold().strip(_MARKS)] for text in (first.text, whole))
    if letter.text[-1] in _WORDS and not together and alone > 1:  # it is printed elsewhere, too
        word = replace(first, text=letter.text, x0=letter.x0, x1=letter.x1, glued=False)
        return replace(line, words=(word, *line.words), x0=letter.x0)
    return replace(line, words=(replace(first, text=whole, x0=letter.x0), *line.words[1:]), x0=letter.x0)
