"""Two reports may be of one study where authors agree, and topic or number of participants; each pair says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leads_local.citations import companions
from leads_local.records import Citation

RESULTS = Citation(
    title="Supervised walking for knee osteoarthritis: a randomised trial",
    authors=("Ito, Mai", "Okafor, Bisi", "Lund, A."),
    abstract="We randomised 431 adults to walking or usual care.",
)
PROTOCOL = Citation(
    title="Protocol of a randomised controlled trial of supervised walking for knee osteoarthritis",
    authors=("Ito M", "Okafor B"),
)


def reasons(*citations: Citation) -> list[str]:
    return [one.reason for one in companions.find(citations, [frozenset()] * len(citations))]


def test_a_protocol_and_its_results() -> None:
    assert reasons(RESULTS, PROTOCOL) == ["2 authors in common (Ito, Okafor); similar titles"]


def test_a_number_of_participants() -> None:
    sleep = replace(PROTOCOL, title="Sleep in the walking group", abstract="Of 431 older adults, 12 slept.")
    assert reasons(RESULTS, sleep) == ["2 authors in common (Ito, Okafor); both tell of 431 participants"]
    assert reasons(RESULTS, replace(sleep, abstract="Of 432 adults, 12 slept.")) == []
    told = companions.find([RESULTS, replace(sleep, abstract="")], [frozenset(), frozenset({431})])
    assert [one.reason for one in told] == ["2 authors in common (Ito, Okafor); both tell of 431 participants"]


@pytest.mark.parametrize(
    "authors",
    [
        ("Ito M",),  # one is too few
        ("Ito, Ken", "Okafor, B"),  # another Ito
        ("Ito M", "Okafor B", *(f"Other{n}, A" for n in range(9))),
    ],
)
def test_who_shares_how_many_authors(authors: tuple[str, ...]) -> None:
    found = reasons(RESULTS, replace(PROTOCOL, authors=authors))
    assert bool(found) == (len(authors) > 2)  # two of three authors are enough, however many the other one has


def test_two_of_many_authors_are_too_few() -> None:
    many, others = (tuple(f"{who}{n}, A" for n in range(8)) for who in ("Author", "Other"))
    assert reasons(replace(RESULTS, authors=many), replace(PROTOCOL, authors=(*many[:2], *others))) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("We randomised 84 adults", {84}),
        ("1,234 older, community-dwelling women", {1234}),
        ("(n = 431)", {431}),
        ("in 2019 patients were", set()),
        ("12 adults", set()),
        ("0.84 patients; 3.45 adults; n = 0.5", set()),
        ("84 mg in patients", {84}),  # which costs a needless question, no more
    ],
)
def test_numbers_of_participants(text: str, numbers: set[int]) -> None:
    assert companions.participants(text) == numbers


def test_who_writes_everything_costs_no_time() -> None:
    many = [replace(RESULTS, title=f"Topic {n} of a wholly different kind", abstract="") for n in range(1_000)]
    assert reasons(*many) == []
