"""Records for other programs: what another review reads of them is what this one has."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local import citations, durable
from leads_local.citations.screened import Reading
from leads_local.citations.telling import Target
from leads_local.errors import InputError
from leads_local.export import tables
from leads_local.export.records import ENDINGS, RecordsOrder, WrittenRecords, format_of, write_records
from leads_local.records import Choice, Citation, Question, Stage
from leads_local.review.review import Review
from leads_local.review.told_plan import TakingOrder

ABS, FULL, YES, NO, MAY = Stage.ABSTRACT, Stage.FULLTEXT, Choice.INCLUDE, Choice.EXCLUDE, Choice.MAYBE
PAPERS = [
    Citation(
        *("A trial of walking & {braces}: 50%", "Abstract of walking.\nWith a part, \"quoted\"; +26%), and more."),
        *(("Müller, Anna", "Obi, N"), 2018, "Journal of Invention", "1", "2", "3-9", "10.5555/walk", "30000001", "eng"),
        kind="JOUR", keywords=("gait", "older people"), urls=("https://example.org/1",),
        extra=(("AN", "30000001"), ("DB", "PubMed")),
    ),
    Citation("=A trial of running", "Abstract of running", ("Lee, K",), 2019, doi="10.5555/run", kind="JOUR"),
    Citation("A trial of nothing", "Abstract of nothing", year=2020, doi="10.5555/none", kind="JOUR"),
]  # fmt: skip
FIELDS = (
    "title",
    "abstract",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "keywords",
    "urls",
)
IN_THEIR_FORM = {
    Target.PLAIN: [(1, ABS, "Ann", YES), (1, FULL, "Ann", NO), (2, ABS, "Ann", NO), (3, ABS, "Bo", MAY)],
    Target.RAYYAN: [(1, ABS, "Ann", YES), (1, ABS, "Bo", MAY), (2, ABS, "Ann", NO)],
    Target.ASREVIEW: [(1, ABS, "ASReview", YES), (2, ABS, "ASReview", NO)],
    Target.COVIDENCE: [(1, ABS, "Covidence", YES), (1, FULL, "Covidence", NO)],
    Target.EPPI: [(1, ABS, "Ann", YES), (2, ABS, "Ann", NO)],
}
"""What people decided that each tool has a place for: record, stage, reviewer, choice."""
FORMS = [
    *((Target.PLAIN, f"all{ending}") for ending in ENDINGS),
    *((Target.RAYYAN, name) for name in ("all.ris", "all.csv", "all.xlsx")),
    *((Target.ASREVIEW, name) for name in ("all.ris", "all.csv")),
    *((Target.COVIDENCE, "all.csv"), (Target.EPPI, "all.csv")),
]


def make(folder: Path, target: Target) -> Review:
    """A review with what ``target`` can hold of decisions, tags and notes."""
    review = Review.create(folder / "r.leads", Question(population="adults"))
    source = folder / "in.jsonl"
    citations.write(source, PAPERS, "jsonl")
    review.import_file(source)
    for record, stage, reviewer, choice in IN_THEIR_FORM[target]:
        reason = "Wrong dose" if choice is NO and target is not Target.ASREVIEW else ""
        review.decide(record, stage, choice, reason, reviewer=reviewer)
    return review


def export(review: Review, path: Path, target: Target = Target.PLAIN, **more: object) -> WrittenRecords:
    order = RecordsOrder(path, format_of(path), review.record_ids(ABS), target, **more)  # type: ignore[arg-type]
    return write_records(review, order)


def decided(review: Review) -> dict[tuple[int, Stage, str], tuple[Choice, str]]:
    return {
        (record, stage, one.reviewer): (one.choice, one.reason)
        for record in range(1, len(PAPERS) + 1)
        for stage, votes in review.record(record).votes.items()
        for one in votes
    }


@pytest.mark.parametrize(("target", "name"), FORMS)
def test_what_goes_out_comes_back_the_same(tmp_path: Path, target: Target, name: str) -> None:
    with make(tmp_path, target) as review:
        written = export(review, tmp_path / name, target)
        assert written.records == len(PAPERS) and written.lost == 0
        expected = decided(review)
    with Review.create(tmp_path / "again.leads", Question(population="adults")) as again:
        again.import_file(tmp_path / name)
        for record, paper in enumerate(PAPERS, start=1):
            back = again.citation(record)
            for field in FIELDS:
                one, other = getattr(paper, field), getattr(back, field)
                if name.endswith(".nbib") and field in ("abstract", "urls"):  # which has no paragraphs and no links
                    continue
                if isinstance(one, str):
                    one, other = " ".join(one.split()), " ".join(other.split())
                assert other == one, field
        again.take(again.plan_taking(again.told_by("1", Reading()), TakingOrder()))
        assert decided(again) == expected


def test_notes_and_tags_go_out_and_come_back(tmp_path: Path) -> None:
    with make(tmp_path, Target.RAYYAN) as review:
        review.set_note(1, 'see "table" 2', reviewer="Bo")
        review.set_tags(1, ["RCT"], reviewer="Ann")
        for target, name in ((Target.PLAIN, "a.ris"), (Target.RAYYAN, "b.csv"), (Target.RAYYAN, "c.ris")):
            export(review, tmp_path / name, target)
            with Review.create(tmp_path / f"{name}.leads", Question(population="adults")) as again:
                again.import_file(tmp_path / name)
                again.take(again.plan_taking(again.told_by("1"), TakingOrder()))
                found = again.annotations(1)
                assert (found.tags, [(one.reviewer, one.text) for one in found.notes]) == (
                    ("RCT",),
                    [("Bo", 'see "table" 2')],
                )


def test_what_a_tool_has_no_place_for_is_counted(tmp_path: Path) -> None:
    with make(tmp_path, Target.PLAIN) as review:
        written = export(review, tmp_path / "a.csv", Target.ASREVIEW)
        assert (written.decisions, written.lost) == (4, 3), "a maybe, a reason, and that on the full text"


def test_duplicates_that_are_left_out_are_counted(tmp_path: Path) -> None:
    with make(tmp_path, Target.PLAIN) as review:
        review.join_records(1, 3)
        written = export(review, tmp_path / "a.ris")
        assert (written.records, written.behind) == (2, 1)


def test_a_second_export_tells_nothing_twice(tmp_path: Path) -> None:
    with make(tmp_path, Target.PLAIN) as review:
        export(review, tmp_path / "a.ris")
    with Review.create(tmp_path / "again.leads", Question(population="adults")) as again:
        again.import_file(tmp_path / "a.ris")
        again.take(again.plan_taking(again.told_by("1"), TakingOrder()))
        export(again, tmp_path / "b.ris")
    assert (tmp_path / "b.ris").read_text().count("leads-local decision") == 4


def test_a_file_that_is_there_is_never_replaced_unasked(tmp_path: Path) -> None:
    file = tmp_path / "mine.ris"
    file.write_text("mine", encoding="utf-8")
    with make(tmp_path, Target.PLAIN) as review:
        with pytest.raises(InputError, match="is there already"):
            export(review, file)
        assert file.read_text(encoding="utf-8") == "mine"
        export(review, file, replace=True)
        assert "A trial of walking" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["mine.ris", "mine.csv"])
def test_files_of_others_that_lie_beside_it_or_come_meanwhile_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (beside := tmp_path / f"{name}.part").write_text("a download")
    with make(tmp_path, Target.PLAIN) as review:
        monkeypatch.setattr(durable, "sync", lambda out: (tmp_path / name).write_text("mine"))
        before = sorted(file.name for file in tmp_path.iterdir())
        with pytest.raises(InputError, match="is there already"):
            export(review, tmp_path / name, Target.RAYYAN)
    assert (beside.read_text(), (tmp_path / name).read_text()) == ("a download", "mine")
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([*before, name])


def test_a_name_without_a_format_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="which format"):
        format_of(tmp_path / "records.txt")


def test_what_has_become_of_a_paper_is_in_every_file_of_it(tmp_path: Path) -> None:
    with make(tmp_path, Target.PLAIN) as review:
        review.set_tags(1, ["retracted"], reviewer="Ann")
        assert ("N1", "Become of this paper: retracted") in tables._marked(review, 1, "").extra
        for target, name in FORMS:
            export(review, tmp_path / name, target, replace=True)
            data = (tmp_path / name).read_bytes()
            assert name.endswith("xlsx") or b"Become of this paper: retracted" in data, name
    with Review.create(tmp_path / "again.leads", Question(population="adults")) as again:
        again.import_file(tmp_path / "all.ris")
        assert again.annotations(1).tags == ("retracted",)
