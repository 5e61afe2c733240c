"""What makes a full text long without answering anything: more paragraphs, and a list of references to other
studies."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from models.demo.training import study as studies
from models.demo.training.grammar import Phrasing, Writer, sentence
from models.demo.training.words import Words

IDLE = ("background", "background", "filler", "null_s", "harm_s", "conclusion")
JOURNALS = ("J", "Ann", "Arch", "Br J", "Acta", "Eur J", "Int J", "Clin")
FIELDS = ("Med", "Surg", "Rehabil", "Ther", "Health", "Clin Pract", "Nurs", "Dis")

NOTES = ("{0}", "[{0}]", "[{0},{1}]", "{0},{1}", "({0})", "(Table {2})", "(Figure {2})")


def noted(rng: random.Random, sentences: Iterable[str]) -> str:
    """Sentences with the reference marks and the odd places that a PDF reader leaves."""
    found = []
    for text in sentences:
        if rng.random() < 0.15:
            mark = rng.choice(NOTES).format(rng.randint(1, 60), rng.randint(1, 60), rng.randint(1, 4))
            text = f"{text[:-1]} {mark}." if mark[0] in "([" else f"{text}{mark}"
        found.append(text)
    return " ".join(found)


def paragraph(rng: random.Random, writer: Writer, kinds: Sequence[str] = IDLE) -> list[str]:
    """Three to eight sentences in which nothing is told that a question could be about. It uses slots that are told
    elsewhere only."""
    known = writer.said
    found = []
    for _ in range(rng.randint(3, 8)):
        local = Writer(
            rng,
            {
                key: text
                for key, text in writer.slots.items()
                if key.casefold() in known or key in known or key[:1] == "x"
            },
        )
        try:
            found.append(sentence(local.rule(rng.choice(kinds))))
        except (KeyError, LookupError):
            continue
    return list(dict.fromkeys(found))


def references(rng: random.Random, words: Words, phrasing: Phrasing) -> Iterator[str]:
    """A list of references, whose titles are of other studies."""
    for number in range(1, rng.randint(8, 36)):
        try:
            slots = studies.make(rng, words, phrasing).slots
            title = Writer(rng, slots, phrasing).rule(rng.choice(("title", "title", "title_review", "title_vague")))
        except LookupError:
            continue
        names = ", ".join(f"{words.name()} {rng.choice('ABCDEFGHJKLMNPRST')}" for _ in range(rng.randint(1, 4)))
        first = rng.randint(1, 900)
        place = f"{rng.randint(1990, 2022)};{rng.randint(1, 90)}:{first}-{first + rng.randint(4, 15)}"
        yield f"{number}. {names}. {title[:1].upper()}{title[1:]}. {rng.choice(JOURNALS)} {rng.choice(FIELDS)} {place}."
