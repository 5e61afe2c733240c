"""Another version is put in the place of a review at random moments while a program decides in it.

    python -m tests.torture.sync ROUNDS [SEED]

Each round one program decides record after record and prints what was stored; meanwhile the file is replaced as sync
clients, ``cp``, people and ``leads-local restore`` do it. Afterwards every decision that was announced must stand on
its record in the file that is there, or in what was rescued; the file that is there must hold no decision that is
neither its own nor announced for that very record; and it must be sound, or say that it is not.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from leads_local import citations  # noqa: E402
from leads_local.errors import LeadsError  # noqa: E402
from leads_local.records import Choice, Citation, Question, Stage  # noqa: E402
from leads_local.review import backups  # noqa: E402
from leads_local.review.checking import check_file  # noqa: E402
from leads_local.review.outcomes import Rule, RuleKind  # noqa: E402
from leads_local.review.review import Review  # noqa: E402

RECORDS = 60
DECIDER = """
import random, sys, time
from leads_local.errors import LeadsError
from leads_local.records import Choice, Stage
from leads_local.review.review import Review
chance = random.Random(sys.argv[2])
review = Review.open(sys.argv[1])
titles = {i: review.record(i).citation.title for i in review.record_ids(Stage.ABSTRACT)}
print("ready", flush=True)
for number in range(400):
    record = chance.choice(list(titles))
    choice = chance.choice(list(Choice))
    try:
        review.decide(record, Stage.ABSTRACT, choice, f"act {number}", "Kim")
        print(f"said\\t{titles[record]}\\t{choice}\\tact {number}", flush=True)
    except LeadsError as error:
        print("error", " ".join(str(error).split()), flush=True)
        break
    time.sleep(chance.choice((0, 0, 0.002, 0.01)))
try:
    review.close()
except LeadsError as error:
    print("error", " ".join(str(error).split()), flush=True)
"""
Said = dict[str, tuple[str, str]]  # title: (choice, reason)


def make(folder: Path) -> None:
    """The review, an older copy of it with other decisions, a copy with the same records decided by others, and another
    review."""
    for name, order in (("review", 1), ("other", -1)):
        with Review.create(folder / f"{name}.leads", Question(population=name)) as review:
            records = [Citation(title=f"Title {n}", abstract="words", number=n) for n in range(RECORDS)][::order]
            citations.write(file := folder / f"{name}.jsonl", records, "jsonl")
            review.import_file(file)
            review.set_rule(Stage.ABSTRACT, Rule(RuleKind.LATEST))  # so that every decision shows
            if name == "review":
                review.db.copy_to(folder / "older.leads")
                review.decide(3, Stage.ABSTRACT, Choice.INCLUDE, "first", "Ann")
                review.db.copy_to(folder / "sibling.leads")
    with Review.open(folder / "sibling.leads") as review:
        for record in (5, 6, 7):
            review.decide(record, Stage.ABSTRACT, Choice.EXCLUDE, "by Ben", "Ben")


def renamed(version: Path, review: Path) -> None:
    part = review.with_name("part")
    shutil.copy(version, part)
    os.replace(part, review)  # noqa: PTH105


def copied(version: Path, review: Path) -> None:
    shutil.copyfile(version, review)


def removed_first(version: Path, review: Path) -> None:
    review.unlink()
    time.sleep(0.005)
    shutil.copyfile(version, review)


def restored(version: Path, review: Path) -> None:
    for _ in range(100):
        with contextlib.suppress(LeadsError):
            backups.restore(review, version)
            return


def folder_gone(version: Path, review: Path) -> None:
    shutil.rmtree(review.parent)


WAYS: tuple[Callable[[Path, Path], None], ...] = (renamed, copied, removed_first, restored, folder_gone)


def standing(path: Path) -> Said:
    with Review.read(path) as review:
        views = [review.record(record) for record in review.record_ids(Stage.ABSTRACT)]
        found = {
            view.citation.title: view.decisions[Stage.ABSTRACT] for view in views if Stage.ABSTRACT in view.decisions
        }
        return {title: (str(decision.choice), decision.reason) for title, decision in found.items()}


def one(base: Path, seed: str) -> tuple[str, str]:
    """(what was done, what went wrong or "")."""
    chance = random.Random(seed)
    way, which = chance.choice(WAYS), chance.choice(("older", "sibling", "other", "review"))
    what = f"{way.__name__} {which}"
    with tempfile.TemporaryDirectory(prefix="sync-") as name:
        folder = Path(name) / "reviews"
        folder.mkdir()
        home = Path(name) / "home"
        review = folder / "review.leads"
        shutil.copy(base / "review.leads", review)
        version = base / f"{which}.leads"
        own = standing(version)
        program = subprocess.Popen(
            [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{DECIDER}", str(review),
                seed],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "LEADS_LOCAL_HOME": str(home)},
        )  # fmt: skip
        assert program.stdout is not None
        program.stdout.readline()
        time.sleep(chance.random() * 0.8)
        way(version, review)
        out, errors = program.communicate(timeout=120)
        if "Traceback" in errors:
            return what, errors[-1500:]
        said: dict[str, list[tuple[str, str]]] = {}
        for line in out.splitlines():
            kind, *rest = line.split("\t")
            if kind == "said":
                said.setdefault(rest[0], []).append((rest[1], rest[2]))
        kept: dict[str, list[tuple[str, str]]] = {}
        for place in (folder, home / "data" / "rescued"):
            for file in sorted(place.glob("*.rescued-*.jsonl")) if place.is_dir() else ():
                for act in map(json.loads, file.read_text().splitlines()[1:]):
                    kept.setdefault(act["subject"]["title"], []).append((act["said"]["choice"], act["said"]["reason"]))
        there: Said = {}
        if review.exists():
            try:
                sound = check_file(review).sound
                there = standing(review)
            except LeadsError:
                sound = False
            if not sound:  # bytes were exchanged inside a commit: it says so, and what was said is kept
                there = {}
                what += " (says that it is damaged)"
        latest = {title: acts[-1] for title, acts in said.items()}
        lost = {
            title: act for title, act in latest.items() if act != there.get(title) and act not in kept.get(title, [])
        }
        wrong = {title: act for title, act in there.items() if act != own.get(title) and act not in said.get(title, [])}
        return what, f"lost: {lost}; on another record: {wrong}" if lost or wrong else ""


def run(rounds: int, seed: int) -> tuple[collections.Counter[str], list[str]]:
    counts: collections.Counter[str] = collections.Counter()
    bad = []
    with tempfile.TemporaryDirectory(prefix="sync-base-") as name:
        make(Path(name))
        for number in range(rounds):
            what, wrong = one(Path(name), f"{seed}-{number}")
            counts[what] += 1
            if wrong:
                bad.append(f"{seed}-{number}: {what}: {wrong}")
    return counts, bad


if __name__ == "__main__":
    table, wrong_ones = run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    for kind, number in sorted(table.items()):
        print(f"{kind:50} {number:5}")
    for line in wrong_ones[:20]:
        print(line)
    print(f"{sum(table.values())} events, {len(wrong_ones)} went wrong")
    sys.exit(bool(wrong_ones))
