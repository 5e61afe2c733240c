"""The same thing in slightly other words, as somebody writes it who has not read the report: what it says of an
illness, a treatment or an outcome stays as true, or as false, as it was."""

from __future__ import annotations

import random
import re

from models.demo.training.lists import listed

SHARE = 0.35  # of the names that are put in other words
FORMS = {
    "condition": (
        "a diagnosis of {0}", "{0} of any kind", "{0} (any severity)", "{0}, however diagnosed", "a history of {0}",
        "symptoms of {0}",
        "signs of {0}", "clinically diagnosed {0}", "{0} or suspected {0}", "any form of {0}", "{0} in any form",
        "{0} of any degree",
        "{0} (any type)", "{0} (any definition)", "{0} by any definition", "{0} as defined by the authors",
        "{0}, confirmed or suspected",
        "{0}, whatever its cause", "{0} of any origin", "documented {0}", "known {0}", "a clinical diagnosis of {0}",
        "a current diagnosis of {0}", "{0} as the main diagnosis", "{0} (diagnosed by any criteria)",
        "{0} (self-reported or confirmed)",
        "problems due to {0}", "complaints due to {0}", "{0}, with or without complications", "{0} (all types)",
    ),
    "drug": (
        "treatment with {0}", "any dose of {0}", "{0} at any dose", "{0} by any route", "a course of {0}",
        "{0} alone or with other drugs", "giving {0}", "{0} in any form", "the use of {0}", "{0} as treatment",
        "therapy with {0}",
        "{0} (any dose)", "{0} (any route)", "{0} (any preparation)", "any preparation of {0}", "administration of {0}",
        "{0}, whatever the dose", "{0}, by any route and at any dose", "{0}, for however long", "taking {0}",
        "{0} for any length of time", "any regimen with {0}", "treatment based on {0}", "{0} in any regimen",
        "{0} of any brand",
        "being treated with {0}", "{0} in whatever amount", "{0}, however given", "receiving {0}",
        "any treatment with {0}",
    ),
    "activity": (
        "a programme of {0}", "a course of {0}", "{0} of any length", "{0} in any form", "taking part in {0}",
        "{0} as treatment",
        "interventions with {0}", "help in the form of {0}", "the use of {0}", "{0} as an intervention",
        "{0} of any kind",
        "an intervention with {0}", "an intervention based on {0}", "treatment in the form of {0}", "{0} (any format)",
        "{0} (any duration)", "{0}, however delivered", "{0}, for any length of time", "any form of {0}",
        "{0}, whatever its content",
        "{0} as the tested intervention", "being offered {0}", "{0} at any frequency", "{0}, at any intensity",
        "{0} as described by the authors", "{0} by any provider", "{0} in any setting", "the offer of {0}",
        "{0} (any content)",
        "any version of {0}",
    ),
    "procedure": (
        "undergoing {0}", "{0} by any technique", "{0} as treatment", "treatment by {0}", "having {0}",
        "{0}, whoever performs it",
        "the procedure of {0}", "an operation or procedure such as {0}", "{0} with any technique",
        "any technique of {0}",
        "{0} (any technique)", "{0} (any approach)", "{0} of any kind", "{0}, however performed",
        "{0} as an intervention",
        "the performance of {0}", "treatment with {0}", "{0}, whatever the technique", "{0} under any anaesthesia",
        "being treated by {0}", "{0} by any surgeon or other operator", "{0} (any operator)", "any form of {0}",
        "{0} as the tested procedure", "performing {0}", "{0} with any device or material", "{0} in any setting",
        "{0} (any method)",
        "any variant of {0}", "{0} at any time",
    ),
    "outcome": (
        "change in {0}", "{0} at any time", "any measure of {0}", "{0}, however measured", "effect on {0}",
        "{0} as an outcome",
        "data on {0}", "improvement in {0}", "{0} at the end of treatment", "differences in {0}", "{0} or its change",
        "rates of {0}",
        "{0} (any measure)", "{0} (any definition)", "{0}, however defined", "results on {0}",
        "effects of treatment on {0}",
        "{0} at any time point", "{0} at follow-up", "{0} by any definition", "figures for {0}", "{0} after treatment",
        "{0} as reported by the authors", "measurements of {0}", "{0}, by any method",
        "{0} as primary or secondary outcome",
        "benefit in terms of {0}", "a measure of {0}", "{0} (at any time)", "{0}, at whatever time",
    ),
}  # fmt: skip
# Before a noun or after "the": only for names without an article, a preposition or a form of treatment at their end.
COMPOUNDS = {
    "condition": ("{0} diagnosis", "{0} symptoms"),
    "drug": ("{0} treatment", "{0} therapy", "{0} use", "the drug {0}", "{0} administration", "{0} regimens"),
    "activity": (
        "{0} sessions",
        "a {0} programme",
        "{0} classes",
        "{0} interventions",
        "{0} programmes",
        "a {0} intervention",
    ),
    "procedure": ("{0} procedures", "the {0} procedure"),
    "outcome": ("{0} data", "{0} results"),
}
UNCOUNTED = ("ss", "sis", "us", "is", "ia", "gy", "ment", "ion", "ure", "cy", "ine", "ism", "en", "ing", "th")
_JOINED = re.compile(
    r"^(?:an?|the) | (?:about|after|as|at|before|by|during|for|from|in|of|on|or|and|through|to|under|with|without) "
)


def reworded(rng: random.Random, name: str, kind: str) -> str:
    """``name`` as it is, or one or several of it, or with words around it; ``kind`` is a key of FORMS."""
    if rng.random() >= SHARE:
        return name
    if rng.random() < 0.4:
        return counted(name)
    return rng.choice(FORMS[kind] + COMPOUNDS[kind] if plain(name) else FORMS[kind]).format(name)


def plain(name: str) -> bool:
    """Whether ``name`` can stand before a noun."""
    return _JOINED.search(name) is None and name.split()[-1] not in listed("forms")


def counted(name: str) -> str:
    """The plural of a singular and the other way round, as far as the ending tells."""
    last = name.split()[-1]
    if name.endswith(UNCOUNTED) or _JOINED.search(name) or not (last.isalpha() and last.islower()):
        return name
    if name.endswith("s"):
        return name[:-1]
    if name.endswith(("ch", "sh", "x")):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"
