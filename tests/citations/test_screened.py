"""What screening tools write of decisions into their exports is read as they mean it; what can't be is named."""

from __future__ import annotations

import pytest

from leads_local.citations import choice_words, screened
from leads_local.citations.screened import Reading
from leads_local.citations.told import Told, ToldDecision, ToldNote, Tool
from leads_local.records import Choice, Citation, Stage

YES, NO, MAY = Choice.INCLUDE, Choice.EXCLUDE, Choice.MAYBE


def told(*fields: tuple[str, str], reading: Reading | None = None) -> Told:
    [found] = screened.read([Citation("T", extra=fields)], reading).told
    return found


@pytest.mark.parametrize("tag", ["notes", "N1", "note"])
def test_rayyan_tells_each_reviewer_apart(tag: str) -> None:
    text = (
        'From the library. | RAYYAN-INCLUSION: {"Anna"=>"Excluded", "Bo \\"B\\" Li"=>"Included", "Cy"=>"Maybe"} | '
        "RAYYAN-LABELS: RCT,two words | RAYYAN-EXCLUSION-REASONS: wrong population,foreign language | "
        'USER-NOTES: {"Anna"=>["look | again", "twice"]}'
    )
    found = told((tag, text))
    because = "wrong population; foreign language"
    assert found.decisions == (
        ToldDecision(NO, "Anna", reason=because),
        ToldDecision(YES, 'Bo "B" Li'),
        ToldDecision(MAY, "Cy"),
    )
    assert (found.tool, found.tags, found.unclear) == (Tool.RAYYAN, ("RCT", "two words"), ())
    assert found.notes == (ToldNote("look | again\ntwice", "Anna"),)


def test_rayyan_in_columns_and_what_is_not_understood() -> None:
    assert told(("RAYYAN-INCLUSION", '{"Anna"=>"Included"}')).decisions == (ToldDecision(YES, "Anna"),)
    assert told(("N1", 'RAYYAN-INCLUSION: {"Anna"=>"Undecided"}')).decisions == ()
    old = told(("N1", 'RAYYAN-INCLUSION: {"Anna"=>true, "Bo"=>false}'))
    assert old.decisions == (ToldDecision(YES, "Anna"), ToldDecision(NO, "Bo"))
    found = told(("N1", 'RAYYAN-INCLUSION: {"Anna"=>"Postponed"} | RAYYAN-COLOUR: red | RAYYAN-LABELS: __EXR__old,x'))
    assert (found.unclear, found.tags) == (("Anna: Postponed", "RAYYAN-COLOUR: red"), ("x",))
    assert told(("N1", "RAYYAN-INCLUSION: broken")).unclear == ("RAYYAN-INCLUSION: broken",)


@pytest.mark.parametrize(
    ("fields", "choices"),
    [
        ([("N1", "ASReview_relevant")], [YES]),
        ([("N1", "Before. ASReview_irrelevant. After.")], [NO]),
        ([("N1", "<p>ASReview_not_seen</p>")], []),
        ([("asreview_label", "1")], [YES]),
        ([("asreview_label", "0.0")], [NO]),
        ([("asreview_label", "-1")], []),
    ],
)
def test_asreview(fields: list[tuple[str, str]], choices: list[Choice]) -> None:
    assert [one.choice for one in told(*fields).decisions] == choices


def test_asreview_with_who_noted_what() -> None:
    found = told(
        ("asreview_label", "0"), ("asreview_user_name", "Ann"), ("asreview_note", "rats"), ("asreview_tags", "a;b")
    )
    assert found.decisions == (ToldDecision(NO, "Ann"),)
    assert (found.notes, found.tags) == ((ToldNote("rats", "Ann"),), ("a", "b"))
    both = told(("N1", "ASReview_relevant"), ("N1", "ASReview_irrelevant"))
    assert both.decisions == () and both.unclear


def test_covidence_excludes_full_texts_for_a_reason() -> None:
    notes = "Exclusion reason: Wrong dose; ; Jo Li (2024-01-02 10:11:12)(Select): see table 2; then ask;"
    found = told(("Covidence #", "#7"), ("Notes", notes), ("Tags", "Ongoing study; RCT"))
    assert found.decisions == (
        ToldDecision(YES, stage=Stage.ABSTRACT),
        ToldDecision(NO, stage=Stage.FULLTEXT, reason="Wrong dose"),
    )
    assert found.notes[0].reviewer == "Jo Li" and found.notes[0].text.startswith("see table 2")
    assert found.tags == ("Ongoing study", "RCT")
    assert not told(("Notes", notes)), "without Covidence's number it is any file's note"


def test_eppi_reviewer_has_a_flag_and_codes() -> None:
    found = told(("I/E/D/S flag", "(E)"), ("EXCLUDE on population", "Ann; Bo"), ("INCLUDE on title & abstract", ""))
    assert found.decisions == (
        ToldDecision(NO, "Ann", reason="population"),
        ToldDecision(NO, "Bo", reason="population"),
    )
    assert told(("I/E/D/S flag", "I")).decisions == (ToldDecision(YES),)
    assert told(("I/E/D/S flag", "D")).decisions == ()
    assert told(("I/E/D/S flag", "?")).unclear


def test_a_usual_label_column_counts_only_where_all_of_it_is_understood() -> None:
    rows = [Citation("A", extra=(("label_included", "1"),)), Citation("B", extra=(("label_included", "0"),))]
    found = screened.read(rows)
    assert [one.decisions[0].choice for one in found.told] == [YES, NO] and found.columns == ("label included",)
    other = screened.read([*rows, Citation("C", extra=(("label_included", "cardiology"),))])
    assert not any(other.told) and other.others == ("label included",)


def test_a_column_that_a_person_names_with_whose_it_is_and_what_its_labels_mean() -> None:
    fields = (("Ann says", "ja"), ("Bo says", "Exclude on wrong dose"), ("other", "1"))
    reading = Reading({"Ann says": "Ann", "bo says": "Bo"}, {"ja": YES})
    found = told(*fields, reading=reading)
    assert found.decisions == (ToldDecision(YES, "Ann"), ToldDecision(NO, "Bo", reason="wrong dose"))
    assert told(*fields, reading=Reading({"Ann says": "Ann"})).unclear == ("Ann says: ja",)
    assert told(reading=Reading(every=MAY)).decisions == (ToldDecision(MAY),)


def test_a_note_that_only_names_a_tool_tells_nothing() -> None:
    assert not told(("N1", "We screened in Rayyan."), ("abstract", "ASReview_relevant"), ("DB", "Covidence"))


@pytest.mark.parametrize(
    ("text", "choice", "understood"),
    [(" YES ", YES, True), ("?", MAY, True), ("", None, True), ("not_seen", None, True), ("cardiology", None, False)],
)
def test_words_of_choice(text: str, choice: Choice | None, understood: bool) -> None:
    said = choice_words.read(text)
    assert (said.choice, said.understood) == (choice, understood)


def test_only_what_is_not_included_has_a_reason() -> None:
    assert choice_words.read("Exclude: dogs").reason == "dogs" and choice_words.read("Include: fits").reason == ""


def test_our_own_marks_count_before_those_of_another_tool() -> None:
    ours = 'leads-local decision: {"stage": "abstract", "choice": "exclude", "reviewer": "Ann"}'
    found = told(("N1", 'RAYYAN-INCLUSION: {"Bo"=>"Included"}'), ("N1", ours))
    assert (found.tool, [one.reviewer for one in found.decisions]) == (Tool.OURS, ["Ann"])
