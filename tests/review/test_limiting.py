"""Criteria that are checked by rule in a review: what they take out before screening follows from records, corrections,
duplicates and decisions at every moment; a person's word takes precedence; the model is never asked."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.citations import limits
from leads_local.citations.limits import Within
from leads_local.errors import InputError, ReviewError
from leads_local.records import Choice, Citation, Criterion, Stage
from leads_local.review import log_check, prisma, protocol_text, sights
from leads_local.review.acts import ActKind
from leads_local.review.annotations import Field
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.packages import PackageOrder
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.review.store import limit_rows
from tests.review.conftest import Import
from tests.review.copies import judge

A = Stage.ABSTRACT
YEARS = replace(limits.parse_line("Years", "year only 2000-"), excludes=True)
LANGUAGE = replace(limits.parse_line("Language", "language only English"), excludes=True)


def sound(review: Review) -> None:
    with contextlib.closing(review.db.copied()) as moment:
        assert list(log_check.find_breaks(moment)) == []


def out(review: Review) -> dict[int, str]:
    """What is ruled out, after it was looked at from all sides."""
    sound(review)
    found = review.ruled_out()
    assert review.record_ids(A, RecordFilter.RULED_OUT) == sorted(found)
    assert not found.keys() & set(review.record_ids(A))
    counts = review.counts()
    assert (counts.ruled_out, counts.to_screen) == (len(found), len(review.record_ids(A)))
    assert counts.identified == counts.to_screen + counts.ruled_out + counts.duplicates
    return found


@pytest.fixture
def old(review: Review, add: Import) -> Review:
    """Record 1 is too old, 2 is new and German, 3 doesn't say, 4 is old and German. Ann is at the keyboard."""
    add(
        [
            Citation(title="Aspirin long ago", year=1990, language="eng"),
            Citation(title="Ibuprofen today", year=2010, language="ger"),
            Citation(title="Placebo some day"),
            Citation(title="Paracetamol ages ago", year=1985, language="German"),
        ]
    )
    review.acting = "Ann"
    return review


def test_a_limit_only_tells_until_it_is_to_exclude(old: Review) -> None:
    assert old.set_limits([replace(YEARS, excludes=False)])
    assert out(old) == {}
    assert [old.record(record).limits[0].within for record in (1, 2, 3)] == [Within.NO, Within.YES, Within.UNSAID]
    assert old.record(1).limits[0].evidence == "year: 1990"
    assert old.set_limits([YEARS])
    assert not old.set_limits([YEARS])
    assert out(old) == {1: "Years", 4: "Years"}
    assert old.record(1).ruled_out_by == "Years"
    assert [act.kind for act, _ in old.undo_last()] == ["limits"]
    assert out(old) == {}
    assert old.redo()
    assert out(old) == {1: "Years", 4: "Years"}


def test_the_first_limit_counts_and_each_report_once(old: Review) -> None:
    old.set_limits([LANGUAGE, YEARS])
    assert out(old) == {1: "Years", 2: "Language", 4: "Language"}
    assert old.counts().ruled_out_by == (("Language", 2), ("Years", 1))
    lines = {line.key: line for line in prisma.flow_lines(old.counts())}
    assert (lines["automation"].label, lines["automation"].number, lines["automation"].phase) == (
        "Records marked as ineligible by automation tools",
        3,
        "identification",
    )
    assert [lines[f"automation {n}"].number for n in (1, 2)] == [2, 1]
    old.set_limits([YEARS, LANGUAGE])
    assert old.counts().ruled_out_by == (("Years", 2), ("Language", 1))


def test_what_would_be_taken_out_is_told_before(old: Review) -> None:
    shown = old.preview_limits([LANGUAGE, YEARS])
    assert [(one.yes, one.no, one.unsaid) for one in shown.tallies] == [(1, 2, 1), (1, 2, 1)]
    told = {head: (answer.limit.name, answer.evidence) for head, answer in shown.ruled_out.items()}
    assert told == {1: ("Years", "year: 1990"), 2: ("Language", "language: ger"), 4: ("Language", "language: German")}
    assert old.ruled_out() == {}


@pytest.mark.parametrize("choice", Choice)
def test_a_persons_word_takes_precedence_until_it_is_taken_back(old: Review, choice: Choice) -> None:
    old.set_limits([YEARS])
    old.decide(1, A, choice)
    assert out(old) == {4: "Years"}
    assert old.counts().screened == 1
    old.undo_last()
    assert out(old) == {1: "Years", 4: "Years"}


def test_one_of_two_reviewers_is_a_person(old: Review) -> None:
    old.set_rule(A, Rule(RuleKind.TWO))
    old.set_limits([YEARS])
    old.decide(1, A, Choice.INCLUDE)
    assert out(old) == {4: "Years"}
    old.acting = "Bob"
    assert 1 in old.record_ids(A, RecordFilter.TO_DO) and 4 not in old.record_ids(A, RecordFilter.TO_DO)


def test_what_was_decided_before_stays_decided(old: Review) -> None:
    old.decide(4, A, Choice.EXCLUDE)
    old.set_limits([YEARS])
    assert out(old) == {1: "Years"}


@pytest.mark.parametrize(
    ("field", "text", "expected"), [(Field.YEAR, "2005", {4: "Years"}), (Field.YEAR, "", {4: "Years"})]
)
def test_a_corrected_field_changes_the_answer_at_once(
    old: Review, field: Field, text: str, expected: dict[int, str]
) -> None:
    old.set_limits([YEARS])
    old.correct(1, field, text)
    assert out(old) == expected
    old.undo_last()
    assert out(old) == {1: "Years", 4: "Years"}


def test_language_and_type_can_be_corrected(old: Review) -> None:
    old.set_limits([LANGUAGE, replace(limits.parse_line("Type", "publication type not Letter"), excludes=True)])
    assert out(old) == {2: "Language", 4: "Language"}
    old.correct(2, Field.LANGUAGE, "English")
    old.correct(3, Field.KIND, "Letter")
    assert out(old) == {3: "Type", 4: "Language"}
    assert old.citation(3).kind == "Letter"


def test_what_comes_in_later_is_checked_too(old: Review, add: Import) -> None:
    old.set_limits([YEARS])
    (late,) = add([Citation(title="Codeine then", year=1950)], "late.jsonl")
    assert out(old) == {1: "Years", 4: "Years", late: "Years"}
    (source,) = [one for one in old.sources() if one.path.endswith("late.jsonl")]
    old.withdraw(source.sha256)
    assert out(old) == {1: "Years", 4: "Years"}
    old.withdraw(source.sha256, withdrawn=False)
    assert out(old) == {1: "Years", 4: "Years", late: "Years"}


def test_duplicates_that_differ_leave_it_open(old: Review, add: Import) -> None:
    old.set_limits([YEARS, LANGUAGE])
    again = add(
        [
            Citation(title="Aspirin long ago", year=2001, doi="10.1000/a"),
            Citation(title="Placebo some day", year=1999, doi="10.1000/b"),
            Citation(title="Paracetamol ages ago", year=1985, doi="10.1000/c"),
        ],
        "again.jsonl",
    )
    assert out(old) == {1: "Years", 2: "Language", 4: "Years", again[1]: "Years", again[2]: "Years"}
    for first, second in zip((1, 3, 4), again, strict=True):
        old.correct(first, Field.DOI, old.citation(second).doi)
    old.dedupe()
    group = {record: old.record(record).id for record in (1, 3, 4)}
    assert out(old) == {2: "Language", group[3]: "Years", group[4]: "Years"}
    assert old.record(1).limits[0].within is Within.UNSAID
    assert old.record(1).limits[0].evidence in ("year: 1990 / year: 2001", "year: 2001 / year: 1990")
    old.separate(1)
    assert out(old)[1] == "Years"


def test_the_model_is_not_asked_and_nothing_is_stale(old: Review) -> None:
    judge(old, 1, "YES")  # type: ignore[arg-type]
    asked, before = old.criteria(A), old.record(1).screenings[A]
    old.set_limits([YEARS, replace(LANGUAGE, excludes=False)])
    assert old.criteria(A) == asked
    assert old.stale(A) == []
    assert old.record(1).screenings[A] == before
    assert old.counts().progress[0].screened == 0, "what is ruled out is none of the work"
    old.decide(1, A, Choice.MAYBE)
    assert old.counts().progress[0].screened == 1


def test_a_key_that_was_pressed_before_is_not_refused_for_a_limit(old: Review) -> None:
    seen = old.sight_of(old.record(1), A)
    old.set_limits([YEARS])
    old.decide(1, A, Choice.INCLUDE, seen=seen)
    assert sights.now(old.db, [1], A, "Ann")


# ---------------------------------------------------------------- the protocol


def test_they_are_part_of_the_protocol(old: Review) -> None:
    before = old.protocol()
    wanted = replace(before, limits=(YEARS, replace(LANGUAGE, excludes=False, text="what we can read")))
    text = protocol_text.dumps(wanted)
    assert protocol_text.parse(text.encode(), "p.toml", before) == wanted
    assert 'name = "Years"\ntext = ""\nfield = "year"\nonly = ["2000-"]\nexcludes = true' in text
    old.lock_protocol()
    assert old.set_protocol(wanted, before)
    change = old.protocol_history()[-1]
    assert (change.after.limits, change.deviation) == (wanted.limits, True)
    assert change.before is not None and change.before.limits == ()
    assert out(old) == {1: "Years", 4: "Years"}
    with pytest.raises(ReviewError, match="changed by somebody else"):
        old.set_protocol(before, before)


def test_a_criterion_becomes_one_that_is_checked_by_rule(old: Review) -> None:
    old.set_criteria([Criterion("Language", "in English")])
    text = protocol_text.dumps(old.protocol()).replace(
        'text = "in English"\nstage = ""', 'text = "in English"\nfield = "language"\nonly = ["eng"]'
    )
    old.set_protocol(protocol_text.parse(text.encode(), "p.toml", old.protocol()))
    assert [one.name for one in old.criteria(A)] == ["Population", "Intervention", "Comparison", "Outcome"]
    assert [(one.name, one.text, one.values) for one in old.limits()] == [("Language", "in English", ("English",))]
    assert [act.kind for act, _ in old.undo_last()] == ["criteria", "limits"]
    assert old.criteria(A)[-1].name == "Language"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('name = "Y"\nfield = "year"', "line 2: what is checked by rule has either only = [...] or not = [...]."),
        ('name = "Y"\nfield = "year"\nonly = ["2000-"]\nnot = ["1990"]', "line 2: what is checked by rule has either"),
        ('name = "Y"\nfield = "years"\nonly = ["2000-"]', "line 4: field is one of year, language, publication type"),
        ('name = "Y"\nfield = "year"\nonly = ["20000"]', "line 5: “20000” are no years (Write a year or a range"),
        ('name = "Y"\nfield = "year"\nonly = "2000-"', "line 2: only and not are lists of texts"),
        ('name = "Y"\nfield = "year"\nonly = []', "line 5: A limit of the year has 1 to 100 values"),
        ('name = ""\nfield = "year"\nonly = ["2000-"]', "line 2: a criterion needs a name."),
        (
            'name = "Y"\nfield = "year"\nonly = ["2000-"]\nstage = "abstract"',
            "line 6: what is checked by rule is the same",
        ),
        ('name = "Y"\nfield = "year"\nonly = ["2000-"]\nexcludes = "yes"', "line 6: excludes is true or false."),
        ('name = "population"\nfield = "year"\nonly = ["2000-"]', "another criterion is called 'population'"),
        ('name = "Y"\nfield = "year"\nonly = ["2000-"]\nwhen = 1', "there is no 'when' here"),
        ('name = "Y"\nexcludes = true', "either only = [...] or not = [...]"),
    ],
)
def test_each_mistake_has_its_line(old: Review, entry: str, told: str) -> None:
    text = f"# a protocol\n[[criterion]]\n{entry}\n"
    rest = protocol_text.dumps(replace(old.protocol(), criteria={}))
    with pytest.raises(InputError) as error:
        protocol_text.parse((text + rest).encode(), "p.toml", old.protocol())
    assert told in str(error.value)
    assert str(error.value).startswith("p.toml, line ")


def test_no_two_criteria_have_one_name(old: Review) -> None:
    with pytest.raises(ReviewError, match="two criteria called 'design'"):
        old.set_limits([replace(YEARS, name="design")])
    old.set_limits([YEARS])
    with pytest.raises(ReviewError, match="two criteria called 'Years'"):
        old.set_criteria([Criterion("Years", "recent")])


# ---------------------------------------------------------------- copies, checks


def test_copies_agree_whoever_takes_from_whom(old: Review, path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.leads"
    shutil.copyfile(path, other)
    with Review.open(other) as bob:
        bob.acting = "Bob"
        bob.set_limits([YEARS])
        bob.correct(4, Field.YEAR, "2004")
    old.decide(1, A, Choice.INCLUDE)
    old.correct(2, Field.YEAR, "1999")
    with Review.open(other) as bob:
        bob.merge([path])
        assert out(bob) == {2: "Years"}
    old.merge([other])
    assert out(old) == {2: "Years"}


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("DELETE FROM ruled_out", "what takes out before screening"),
        ("INSERT INTO ruled_out VALUES (2, 'Years')", "what takes out before screening"),
        ("UPDATE ruled_out SET by_limit = 'Language' WHERE record_id = 1", "is Language, by its history Years"),
        (
            "INSERT INTO revoked SELECT a.id, b.id FROM act a, act b WHERE a.kind = 'limits' AND b.kind = 'create'",
            "the limits are not those that the log has",
        ),
        ("UPDATE act SET said = '{\"limits\":[]}' WHERE kind = 'limits'", "is not as it was written"),
    ],
)
def test_check_finds_what_does_not_follow(old: Review, sql: str, told: str) -> None:
    old.set_limits([YEARS])
    with contextlib.closing(old.db.copied()) as moment:
        for (name,) in moment._connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'act'"
        ).fetchall():
            moment._connection.execute(f"DROP TRIGGER {name}")
        moment._connection.execute(sql)
        assert any(told in found for found in log_check.find_breaks(moment))


def test_which_fields_were_corrected_is_known_by_record(old: Review) -> None:
    old.correct(1, Field.YEAR, "2005")
    old.correct(1, Field.TITLE, "Another title")
    old.correct(2, Field.KIND, "Letter")
    assert limit_rows.corrected(old.db) == {1: {"year"}, 2: {"kind"}}
    assert limit_rows.corrected(old.db, [2]) == {2: {"kind"}}


def test_the_act_says_all_of_it(old: Review) -> None:
    old.set_limits([YEARS])
    (act,) = [act for act, _ in old.undo_last()]
    assert act.kind == ActKind.LIMITS
    said = {"name": "Years", "text": "", "field": "year", "only": ["2000-"], "excludes": True}
    assert act.said_parts() == {"limits": [said]}


def test_in_a_work_package_limits_only_tell(old: Review, tmp_path: Path) -> None:
    """Ann has taken record 1 in again, which the package does not tell; Bob is to decide it all the same."""
    old.set_rule(A, Rule(RuleKind.TWO))
    old.set_limits([YEARS])
    old.decide(1, A, Choice.INCLUDE)
    order = PackageOrder("Bob", A, tuple(old.record_ids(A)))
    old.share(tmp_path / "bob.leads", order)
    with Review.open(tmp_path / "bob.leads") as package:
        package.acting = "Bob"
        assert out(package) == {}
        assert package.record_ids(A, RecordFilter.TO_DO) == [1, 2, 3]
        assert package.record(1).limits[0].within is Within.NO
        package.decide(1, A, Choice.INCLUDE)
    old.merge([tmp_path / "bob.leads"])
    assert out(old) == {4: "Years"}
    assert old.record(1).decisions[A].choice is Choice.INCLUDE
    assert old.limits() == (YEARS,)
