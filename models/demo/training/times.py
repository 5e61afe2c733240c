"""Numbers in words, and times as reports print them and how long they are."""

from __future__ import annotations

import random

NUMERALS = {
    1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten",
    12: "twelve",
    18: "eighteen",
}  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
SPELLED = 0.2  # share of counts in words, where there is a word
RANGES = {"days": (2, 90), "weeks": (2, 52), "months": (2, 36), "year": (1, 1), "years": (2, 10)}
ROUND_WEEKS = (4, 6, 8, 12, 16, 24, 26, 36, 48, 52)
_MONTHS = {"day": 1 / 30.4, "week": 7 / 30.4, "month": 1.0, "year": 12.0}
_COUNTS = {"a": 1} | {word: count for count, word in NUMERALS.items()}


def a_time(rng: random.Random) -> str:
    """A span such as ``12 weeks`` or ``six months``."""
    unit = rng.choices(list(RANGES), (12, 45, 30, 8, 5))[0]
    count = rng.choice(ROUND_WEEKS) if unit == "weeks" and rng.random() < 0.6 else rng.randint(*RANGES[unit])
    return f"{spelled(rng, count)} {unit}"


def spelled(rng: random.Random, count: int) -> str:
    """The count in digits or in words; a single thing is sometimes just "a"."""
    if count not in NUMERALS or rng.random() >= SPELLED:
        return str(count)
    return "a" if count == 1 and rng.random() < 0.3 else NUMERALS[count]


def in_words(count: int) -> str:
    """A whole number from 1 to 999 as British reports spell it: ``two hundred and forty-one``."""
    hundreds, rest = divmod(count, 100)
    tens, ones = divmod(rest, 10)
    few = NUMERALS.get(ones, "")
    below = TEENS[ones] if tens == 1 else "-".join(filter(None, (TENS[tens - 2] if tens else "", few)))
    return " and ".join(filter(None, (f"{NUMERALS[hundreds]} hundred" if hundreds else "", below)))


def in_months(time: str) -> float:
    """The length of a span that ``a_time`` or a criterion could have made."""
    count, unit = time.split()
    return float(_COUNTS.get(count) or int(count)) * _MONTHS[unit.removesuffix("s")]
