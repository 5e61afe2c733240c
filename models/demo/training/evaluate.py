"""Figures of the demo model, through the product's own path: the quantized GGUF, the engine, the schemas, the tasks'
parsers.

    python -m models.demo.training.evaluate --checkpoint models/demo  # converts to Q8_0 and prints the card's table
    python -m models.demo.training.evaluate --checkpoint … --real SHARED_DATA_FOLDER  # and on real text, if you have it

Splits: ``trained`` draws new studies from what training knows; ``words`` only words that it never saw; ``both`` words
and phrasings that it never saw; ``by hand`` are the abstracts of handwritten.toml; the sample review comes with the
program.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from convert import convert
from leads_local import config, demo
from leads_local.demo import gold as sample_gold
from leads_local.engine import Engine
from leads_local.engine.host import open_engine
from leads_local.engine.types import Reply
from leads_local.records import Arm, Citation, Criterion, Eligibility, Field, Stage
from leads_local.tasks import arms, characteristics, prompts, screening
from models.demo.training import items, whole
from models.demo.training.criteria import Judged
from models.demo.training.grammar import Writer
from models.demo.training.items import Item
from models.demo.training.scoring import Score, score
from models.demo.training.words import Words

HERE = Path(__file__).resolve().parent
GENERATED = {"trained": "train", "words": "words", "both": "both"}


def generated(split: str, seed: int, reports: int, pack: prompts.PromptPack) -> dict[str, Item]:
    """Items on ``reports`` new studies by request id; a quarter full texts; and as many pairs that differ in one
    criterion."""
    rng = random.Random(f"evaluation {split} {seed}")
    found: dict[str, Item] = {}
    chosen, number = items.SPLITS[split], 0
    while number < reports:
        try:
            report, made = items.sample(rng, chosen, pack, full=number % 4 == 3)
            made += items.Asker(rng, Words(rng, chosen.words), Writer(rng, {}, chosen.phrasing), report, pack).pair()
        except LookupError:
            continue
        number += 1
        for place, item in enumerate(made):
            name = f"{number}:{place - max(0, item.pair - 1)}:{item.pair}"
            found[name] = replace(item, request=replace(item.request, id=name))
    return found


def by_hand(pack: prompts.PromptPack) -> dict[str, Item]:
    """The hand-written abstracts: their criteria, sample size and arms."""
    with (HERE / "handwritten.toml").open("rb") as file:
        told = tomllib.load(file)["abstract"]
    found: dict[str, Item] = {}
    for number, one in enumerate(told):
        paper = screening.citation_as_paper(Citation(title=one["title"], abstract=one["text"]))
        judged = tuple(Judged(Criterion(name, text), Eligibility(label), "") for name, text, label in one["criteria"])
        asked = [judge.criterion for judge in judged]
        found[f"{number} s"] = Item("screening", screening.request(f"{number} s", paper, asked, pack), None, judged)
        size = Field("Sample size", "number of participants")
        gold: Any = [{"name": size.name, "value": one["sample_size"] or "NA"}]
        found[f"{number} n"] = Item(
            "characteristics", characteristics.request(f"{number} n", paper, [size], pack), gold, ((size,), ("n",))
        )
        if one["arms"]:
            labels = tuple(Arm(label) for label in one["arms"])
            found[f"{number} a"] = Item("arms", arms.request(f"{number} a", paper, pack), None, labels)
    return found


def sample_review(pack: prompts.PromptPack) -> dict[str, Item]:
    """The sample review's abstracts with its authors' judgements."""
    from leads_local import citations

    review = demo.load()
    found: dict[str, Item] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = demo.unpack(Path(folder)).citations
        records = [citation for file in files for citation in citations.read_file(file).citations]
    question = review.question
    parts = ("population", "intervention", "comparison", "outcome")
    criteria = [*(Criterion(part.capitalize(), getattr(question, part)) for part in parts), *review.criteria]
    for number, citation in enumerate(records):
        known = sample_gold.judgements(Stage.ABSTRACT, sample_gold.study_of(citation))
        judged = tuple(Judged(one, known[one.name], "") for one in criteria if one.name in known)
        if judged:
            request = screening.request(
                str(number), screening.citation_as_paper(citation), [one.criterion for one in judged], pack
            )
            found[str(number)] = Item("screening", request, None, judged)
    return found


def real_text(folder: Path, pack: prompts.PromptPack) -> dict[str, Item]:
    """Abstracts of real breast cancer trials with their marked sample sizes. No training text comes from here."""
    found: dict[str, Item] = {}
    size = Field("Sample size", "number of participants")
    for file in sorted((folder / "corpora" / "pico_breast_dev").glob("*.ann")):
        marks = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("T")]
        totals = [mark[2] for mark in marks if mark[1].startswith("total-participants")]
        if not totals:
            continue
        paper = file.with_suffix(".txt").read_text(encoding="utf-8")
        gold = [{"name": size.name, "value": totals[0]}]
        found[file.stem] = Item(
            "characteristics", characteristics.request(file.stem, paper, [size], pack), gold, ((size,), ("n",))
        )
    return found


def answers(engine: Engine, asked: Mapping[str, Item]) -> list[Reply]:
    return list(engine.run(item.request for item in asked.values()))


def evaluations(given: argparse.Namespace, pack: prompts.PromptPack) -> Iterator[tuple[str, dict[str, Item]]]:
    for name, split in GENERATED.items():
        yield name, generated(split, given.seed, given.reports, pack)
    yield "by hand", by_hand(pack)
    yield "sample review", sample_review(pack)
    if given.real:
        yield "real (pico_breast_dev)", real_text(given.real, pack)


def flips(one: list[Reply], other: list[Reply], asked: Mapping[str, Item]) -> float:
    """The share of screening labels that two models give differently."""
    texts = {reply.id: reply for reply in other}
    pairs = []
    for reply in one:
        item = asked[reply.id]
        if item.task == "screening" and reply.ok and texts[reply.id].ok:
            criteria = [judge.criterion for judge in item.about]
            both = zip(screening.parse(reply, criteria), screening.parse(texts[reply.id], criteria), strict=True)
            pairs += [a.eligibility is not b.eligibility for a, b in both]
    return sum(pairs) / len(pairs) if pairs else 0.0


def table(scores: Mapping[str, Score]) -> str:
    """The figures as Markdown, one row a figure and one column a split."""
    columns = {name: found.figures() for name, found in scores.items()}
    rows = list(dict.fromkeys(figure for column in columns.values() for figure in column))
    lines = ["| | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for row in rows:
        cells = (f"{column[row][0]:.2f} ({column[row][1]})" if row in column else "" for column in columns.values())
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--checkpoint", type=Path, required=True, help="the folder with config.json, weights and tokenizer"
    )
    parser.add_argument("--reports", type=int, default=60, help="new studies for each split")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--threads", type=int, default=1, help="threads of the engine; more only help on an idle machine"
    )
    parser.add_argument("--real", type=Path, help="a folder that holds corpora/pico_breast_dev")
    parser.add_argument("--whole", action="store_true", help="take the sample review through the whole program, too")
    parser.add_argument("--show", type=Path, help="write every prompt, gold and answer to this file")
    given = parser.parse_args()
    pack = prompts.load(items.PACK)
    scores: dict[str, Score] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = {quant: Path(folder) / f"{quant}.gguf" for quant in ("Q8_0", "F32")}
        for quant, file in files.items():
            convert(given.checkpoint, quant, file)
        kept: tuple[list[Reply], dict[str, Item]] = ([], {})
        with open_engine(config.load(model=str(files["Q8_0"]), threads=given.threads)) as engine:
            for name, asked in evaluations(given, pack):
                got = answers(engine, asked)
                scores[name] = score(asked, got)
                kept = (got, asked) if name == "words" else kept
                print(f"{name}: {len(got)} answers", file=sys.stderr)
                if given.show:
                    show(given.show, name, asked, got)
            if given.whole:
                scores["sample review, whole"] = whole.scored(engine, pack)
        with open_engine(config.load(model=str(files["F32"]), threads=given.threads)) as engine:
            flipped = flips(kept[0], answers(engine, kept[1]), kept[1])
    print(table(scores))
    print(f"\nQ8_0 against F32: {100 * flipped:.1f} % of the screening labels differ.")
    return 0


def show(file: Path, split: str, asked: Mapping[str, Item], got: list[Reply]) -> None:
    with file.open("a", encoding="utf-8") as out:
        for reply in got:
            item = asked[reply.id]
            gold = item.gold if item.gold is not None else [str(getattr(one, "label", one)) for one in item.about]
            told = {
                "split": split,
                "task": item.task,
                "prompt": item.request.prompt,
                "gold": gold,
                "got": reply.text,
                "error": reply.error,
            }
            print(json.dumps(told, ensure_ascii=False), file=out)


if __name__ == "__main__":
    sys.exit(main())
