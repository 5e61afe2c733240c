"""The same thing in slightly other words, as somebody writes it who has not read the report: what it says of an illness, a treatment or an
outcome stays as true, or as false, as it was."""

from __future__ import annotations

import random

SHARE = 0.35  # of the names that are put in other words
FORMS = {
    "condition": (
        "a diagnosis of {0}", "{0} of any kind", "{0} (any severity)", "{0}, however diagnosed", "a history of {0}", "symptoms of {0}",
        "signs of {0}", "clinically diagnosed {0}", "{0} or suspected {0}",
    ),
    "drug": (
        "{0} treatment", "{0} therapy", "treatment with {0}", "any dose of {0}", "{0} at any dose", "{0} by any route", "a course of {0}",
        "{0} alone or with other drugs", "{0} use", "the drug {0}", "giving {0}", "{0} in any form",
    ),
    "activity": (
        "{0} sessions", "a programme of {0}", "a {0} programme", "a course of {0}", "{0} of any length", "{0} in any form",
        "taking part in {0}", "{0} as treatment", "{0} classes", "interventions with {0}", "help in the form of {0}",
    ),
    "procedure": (
        "undergoing {0}", "{0} by any technique", "{0} as treatment", "treatment by {0}", "having {0}", "{0}, whoever performs it",
        "the procedure of {0}", "an operation or procedure such as {0}",
    ),
    "outcome": (
        "change in {0}", "{0} at any time", "any measure of {0}", "{0}, however measured", "effect on {0}", "{0} as an outcome",
        "data on {0}", "improvement in {0}", "{0} at the end of treatment", "differences in {0}", "{0} or its change", "rates of {0}",
    ),
}  # fmt: skip
UNCOUNTED = ("ss", "sis", "us", "is", "ia", "gy", "ment", "ion", "ure", "cy", "ine", "ism")


def reworded(rng: random.Random, name: str, kind: str) -> str:
    """``name`` as it is, or one or several of it, or with words around it; ``kind`` is a key of FORMS."""
    if rng.random() >= SHARE:
        return name
    return counted(name) if rng.random() < 0.4 else rng.choice(FORMS[kind]).format(name)


def counted(name: str) -> str:
    """The plural of a singular and the other way round, as far as the ending tells."""
    last = name.split()[-1]
    if name.endswith(UNCOUNTED) or not (last.isalpha() and last.islower()):
        return name
    if name.endswith("s"):
        return name[:-1]
    if name.endswith(("ch", "sh", "x")):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"
