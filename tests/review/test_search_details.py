"""How files were searched for: what a person may type, what stands of it, and what is counted by it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from leads_local.app.sources import describe_search, describe_sources, details_in_words, differences_in_words
from leads_local.errors import InputError, ReviewError
from leads_local.records import Citation
from leads_local.review.prisma import flow_lines
from leads_local.review.review import Review
from leads_local.review.search_details import NOTHING, SearchDetails, SourceKind, changed
from tests.review.conftest import Import


@pytest.mark.parametrize(
    ("field", "typed", "stands"),
    [
        ("kind", "Data", "database"),
        ("kind", "citation", "citation searching"),
        ("kind", "", ""),
        ("searched", "2026-02-28", "2026-02-28"),
        ("claimed", "1,234", 1234),
        ("claimed", "12 345", 12345),
        ("claimed", "0", 0),
        ("claimed", "", None),
        ("database", "  MEDLINE  ALL ", "MEDLINE ALL"),
        ("strategy", "1. a\n2. b", "1. a\n2. b"),
    ],
)
def test_what_is_typed(field: str, typed: str, stands: object) -> None:
    assert getattr(changed(NOTHING, {field: typed}), field) == stands


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        *(("kind", "o"), ("kind", "journal"), ("searched", "2026-02-30"), ("searched", "March 2026")),
        *(
            ("claimed", "many"),
            ("claimed", "-3"),
            ("claimed", "1e3"),
            ("platform", "x" * 201),
            ("searched", "2026-1-2"),
        ),
    ],
)
def test_what_can_not_be_is_one_sentence(field: str, typed: str) -> None:
    with pytest.raises(InputError):
        changed(NOTHING, {field: typed})


def three(review: Review, add: Import) -> list[str]:
    for number, size in enumerate((3, 2, 1)):
        add([Citation(title=f"Trial {number} {one}") for one in range(size)], f"{number}.jsonl")
    return [source.sha256 for source in review.sources()]


def test_what_was_said_stands_and_is_undone(review: Review, add: Import) -> None:
    first, *_ = three(review, add)
    review.acting = "Ann"
    assert describe_search(review, first, {"database": "Embase", "platform": "Ovid", "claimed": "3"})
    assert not describe_search(review, first, {"claimed": "3"})
    assert describe_search(review, first, {"claimed": "4", "strategy": "exp pain/"})
    told = SearchDetails(database="Embase", platform="Ovid", claimed=4, strategy="exp pain/")
    assert review.search_details() == {first: told}
    assert details_in_words(told) == "Embase (Ovid); 4 hits by its own count; strategy: exp pain/"
    review.undo_last()
    assert review.search_details()[first].claimed == 3
    review.redo()
    assert review.search_details()[first] == told
    with pytest.raises(ReviewError, match="no file with SHA-256"):
        review.describe_search("ff" * 32, told)


def test_a_strategy_may_be_a_file(review: Review, add: Import, tmp_path: Path) -> None:
    first, *_ = three(review, add)
    (tmp_path / "strategy.txt").write_text("1. pain/\n2. trial.ti,ab.\n")
    describe_search(review, first, {"strategy": str(tmp_path / "strategy.txt")})
    assert review.search_details()[first].strategy.startswith("1. pain/\n2. trial")


def test_the_flow_counts_by_kind_now_and_then(review: Review, add: Import) -> None:
    first, second, third = three(review, add)
    assert not [line for line in flow_lines(review.counts()) if line.key.startswith("from_d")]
    describe_search(review, first, {"kind": SourceKind.DATABASE})
    describe_search(review, second, {"kind": SourceKind.CITATIONS})
    counts = review.counts()
    told = {line.key: line.number for line in flow_lines(counts)}
    assert (told["from_databases"], told["from_citations"], told["from_unsaid"], told["from_registers"]) == (3, 2, 1, 0)
    assert sum(number for key, number in told.items() if key.startswith("from_")) == counts.identified
    then = review.counts_at(datetime.now(UTC)).counts
    assert dict(then.by_kind) == dict(counts.by_kind)
    review.withdraw(third)
    assert dict(review.counts().by_kind) == {"database": 3, "citation searching": 2}


def test_where_the_claimed_hits_differ(review: Review, add: Import) -> None:
    first, second, third = three(review, add)
    for one in (first, second):  # two parts of one search
        describe_search(review, one, {"database": "Embase", "searched": "2026-01-02", "claimed": "5"})
    describe_search(review, third, {"claimed": "4"})
    (differs,) = differences_in_words(review.sources(), review.search_details())
    assert differs.startswith("3: 2.jsonl: the database claimed 4 hits, and 1 record came in, 3 fewer.")
    review.withdraw(second)
    assert len(list(differences_in_words(review.sources(), review.search_details()))) == 2
    told = describe_sources(review.sources(), review.search_details())
    assert told.lines[1] == "- Embase; searched 2026-01-02; 5 hits by its own count"
    assert len(told.notices) == 2
