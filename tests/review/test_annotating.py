"""Notes, tags, priorities and corrections: what is said stands, beside what was imported, and is found again."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from leads_local.errors import InputError, ReviewError
from leads_local.records import Choice, Citation, Stage
from leads_local.review import finding, log_check, phrases
from leads_local.review.acts import ActKind
from leads_local.review.annotations import Annotations, Field, Priority
from leads_local.review.database import ReviewReplaced
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.review import Review
from leads_local.review.store import acts, citations, groups
from tests.review.conftest import Attach, Import, paper

A = Stage.ABSTRACT
RECORDS = [
    Citation(title="Étude des genoux", abstract="Fifty per\ncent, 50% of knees.", authors=("Müller, J", "O'Hara_B")),
    Citation(title="Walking", abstract="Naïve adults.", year=2001, doi="10.1000/2", pmid="22", journal="J Walk"),
    Citation(title="Walking in knees", abstract="Adults walked.", year=2001),
]


@pytest.fixture
def begun(review: Review, add: Import) -> Review:
    review.acting = "Ann"
    add(RECORDS)
    return review


def sound(review: Review) -> None:
    with contextlib.closing(review.db.copied()) as moment:
        assert list(log_check.find_breaks(moment)) == []


# ------------------------------------------------------------ notes, tags, priorities


def test_each_reviewer_has_a_note_of_their_own(begun: Review) -> None:
    assert begun.set_note(1, "  ask the authors\nabout n ")
    assert begun.set_note(1, "a pilot?", "Bob")
    assert [(note.text, note.reviewer) for note in begun.annotations(1).notes] == [
        ("ask the authors\nabout n", "Ann"),
        ("a pilot?", "Bob"),
    ]
    assert begun.set_note(1, "")
    assert [note.reviewer for note in begun.record(1).annotations.notes] == ["Bob"]
    sound(begun)


def test_all_is_as_imported_again_by_one_gesture(begun: Review) -> None:
    begun.correct(2, Field.TITLE, "Running")
    begun.correct(2, Field.YEAR, "2002")
    begun.correct(3, Field.YEAR, "2003")
    corrected = begun.citation(2)
    assert begun.restore_imported(2)
    assert (begun.citation(2).title, begun.citation(2).year, begun.citation(3).year) == ("Walking", 2001, 2003)
    assert not begun.restore_imported(2)
    sound(begun)
    assert len(begun.undo_last()) == 2
    assert begun.citation(2) == corrected
    assert len(begun.redo()) == 2
    assert begun.citation(2).title == "Walking"
    sound(begun)


def test_what_is_said_again_is_no_act(begun: Review) -> None:
    begun.set_note(1, "x")
    begun.set_tags(1, ["rct"])
    begun.set_priority(1, Priority.HIGH)
    begun.correct(1, Field.TITLE, "Another")
    before = begun.db.number("SELECT count(*) FROM act")
    said = [
        begun.set_note(1, " x "),
        begun.set_note(2, ""),
        begun.set_tags(1, ["RCT"], ["cohort"]),
        begun.set_priority(1, Priority.HIGH),
        begun.set_priority(2, None),
        begun.correct(1, Field.TITLE, "Another "),
        begun.correct(2, Field.TITLE, None),
    ]
    assert said == [False] * 7
    assert begun.db.number("SELECT count(*) FROM act") == before


def test_tags_are_tidied_and_written_as_they_are_elsewhere(begun: Review) -> None:
    begun.set_tags(1, ["#RCT, cluster  trial", "rct"])
    assert begun.annotations(1).tags == ("RCT", "cluster-trial")
    begun.set_tags(2, ["rct", "new"])
    assert begun.annotations(2).tags == ("RCT", "new")
    assert begun.tag_names() == ["RCT", "cluster-trial", "new"]
    begun.set_tags(1, ["new"], ["Cluster Trial"])
    assert begun.annotations(1).tags == ("RCT", "new")
    assert [act.kind for act, _ in begun.undo_last()] == [ActKind.TAG, ActKind.TAG], "one gesture"
    assert begun.annotations(1).tags == ("RCT", "cluster-trial")
    begun.set_tags(1, ["rct"], ["rct"])
    assert begun.annotations(1).tags == ("RCT", "cluster-trial"), "on goes before off"
    with pytest.raises(InputError, match="longer than 60"):
        begun.set_tags(1, ["x" * 61])
    sound(begun)


def test_a_report_has_what_was_said_of_all_its_records(begun: Review, add: Import) -> None:
    add([Citation(title="Walking", doi="10.1000/2", abstract="Naïve adults.")], "again.jsonl")
    for record in (2, 4):
        begun.set_note(record, f"note {record}", f"Ann {record}")
        begun.set_tags(record, [f"tag{record}", "both"])
        begun.set_priority(record, Priority.LOW if record == 2 else Priority.HIGH)
    begun.dedupe()
    assert begun.record(4).id == 2
    added = begun.annotations(4)
    assert [note.text for note in added.notes] == ["note 2", "note 4"]
    assert added.tags == ("both", "tag2", "tag4")
    assert added.priority is Priority.HIGH
    begun.set_tags(4, off=["both", "tag4"])
    begun.set_priority(2, Priority.LOW)
    assert (begun.annotations(2).tags, begun.annotations(2).priority) == (("tag2",), Priority.LOW)
    begun.set_priority(4, None)
    assert begun.annotations(2).priority is None
    assert begun.find(["#tag2"]) == {2}
    sound(begun)


def test_what_is_no_record_is_refused(begun: Review) -> None:
    for say in (
        lambda: begun.set_note(9, "x"),
        lambda: begun.set_tags(9, ["x"]),
        lambda: begun.set_priority(9, Priority.LOW),
        lambda: begun.correct(9, Field.TITLE, "x"),
    ):
        with pytest.raises(ReviewError, match="there is no record 9"):
            say()
    assert begun.annotations(1) == Annotations()


def test_others_notes_are_not_told_before_one_has_decided_alone(begun: Review) -> None:
    begun.set_rule(A, Rule(RuleKind.TWO))
    begun.set_note(1, "wrong population", "Bob")
    begun.set_note(1, "mine")
    assert [note.reviewer for note in begun.annotations(1).notes] == ["Ann"]
    assert begun.annotations(1).hidden_notes == 1
    assert begun.find(["population"]) == set()
    begun.decide(1, A, Choice.INCLUDE)
    assert [note.reviewer for note in begun.annotations(1).notes] == ["Bob", "Ann"], "in their order"
    assert begun.find(["population"]) == {1}
    begun.decide(1, A, Choice.INCLUDE, reviewer="Bob")
    assert begun.annotations(1).hidden_notes == 0, "one decides full texts"
    begun.set_rule(Stage.FULLTEXT, Rule(RuleKind.TWO))
    assert begun.annotations(1).hidden_notes == 1, "and now two"
    assert begun.hidden_reports() == [1]


# ------------------------------------------------------------ corrections


def test_a_correction_is_read_everywhere_and_what_was_imported_stays(begun: Review) -> None:
    imported = begun.citation(2)
    said = {
        Field.TITLE: "Walking, corrected",
        Field.ABSTRACT: "Two\n\nparagraphs.",
        Field.AUTHORS: "Okafor, B; Ilves, K",
        Field.YEAR: "2002",
        Field.JOURNAL: "J Run",
        Field.VOLUME: "7 ",
        Field.ISSUE: "2",
        Field.PAGES: "e12",
        Field.DOI: "https://doi.org/10.1000/XY",
        Field.PMID: "PMID: 33",
        Field.LANGUAGE: "German ",
        Field.KIND: "Letter",
    }
    for field, text in said.items():
        assert begun.correct(2, field, text)
    wanted = Citation(
        title="Walking, corrected",
        abstract="Two\n\nparagraphs.",
        authors=("Okafor, B", "Ilves, K"),
        year=2002,
        journal="J Run",
        volume="7",
        issue="2",
        pages="e12",
        doi="10.1000/xy",
        pmid="33",
        language="German",
        kind="Letter",
        number=imported.number,
    )
    assert begun.citation(2) == begun.record(2).citation == wanted
    assert citations.read_many(begun.db, [1, 2])[2] == wanted
    assert {record: text for record, _, _, text in citations.stream(begun.db)}[2] == wanted
    (line,) = begun.summaries([2])
    assert (line.title, line.authors, line.year) == (wanted.title, wanted.authors, wanted.year)
    told = begun.annotations(2).corrections
    assert [one.field for one in told] == list(Field)
    assert {one.field: one.imported for one in told} == {
        Field.TITLE: "Walking",
        Field.ABSTRACT: "Naïve adults.",
        Field.AUTHORS: "",
        Field.YEAR: "2001",
        Field.JOURNAL: "J Walk",
        Field.VOLUME: "",
        Field.ISSUE: "",
        Field.PAGES: "",
        Field.DOI: "10.1000/2",
        Field.PMID: "22",
        Field.LANGUAGE: "",
        Field.KIND: "",
    }
    assert begun.db.row("SELECT title, year FROM citation WHERE record_id = 2")[:] == ("Walking", 2001)
    sound(begun)
    for field in said:
        assert begun.correct(2, field, None)
    assert begun.citation(2) == imported
    for _ in said:
        begun.undo_last()
    assert begun.citation(2) == wanted
    sound(begun)


def test_a_papers_title_is_that_which_stands(begun: Review, attach: Attach) -> None:
    attach(2, paper("A paper", ["Words."]))
    begun.correct(2, Field.TITLE, "Walking, corrected")
    assert [one.title for one in begun.attachments()] == ["Walking, corrected"]
    begun.correct(2, Field.TITLE, None)
    assert [one.title for one in begun.attachments()] == ["Walking"]


def test_a_field_can_be_corrected_to_nothing(begun: Review) -> None:
    for field in Field:
        begun.correct(2, field, " ")
    assert begun.citation(2) == Citation(number=2)
    assert begun.summaries([2])[0].year is None
    sound(begun)


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        (Field.YEAR, "about 2001", "“about 2001” is no year. Give four digits"),
        (Field.YEAR, "20011", "no year"),
        (Field.DOI, "see 10.1000/x there", "no DOI"),
        (Field.PMID, "12a", "no PubMed identifier"),
    ],
)
def test_what_a_field_cannot_hold_is_refused(begun: Review, field: Field, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        begun.correct(2, field, text)
    assert begun.citation(2) == begun.citation(2)
    assert begun.annotations(2).corrections == ()


def test_dedupe_compares_what_was_corrected(begun: Review, add: Import) -> None:
    add([Citation(title="Something else", doi="10.1000/9")], "again.jsonl")
    assert begun.dedupe().groups == 0
    begun.correct(4, Field.TITLE, "Walking")
    begun.correct(4, Field.DOI, "10.1000/2")
    assert begun.dedupe().groups == 1
    assert groups.of_head(begun.db, 2) == [2, 4]
    assert [one.title for one in begun.record(2).duplicates] == ["Walking"]
    begun.correct(4, Field.DOI, "10.1000/9")
    (correction,) = [one for one in begun.record(2).annotations.corrections if one.field is Field.DOI]
    assert (correction.record_id, correction.text, correction.imported) == (4, "10.1000/9", "10.1000/9")


# ------------------------------------------------------------ finding


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["ETUDE"], [1]),
        (["genoux", "muller"], [1]),
        (["per cent"], [1]),
        (["50%"], [1]),
        (["5%"], []),
        (["O_Hara"], []),
        (["o'hara_b"], [1]),
        (["%"], [1]),
        (["_"], [1]),
        (["walking"], [2, 3]),
        (["walking", "knees"], [3]),
        (["walking knees"], []),
        (["in knees"], [3]),
        (["naive"], [2]),
        (["' OR 1=1 --"], []),
        (["#rct"], [1, 3]),
        (["#RCT", "walking"], [3]),
        (["#"], [1, 3]),
        (["#other"], []),
        (["rct"], [1, 3]),
        (["!high"], [3]),
        (["!low"], []),
        (["#rct", "#second"], [1]),
        (["third"], [2]),
        (["knees", "authors"], []),
        ([], []),
        ([" "], []),
    ],
)
def test_find(begun: Review, texts: list[str], found: list[int]) -> None:
    begun.set_tags(1, ["rct", "sécond"])
    begun.set_tags(3, ["RCT"])
    begun.set_priority(3, Priority.HIGH)
    begun.set_note(2, "the THIRD of\nthem", "Bob")
    assert begun.find(texts) == set(found)


def test_find_reads_what_was_corrected(begun: Review) -> None:
    begun.correct(3, Field.ABSTRACT, "Children ran.")
    assert begun.find(["walked"]) == set()
    assert begun.find(["children"]) == {3}


def test_find_stops_when_it_is_wanted_no_longer(begun: Review) -> None:
    wanted = finding.parse(["walking"])
    assert finding.find(begun.db, wanted, "Ann", lambda: True) == set()
    assert finding.find(begun.db, wanted, "Ann", lambda: False) == {2, 3}


# ------------------------------------------------------------ check, and a file that was replaced


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE annotation SET text = 'another' WHERE kind = 'note'",
        "DELETE FROM annotation WHERE kind = 'tag'",
        "INSERT INTO annotation VALUES (3, 'priority', '', 'high', 'Ann', 'now')",
        "UPDATE annotation SET about = 'pmid' WHERE kind = 'correct'",
    ],
)
def test_check_names_what_does_not_follow_from_the_log(begun: Review, change: str) -> None:
    begun.set_note(1, "x")
    begun.set_tags(1, ["rct"])
    begun.correct(1, Field.DOI, "10.1000/7")
    sound(begun)
    with begun.db.transaction():
        begun.db.write(change)
    with contextlib.closing(begun.db.copied()) as moment:
        assert list(log_check.find_breaks(moment))


def test_the_log_names_registers_as_every_copy_does(begun: Review) -> None:
    begun.set_note(1, "x")
    ((act, record),) = acts.of_kinds(begun.db, [ActKind.NOTE])
    source, number = citations.name_of(begun.db, 1)
    assert act.subject_parts() == [source, number, "Ann"]
    assert (act.said_parts(), record) == ({"text": "x"}, 1)


def test_it_outlasts_closing(begun: Review, path: Path) -> None:
    begun.set_note(1, "x")
    begun.correct(1, Field.YEAR, "1999")
    begun.close()
    with Review.open(path) as again:
        assert again.citation(1).year == 1999
        assert [note.text for note in again.annotations(1).notes] == ["x"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Étude İstanbul Straße ﬁve", "etude istanbul strasse five"),
        ("e\u0301tude", "etude"),
        ("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞ ά Abc", "αβγδεζηθικλμνξ α abc"),
        ("≥ 5 µg – “x”", "≥ 5 μg – “x”"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert phrases.fold_text(text) == folded
    assert phrases.fold_text(text * 9) == folded * 9
    assert phrases.fold_text(folded) == folded


def say_all(review: Review, last: str = "mine") -> None:
    review.set_note(1, "first")
    review.set_note(1, last)
    review.set_tags(2, ["rct"])
    review.set_priority(3, Priority.HIGH)
    review.correct(2, Field.AUTHORS, "Ilves, K; Okafor, B")


@pytest.fixture
def replaced(begun: Review, path: Path, tmp_path: Path) -> tuple[Path, Path]:
    """An earlier copy has taken the review's place; the file of what was said in it since."""
    begun.db.copy_to(tmp_path / "before.leads")
    say_all(begun)
    begun.record(3)
    shutil.copyfile(tmp_path / "before.leads", path)
    with pytest.raises(ReviewReplaced) as caught:
        begun.set_note(3, "after")
    assert caught.value.acts is not None
    return path, caught.value.acts


def test_what_was_added_is_put_back(replaced: tuple[Path, Path]) -> None:
    path, acts = replaced
    with Review.open(path) as again:
        again.acting = "Ann"
        done = again.put_back(acts)
        assert (done.done, done.there, done.by_hand) == (5, 0, ())
        assert [note.text for note in again.annotations(1).notes] == ["mine"]
        assert [note.text for note in again.annotations(3).notes] == ["after"]
        assert again.annotations(2).tags == ("rct",)
        assert again.annotations(3).priority is Priority.HIGH
        assert again.citation(2).authors == ("Ilves, K", "Okafor, B")
        sound(again)


def test_what_is_there_is_left_and_what_was_written_meanwhile_is_named(replaced: tuple[Path, Path]) -> None:
    path, acts = replaced
    with Review.open(path) as again:
        again.acting = "Ann"
        say_all(again)
        again.set_note(1, "written meanwhile")
        again.set_priority(3, Priority.LOW)
        done = again.put_back(acts)
        assert (done.done, done.there) == (1, 2)
        assert [line.split(":")[0] for line in done.by_hand] == ["set_note", "set_priority"]
        assert "somebody has written “written meanwhile” meanwhile" in done.by_hand[0]
        assert [note.text for note in again.annotations(1).notes] == ["written meanwhile"]
        assert again.annotations(3).priority is Priority.LOW
