"""Studies, reports and questions of the demo model's generator, made once for the whole package."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property

import pytest

from leads_local.tasks import prompts
from models.demo.training import items
from models.demo.training.items import Item
from models.demo.training.report import Report


@dataclass(frozen=True)
class Made:
    """What one split of the generator wrote: reports with the items about them."""

    pairs: tuple[tuple[Report, tuple[Item, ...]], ...]

    @property
    def items(self) -> list[tuple[Report, Item]]:
        return [(report, item) for report, found in self.pairs for item in found]

    @cached_property
    def text(self) -> str:
        return "\n".join(f"{item.request.prompt}\n{item.answer}" for _, item in self.items)


def make(split: str, seed: int, reports: int) -> Made:
    rng, pack = random.Random(seed), prompts.load(items.PACK)
    found: list[tuple[Report, tuple[Item, ...]]] = []
    while len(found) < reports:
        try:
            report, made = items.sample(rng, items.SPLITS[split], pack, full=len(found) % 3 == 2)
        except LookupError:
            continue
        found.append((report, tuple(made)))
    return Made(tuple(found))


@pytest.fixture(scope="session")
def trained() -> Made:
    """500 reports as training sees them."""
    return make("train", 11, 500)


@pytest.fixture(scope="session")
def unseen() -> Made:
    """200 reports of held-out words in held-out phrasings."""
    return make("both", 12, 200)
