"""Words of the invented studies: real ones from closed lists and names composed from syllables without end."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from models.demo.training import lexicon
from models.demo.training.lists import held_out, listed, once

_AS_LISTED = 0.4  # share of activities that are a listed phrase with nothing before or after it
_SUPPLEMENTS = 0.08  # share of drugs that are none in the strict sense

_VOWELS = ("a", "e", "i", "o", "u", "a", "e", "i", "o", "ae", "ia", "io", "ea", "oe", "y", "ou")
_CODAS = ["", "", "", "n", "r", "l", "s", "m", "x", "t", "nd", "rt", "st", "ck", "lm"]
STAGES = (
    "acute", "chronic", "recurrent", "severe", "primary", "moderate to severe", "early", "advanced", "persistent",
    "mild", "subacute",
    "refractory", "relapsing", "treatment-resistant", "intractable", "symptomatic", "stable", "late-stage",
    "progressive",
)  # fmt: skip
_WAYS = ("early", "laparoscopic", "endoscopic", "open", "percutaneous", "robotic", "delayed")
_SUFFIX_ILLS = (
    "itis",
    "osis",
    "opathy",
    "algia",
    "emia",
    "uria",
    "ectasis",
    "oma",
    "plegia",
    "rrhoea",
    "asthenia",
    "penia",
)


@cache
def known(name: str) -> tuple[str, ...]:
    """The words of a list; all that the lexicon knows are conditions, too."""
    more = (
        (word for entry in lexicon.entries(lexicon.CONDITIONS) for word in entry.names) if name == "conditions" else ()
    )
    return once((*listed(name), *more))


@dataclass(slots=True)
class Words:
    """Draws words; ``unseen`` draws held-out ones only, else only the others."""

    rng: random.Random
    unseen: bool = False

    def of(self, name: str) -> str:
        """One word of a list."""
        return self.rng.choice(_side(name, self.unseen))

    def made(self, make: Callable[[], str]) -> str:
        """A composed word on the right side of the split."""
        while held_out(word := make()) is not self.unseen:
            pass
        return word

    def either(self, share: float, name: str, make: Callable[[], str]) -> str:
        """A listed word in ``share`` of all draws, else a composed one."""
        return self.of(name) if self.rng.random() < share else self.made(make)

    def syllables(self, least: int, most: int) -> str:
        rng = self.rng
        return "".join(
            rng.choice(listed("onsets")) + rng.choice(_VOWELS) + (rng.choice(_CODAS) if rng.random() < 0.4 else "")
            for _ in range(rng.randint(least, most))
        )

    def name(self) -> str:
        """A proper name, of a place or a person."""
        return self.made(lambda: self.syllables(2, 3).capitalize())

    def drug(self) -> str:
        """A drug, or something that is taken like one: a vitamin, a plant extract, a formula."""
        if self.rng.random() < _SUPPLEMENTS:
            return self.of("supplements")
        return self.either(0.3, "drugs", lambda: self.syllables(1, 2) + self.rng.choice(listed("drug_endings")))

    def condition(self) -> str:
        return self.either(0.4, "conditions", self._condition)

    def _condition(self) -> str:
        rng, kind = self.rng, self.rng.random()
        if kind < 0.25:
            core = f"{rng.choice(listed('organs'))} {rng.choice(listed('pathology'))}"
        elif kind < 0.48:
            noun, ill = (
                rng.choice(listed("body_parts")),
                rng.choice((*listed("pathology"), "arthrosis", "arthritis", "cancer", "sprain")),
            )
            core = rng.choice((f"{noun} {ill}", f"{ill} of the {noun}"))
        elif kind < 0.75:
            core = self.syllables(1, 2) + rng.choice(_SUFFIX_ILLS)
        elif kind < 0.88:
            core = (
                f"{self.syllables(2, 2).capitalize()} "
                f"{rng.choice(('disease', 'syndrome', 'disorder', 'fever', 'palsy'))}"
            )
        else:
            core = (
                f"{self.syllables(2, 3)} "
                f"{rng.choice(('deficiency', 'infection', 'dependence', 'intolerance', 'poisoning', 'disorder'))}"
            )
        return f"{rng.choice(STAGES)} {core}" if rng.random() < 0.3 else core

    def activity(self) -> str:
        """A treatment that is no drug: a phrase as it stands, or how it is given, what it is, in which form."""
        rng = self.rng
        if (kind := rng.random()) < _AS_LISTED:
            return self.of("interventions" if kind < 0.6 * _AS_LISTED else "arrangements")
        mode = f"{self.of('modes')} " if rng.random() < 0.6 else ""
        form = f" {self.of('forms')}" if rng.random() < 0.6 else ""
        return f"{mode}{self.either(0.75, 'activities', lambda: self.syllables(2, 3))}{form}"

    def procedure(self) -> str:
        rng = self.rng
        core = self.either(
            0.6, "procedures", lambda: self.syllables(1, 2) + rng.choice(("plasty", "ectomy", "scopy", "graft", "pexy"))
        )
        return f"{rng.choice(_WAYS)} {core}" if rng.random() < 0.4 else core

    def scale(self) -> str:
        """The name of an instrument, often with letters of its own."""
        rng = self.rng
        letters = "".join(rng.choice("ABCDEFGHIKLMNOPQRSTUVWZ") for _ in range(rng.randint(3, 4)))
        name = letters + (f"-{rng.randint(3, 40)}" if rng.random() < 0.5 else "")
        return self.made(lambda: name) if held_out(name) is self.unseen else self.scale()

    def country(self) -> str:
        return self.either(
            0.7,
            "countries",
            lambda: self.syllables(2, 3).capitalize() + self.rng.choice(("", "ia", "land", "stan", "a")),
        )

    def few(self, draw: Callable[[], str], count: int, without: Sequence[str] = ()) -> list[str]:
        """``count`` different words, none of them in ``without``."""
        found = {word.casefold() for word in without}
        kept: list[str] = []
        while len(kept) < count:
            word = draw()
            if word.casefold() not in found:
                found.add(word.casefold())
                kept.append(word)
        return kept


@cache
def _side(name: str, unseen: bool) -> tuple[str, ...]:
    words = tuple(word for word in known(name) if held_out(word) is unseen)
    return words or known(name)
