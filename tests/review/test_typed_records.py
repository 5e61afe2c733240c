"""A record typed by hand: checked as others are, counted as a source of its own, taken out again, merged."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.app.citations import TYPED
from leads_local.app.sources import describe_sources
from leads_local.errors import InputError
from leads_local.records import Citation, Stage
from leads_local.review.checking import check_file
from leads_local.review.review import Review
from leads_local.review.typed_records import FIELDS, citation_of

WHOLE = {
    "title": " Rowing\tfor knees ", "authors": "Lee, Anna; Wu, Bo", "year": "2021", "journal": "J Inv Med",
    "volume": "3", "issue": "2", "pages": "45-51", "doi": "https://doi.org/10.1000/X.9", "pmid": "PMID: 7000009",
    "language": "English", "kind": "Report", "keywords": "rowing; knee", "urls": "https://example.org/9",
    "abstract": "We asked\n 84 adults.",
}  # fmt: skip


def test_each_field_is_what_was_typed_in_its_usual_form() -> None:
    assert citation_of(WHOLE) == Citation(
        "Rowing for knees", "We asked\n84 adults.", ("Lee, Anna", "Wu, Bo"), 2021, "J Inv Med", "3", "2", "45-51",
        "10.1000/x.9", "7000009", "English", "Report", ("rowing", "knee"), ("https://example.org/9",), number=1,
    )  # fmt: skip
    assert {name for name, _ in TYPED} == set(FIELDS) == WHOLE.keys()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"title": " "}, "needs a title"),
        ({"title": "A", "year": "next year"}, "“next year” is no year"),
        ({"title": "A", "doi": "11.1/x"}, "is no DOI"),
        ({"title": "A", "pmid": "PMC12"}, "is no PubMed identifier"),
        ({"title": "A", "place": "Bonn"}, "has no field place"),
    ],
)
def test_what_can_t_be_is_refused_and_nothing_is_stored(review: Review, fields: dict[str, str], why: str) -> None:
    with pytest.raises(InputError, match=why):
        review.add_record(fields)
    assert review.sources() == []


def test_a_typed_record_is_a_source_that_is_told_withdrawn_and_had_back(review: Review) -> None:
    record = review.add_record(WHOLE)
    other = review.add_record({"title": "Told by a friend / in 2020"})
    assert review.citation(record).doi == "10.1000/x.9" and review.counts().identified == 2
    first, second = describe_sources(review.sources(), {}).lines
    assert first.startswith("1: typed by hand: Rowing for knees: 1 record (typed by hand, ")
    assert second.startswith("2: typed by hand: Told by a friend   in 2020: 1 record")
    with pytest.raises(InputError, match=f"it is record {record}"):
        review.add_record(dict(WHOLE))
    review.withdraw(review.find_source("2").sha256, "not a study", withdrawn=True)
    assert review.counts().identified == 1
    with pytest.raises(InputError, match="withdrawn"):
        review.add_record({"title": "Told by a friend / in 2020"})
    review.withdraw(review.find_source("2").sha256, "", withdrawn=False)
    assert review.counts().identified == 2 and review.citation(other).title == "Told by a friend / in 2020"
    assert check_file(review.path).sound


def test_what_is_typed_changes_no_record_that_is_known(review: Review, tmp_path: Path) -> None:
    for name, abstract in (("old", ""), ("new", "We asked 84 adults.")):
        (tmp_path / f"{name}.csv").write_text(f"Title,PMID,Abstract\nRowing for knees,7000009,{abstract}\n")
    review.import_file(tmp_path / "old.csv")
    (known,) = review.record_ids(Stage.ABSTRACT)
    review.add_record({"title": WHOLE["title"], "pmid": "7000009", "abstract": "We asked 84 adults."})
    assert review.citation(known).abstract == ""
    review.import_file(tmp_path / "new.csv")
    assert review.citation(known).abstract == "We asked 84 adults.", "a newer export would"


def test_a_record_typed_in_a_copy_comes_with_a_merge(review: Review, tmp_path: Path) -> None:
    review.add_record({"title": "Here"})
    review.back_up(tmp_path / "copy.leads")
    with Review.open(tmp_path / "copy.leads") as copy:
        copy.add_record(WHOLE)
    review.merge([tmp_path / "copy.leads"])
    assert review.counts().identified == 2
    with pytest.raises(InputError, match="typed before"):
        review.add_record(WHOLE)
