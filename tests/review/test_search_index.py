"""The index of words finds what reading all records finds, at every state of the review, and harms nothing."""

import contextlib
import os
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from typing import Any

import pytest

from leads_local import paths
from leads_local.records import Citation
from leads_local.review import finding, phrases, search_index
from leads_local.review.annotations import Field
from leads_local.review.review import Review
from leads_local.review.store import citations, index_file
from tests.review.conftest import Import

WORDS = [
    *("diabetes", "prediabetes", "diab", "Étude", "sjögren's", "naïve", "covid-19", "COVID", "19", "p<0.05", "50%"),
    *("heart-failure", "heart", "failure", "sweetheart", "o'hara_b", "infarction", "RCT", "tion", "education", "e.g."),
    *("10.1000/x5", "糖尿病患者", "患者", "≥65", "(multi)", "in", "vitro", "x", "α-blocker", "o\u0308dem"),
]


@pytest.fixture(autouse=True)
def for_every_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "SMALLEST", 1)
    monkeypatch.setattr(search_index, "_SLICE", 7)


@pytest.fixture
def words() -> Iterator[random.Random]:
    return random.Random(5)


def text(words: random.Random, most: int) -> str:
    return " ".join(words.choice(WORDS) for _ in range(words.randint(0, most)))


def made(words: random.Random, count: int, name: str) -> list[Citation]:
    return [
        Citation(
            title=f"{text(words, 4)} {name}{i}",
            abstract=text(words, 12).replace(" ", words.choice((" ", "\n", "  "))),
            authors=(text(words, 2),),
            keywords=(text(words, 2),),
            year=1990 + i % 20 if i % 3 else None,
            doi=f"10.1000/{name}{i}",
            extra=(("SI", f"ClinicalTrials.gov/NCT0000{i:04}"),),
        )
        for i in range(count)
    ]


def asked(words: random.Random) -> list[str]:
    """What a person may type: words, their beginnings and middles, phrases cut off anywhere, stars."""
    found = []
    for _ in range(words.randint(1, 2)):
        said = " ".join(words.choice(WORDS) for _ in range(words.randint(1, 3)))
        begin = words.randint(0, 4) if words.random() < 0.4 else 0
        said = said[begin : words.randint(begin + 1, max(begin + 1, len(said)))]
        found.append(said + ("*" if words.random() < 0.2 else ""))
    return found


def by_reading(review: Review, texts: list[str]) -> Set[int]:
    return finding.find(review.db, finding.parse(texts), review.acting)


def since(ask: int) -> Callable[[int], bool]:
    return lambda year: year >= 1990 + ask


def dated_by_reading(review: Review, holds: Callable[[int], bool]) -> set[int]:
    years = ((record, review.citation(record).year) for record, *_ in citations.stream(review.db))
    return {record for record, year in years if year is not None and holds(year)}


def indexed(review: Review) -> int:
    index = review._index
    assert index is not None
    return index._file.state().records if index._file.state() else 0  # type: ignore[union-attr]


def test_it_finds_what_reading_finds(review: Review, add: Import, words: random.Random) -> None:
    add(made(words, 30, "a"))
    review.dedupe()
    for ask in range(500):
        if ask == 150:
            review.set_note(3, text(words, 6))
            review.set_tags(9, ["pre-diabetes", "étude"])
            review.set_tags(4, ["covid 19"])
        if ask == 250:
            review.correct(5, Field.TITLE, "heart failure and naïve")
            review.correct(6, Field.ABSTRACT, "nothing")
        if ask == 350:
            add(made(words, 20, "b"), "b.jsonl")
            review.correct(6, Field.ABSTRACT, None)
            review.correct(7, Field.YEAR, "1999")
            review.correct(8, Field.YEAR, "")
        texts = asked(words)
        assert review.find(texts) == by_reading(review, texts), texts
        if ask % 50 == 0:
            assert review.find_dated([], since(ask // 50)) == dated_by_reading(review, since(ask // 50))
    assert indexed(review) == 50


@pytest.mark.parametrize(
    ("said", "stands", "not_there"),
    [
        ("diabet", "Prediabetes", "diabolic"),
        ("diabet*", "diabetes", "diabolo"),
        ("rct", "An RCT of", "infarction"),
        ("患者", "糖尿病患者", "糖尿病"),
        ("covid-19", "COVID 19", "covid 20"),
        ("heart fail", "heart-failure", "heart of failure"),
        ("etude", "Étude", "etud"),
        ("5%", "5 % is 5%", "50%"),
        ("<0.05", "p<0.05", "p>0.05"),
        ("%", "50%", "50"),
    ],
)
def test_what_a_text_has(said: str, stands: str, not_there: str) -> None:
    phrase = phrases.parse_phrase(said)
    assert phrases.has(phrases.fold_text(stands), phrase)
    assert not phrases.has(phrases.fold_text(not_there), phrase)


def test_identifiers_and_keywords_are_found(review: Review, add: Import, words: random.Random) -> None:
    add([*made(words, 9, "a"), Citation(title="x", keywords=("Humans",), pmid="12345678")])
    assert review.find(["10.1000/a4"]) == {5}
    assert review.find(["NCT00000007"]) == {8}
    assert review.find(["humans"]) == review.find(["12345678"]) == {10}


def test_it_is_kept_and_only_grows(review: Review, add: Import, words: random.Random, path: Path) -> None:
    add(made(words, 10, "a"))
    review.prepare_search()
    review.close()
    before = path.read_bytes()
    with Review.read(path) as again:
        assert (indexed(again), again._index.missing()) == (10, 0)  # type: ignore[union-attr]
        assert again.find(["a3"]) == {4}
    assert path.read_bytes() == before, "the review itself knows nothing of it"
    (kept,) = paths.search_indexes_dir().iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_an_earlier_state_at_the_same_path_is_read_anew(
    review: Review, add: Import, words: random.Random, path: Path, tmp_path: Path
) -> None:
    add(made(words, 10, "a"))
    shutil.copyfile(path, tmp_path / "copy")
    add([Citation(title="first of all")], "b.jsonl")
    assert review.find(["first of all"]) == {11}
    review.close()
    shutil.copyfile(tmp_path / "copy", path)
    with Review.open(path) as back:
        assert back.find(["first of all"]) == set()
        (tmp_path / "c.jsonl").write_text('{"title": "another thing"}\n')
        back.import_file(tmp_path / "c.jsonl")
        assert back.find(["another thing"]) == {11}
        assert back.find(["first of all"]) == set()


def test_a_spoiled_file_is_made_anew(review: Review, add: Import, words: random.Random) -> None:
    add(made(words, 40, "a"))
    review.prepare_search()
    review.end_search()
    (kept,) = paths.search_indexes_dir().iterdir()
    kept.write_bytes(b"no database" * 1000)
    assert review.find(["a3"]) == by_reading(review, ["a3"])
    assert indexed(review) == 40
    review.end_search()
    content = bytearray(kept.read_bytes())
    content[4096:] = b"\x7f" * (len(content) - 4096)
    kept.write_bytes(content)
    assert review.find(["diab"]) == by_reading(review, ["diab"])
    review.end_search()
    assert review.find(["diab"]) == by_reading(review, ["diab"])
    assert indexed(review) == 40


def test_it_goes_without(
    review: Review, add: Import, words: random.Random, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(made(words, 10, "a"))
    monkeypatch.setattr(index_file, "_TABLES", ("CREATE VIRTUAL TABLE words USING no_fts5(text)",))
    assert review.find(["a3"]) == {4}
    assert review._index is None
    review.end_search()
    monkeypatch.undo()
    (tmp_path / "file").write_text("x")
    monkeypatch.setattr(paths, "search_indexes_dir", lambda: tmp_path / "file" / "search")
    monkeypatch.setattr(search_index, "SMALLEST", 1)
    assert review.find(["a3"]) == {4}
    assert review._index is None


def test_another_process_may_have_added_the_same(review: Review, add: Import, words: random.Random, path: Path) -> None:
    add(made(words, 30, "a"))
    with Review.read(path) as other:
        index = review._index
        assert index is not None
        add_now = index._file.add

        def add_later(*told: Any) -> bool:
            other.prepare_search()
            return add_now(*told)

        index._file.add = add_later  # type: ignore[method-assign]
        assert index.add_missing()
        assert indexed(other) == indexed(review) == 30
        assert review.find(["etude"]) == other.find(["etude"]) == by_reading(review, ["etude"])


def test_a_small_or_damaged_review_has_none(
    review: Review, add: Import, words: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(made(words, 10, "a"))
    review.db.damage = ("something",)
    assert review._index is None
    review.end_search()
    review.db.damage = ()
    monkeypatch.setattr(search_index, "SMALLEST", 11)
    assert review._index is None
    assert review.find(["a3"]) == {4}
    assert not paths.search_indexes_dir().exists()


def test_much_that_is_new_is_read_only_when_asked(
    review: Review, add: Import, words: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "AT_ONCE", 5)
    add(made(words, 10, "a"))
    assert review.find(["a3"]) == {4}
    assert indexed(review) == 0
    told = []
    review.prepare_search(told.append)
    assert [(one.done, one.total) for one in told] == [(7, 10), (10, 10)]
    assert review.find(["a3"]) == {4}


def test_what_nobody_uses_goes(review: Review, add: Import, words: random.Random) -> None:
    add(made(words, 3, "a"))
    folder = paths.search_indexes_dir()
    folder.mkdir(parents=True)
    for name, age in (("old.words", 100), ("new.words", 10)):
        (folder / name).touch()
        os.utime(folder / name, (0, time.time() - age * 86_400))
    review.find(["a1"])
    assert {one.name for one in folder.iterdir()} > {"new.words"}
    assert not (folder / "old.words").exists()


def test_one_of_another_form_is_made_anew(review: Review, add: Import, words: random.Random) -> None:
    add(made(words, 10, "a"))
    review.prepare_search()
    review.end_search()
    (kept,) = paths.search_indexes_dir().iterdir()
    with contextlib.closing(sqlite3.connect(kept, isolation_level=None)) as other:
        other.execute("PRAGMA user_version = 99")
    assert review.find(["a3"]) == {4} and indexed(review) == 10


def test_each_copy_has_its_own_and_a_private_one_none(
    review: Review, add: Import, words: random.Random, path: Path, tmp_path: Path
) -> None:
    add(made(words, 10, "a"))
    review.prepare_search()
    (kept,) = paths.search_indexes_dir().iterdir()
    os.utime(kept, (0, 0))
    review.end_search()
    assert review.find(["a3"]) == {4}
    assert kept.stat().st_mtime > time.time() - 86_400, "that it is in use"
    with review.copied() as moment:
        assert search_index.open_index(moment.db) is None
    review.back_up(tmp_path / "copy.leads")
    with Review.read(tmp_path / "copy.leads") as copy:
        copy.prepare_search()
        assert len(list(paths.search_indexes_dir().glob("*.words"))) == 2


def test_what_was_read_before_it_was_stopped_is_kept(review: Review, add: Import, words: random.Random) -> None:
    add(made(words, 20, "a"))
    index, asked = review._index, iter((False, True))
    assert index is not None and not index.add_missing(cancelled=lambda: next(asked))
    assert indexed(review) == 7
    assert index.add_missing() and indexed(review) == 20


def test_its_faults_are_told_apart() -> None:
    assert index_file.is_spoiled(sqlite3.DatabaseError("malformed"))
    assert not index_file.is_spoiled(sqlite3.OperationalError("locked"))
