"""From items to token ids as inference sees them, and the demo's own SentencePiece model.

All items of a report share the ids of its text; they are laid out as a tree (the paper once, then each question with
its answer), which gives the model exactly what it would see for each item alone at a third of the cost. The loss falls
on what the schema leaves open.

    python -m models.demo.training.tokens        # trains models/demo/tokenizer.model from the generator, seed 0
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile
from pathlib import Path

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from leads_local.tasks import prompts
from models.demo.training import items
from models.demo.training.grammar import Phrasing
from models.demo.training.items import Item, Split
from models.demo.training.lists import held_out
from models.demo.training.words import Words, known

MODEL = Path(__file__).resolve().parents[1] / "tokenizer.model"
VOCABULARY = 3072
BOS, EOS, OPEN, CLOSE = 1, 2, 3, 4
CONTROLS = (
    "[INST]",
    "[/INST]",
    "[TOOL_CALLS]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
)

_STRING = r'"(?:[^"\\]|\\.)*"[,}\]]*'
_FREE = "eligibility|rationale|value|label|type|description|paramType|unitOfMeasure|timeFrame|denomValue|note|query"
_OPEN = re.compile(rf'"({_FREE})": ({_STRING})')
_LIST = re.compile(rf'"(interventionNames)": (\[?{_STRING})')
# Weight in the loss of where a text begins, where it is decided what to say, and of what comes after, which mostly
# copies.
WEIGHTS = {
    "eligibility": (12.0, 0.03),
    "rationale": (0.1, 0.25),
    "value": (7.0, 1.0),
    "label": (3.0, 1.0),
    "type": (2.0, 0.1),
    "description": (2.0, 0.6),
    "interventionNames": (1.5, 0.7),
    "paramType": (2.0, 0.1),
    "unitOfMeasure": (1.5, 0.8),
    "timeFrame": (4.0, 1.0),
    "denomValue": (4.0, 1.0),
    "note": (1.0, 0.6),
    "query": (3.0, 2.0),
}
ABSENT = 5.0  # the most weight of "NA", which is often right and soon learned
LISTS = (
    "conditions", "drugs", "supplements", "activities", "interventions", "arrangements", "procedures", "outcomes",
    "events", "settings",
    "countries",
)  # fmt: skip
PLAINNESS = (1, 1, 2, 4, 8)  # of how many first alternatives plain sentences are made
# What stays in strange texts, too (see ``renamed``): measures, numbers and the words that hold sentences together.
KEPT = frozenset((
    "day", "days", "week", "weeks", "month", "months", "year", "years", "hour", "hours", "group", "groups", "arm",
    "arms", "the", "and",
    "with", "for", "from", "was", "were", "not", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "twelve",
))  # fmt: skip
UNASKED = (
    ("search",),
    ("search", "screening"),
)  # what is not asked in the tree of a report as it is, and of one with other words
STRUCTURE = 0.03  # weight of what the schema forces


@dataclass(frozen=True, slots=True)
class Tree:
    """``ids`` with ``positions``; ``branch`` is 0 in the shared part and n in the n-th item; ``weights[i]`` is the loss
    of predicting i."""

    ids: NDArray[np.int32]
    positions: NDArray[np.int32]
    branch: NDArray[np.int16]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ids)


@cache
def tokenizer() -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_file=str(MODEL))


def prompt_ids(item: Item) -> list[int]:
    return [BOS, OPEN, *tokenizer().encode(item.request.prompt), CLOSE]


def answer_ids(item: Item) -> tuple[list[int], list[float]]:
    """The ids of the answer with its end, and the weight of each in the loss."""
    text = item.answer
    weights = np.full(len(text.encode()), STRUCTURE, np.float32)
    for found in (*_OPEN.finditer(text), *_LIST.finditer(text)):
        if found[1] == "rationale" and found[2].startswith('""'):
            opened, end = len(text[: found.start(2) - 1].encode()), len(text[: found.end(2)].encode())
            weights[opened:end] = 0.0  # forced in triage, and never right else
            continue
        begins = text.index('"', found.start(2)) + 1
        opened, end = len(text[:begins].encode()), len(text[: found.end(2)].encode())
        first, rest = WEIGHTS[found[1]]
        copied = text[begins] == " "
        if found[2].strip("[]},").strip('"') == "NA":
            first = min(first, ABSENT)
        weights[opened : opened + 1 + copied] = first  # a copied number begins with a token for its space alone
        weights[opened + 1 + copied : end] = rest
    pieces = tokenizer().encode(text, return_type="proto").pieces
    ids = [piece.id for piece in pieces]
    marked = [float(weights[piece.begin : piece.end].max(initial=0.0)) for piece in pieces]
    return [*ids, EOS], [*marked, STRUCTURE]


def tree(group: Sequence[Item], longest: int) -> Tree | None:
    """Items that begin with the same ids as one tree; those that make it longer than ``longest`` are left out."""
    encoded = [(prompt_ids(item), *answer_ids(item)) for item in group]
    first = encoded[0][0]
    shared = len(first) - 1
    for ids, _, _ in encoded[1:]:
        shared = min(shared, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, ids, strict=False))))
    ids, positions, branch, weights = list(first[:shared]), list(range(shared)), [0] * shared, [0.0] * shared
    number = 0
    for prompt, answer, marks in encoded:
        own = prompt[shared:] + answer
        if len(ids) + len(own) > longest:
            continue
        number += 1
        ids += own
        positions += range(shared, shared + len(own))
        branch += [number] * len(own)
        weights += [0.0] * (len(prompt) - shared) + marks
    if not number:
        return None
    return Tree(
        np.array(ids, np.int32),
        np.array(positions, np.int32),
        np.array(branch, np.int16),
        np.array(weights, np.float32),
    )


@cache
def _names() -> list[dict[tuple[bool, bool], int]]:
    """Pieces that could be parts of names, each in all its forms: (begins a word, with a capital) → id."""
    found: dict[str, dict[tuple[bool, bool], int]] = {}
    for number in range(VOCABULARY):
        piece = tokenizer().id_to_piece(number)
        word = piece.removeprefix("\u2581")
        if len(word) >= 3 and word.isalpha() and word[1:].islower() and word.casefold() not in KEPT:
            found.setdefault(word.casefold(), {})[piece != word, word[0].isupper()] = number
    return list(found.values())


def renamed(rng: random.Random, whole: Tree) -> Tree:
    """``whole`` with half of the pieces of words that its answers copy replaced by other pieces wherever they stand, in
    all forms.

    What is to be copied can't be guessed from the words before it then, as it can't in texts of people.
    """
    there, copied = set(whole.ids.tolist()), set(whole.ids[whole.weights > STRUCTURE].tolist())
    free = [piece for piece in _names() if there.isdisjoint(piece.values())]
    table = np.arange(VOCABULARY, dtype=np.int32)
    for piece in _names():
        forms = {form for form, one in piece.items() if one in there}
        if copied.isdisjoint(piece.values()) or rng.random() < 0.5:
            continue
        fits = [number for number, other in enumerate(free) if forms <= other.keys()]
        if fits:
            other = free.pop(rng.choice(fits))
            for form in forms:
                table[piece[form]] = other[form]
    return replace(whole, ids=table[whole.ids])


def trees(
    rng: random.Random,
    split: Split,
    pack: prompts.PromptPack,
    longest: int,
    full: float,
    whole: float = 0.0,
    brief: float = 0.07,
    plain: float = 0.0,
    strange: float = 0.0,
) -> Iterator[Tree]:
    """Trees without end: each report's items, and apart from them its search question.

    ``full`` is the share of pieces of full texts, ``whole`` that of whole ones, ``brief`` that of abstracts that are
    very short, ``plain`` that of reports and questions in the plainest sentences, ``strange`` that of reports with
    other words (see ``renamed``), which are not screened: what words mean is lost with them.
    """
    while True:
        own = replace(split, phrasing=Phrasing(first=rng.choice(PLAINNESS))) if rng.random() < plain else split
        try:
            _, made = items.sample(rng, own, pack, full=rng.random() < full, whole=rng.random() < whole, brief=brief)
        except LookupError:
            continue
        other = rng.random() < strange
        for group in ([i for i in made if i.task not in UNASKED[other]], [i for i in made if i.task == "search"]):
            if group and (found := tree(group, longest)) is not None:
                yield renamed(rng, found) if other and group[0].task != "search" else found


def corpus(rng: random.Random, documents: int) -> Iterator[str]:
    """Lines to train the tokenizer on: the generator's own texts and the lists' words, without what is held out."""
    pack = prompts.load(items.PACK)
    for number in range(documents):
        try:
            _, made = items.sample(rng, items.SPLITS["train"], pack, full=number % 4 == 3, most=3)
        except LookupError:
            continue
        for item in made[:2]:
            yield from item.request.prompt.splitlines()
        for item in made:
            yield item.answer
    words = Words(rng)
    for name in LISTS:
        yield from (word for word in known(name) if not held_out(word))
    yield from (words.drug() for _ in range(500))


def train_tokenizer(seed: int = 0) -> None:
    """Write the file ``MODEL``; the same for the same seed."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=corpus(random.Random(seed), 6000),
        model_writer=model,
        model_type="bpe",
        vocab_size=VOCABULARY,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        character_coverage=0.9999,
        control_symbols=list(CONTROLS),
        max_sentence_length=20000,
        num_threads=1,
        minloglevel=1,
    )
    MODEL.parent.mkdir(exist_ok=True)
    MODEL.write_bytes(model.getvalue())


if __name__ == "__main__":
    train_tokenizer()
