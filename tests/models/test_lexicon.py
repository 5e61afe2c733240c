"""The lexicon: its lines have the right form, its names are told apart, its terms can be compared."""

from __future__ import annotations

from collections import Counter

import pytest

from models.demo.training import lexicon
from models.demo.training.lists import held_out

LEAST = {"known_conditions": 420, "known_treatments": 420, "known_outcomes": 300, "known_countries": 90}
KIND_LEAST = {"drug": 220, "activity": 120, "procedure": 80}
files = pytest.mark.parametrize("file", LEAST)


@files
def test_enough_lines_of_the_right_form(file: str) -> None:
    entries = lexicon.entries(file)
    assert len(entries) >= LEAST[file]
    assert not [entry.names for entry in entries if any(mark in text for text in _texts(entry) for mark in "<?;|#")]
    assert not [
        entry.names for entry in entries if set(map(str.casefold, entry.broader)) & set(map(str.casefold, entry.unsure))
    ]


def test_enough_treatments_of_each_kind() -> None:
    count = Counter(entry.kind for entry in lexicon.entries("known_treatments"))
    assert set(count) == set(lexicon.KINDS)
    assert all(count[kind] >= least for kind, least in KIND_LEAST.items())
    assert not any(entry.kind for file in LEAST if file != "known_treatments" for entry in lexicon.entries(file))


@files
def test_no_name_stands_twice(file: str) -> None:
    count = Counter(name.casefold() for entry in lexicon.entries(file) for name in entry.names)
    assert not [name for name, times in count.items() if times > 1]


@files
def test_broader_terms_are_shared(file: str) -> None:
    count = Counter(term for entry in lexicon.entries(file) for term in entry.broader)
    assert not [term for term, times in count.items() if times < 3]
    assert not [term for entry in lexicon.entries(file) for term in entry.unsure if term not in count]
    assert len({term.casefold() for term in count}) == len(count)


@files
def test_a_name_leads_to_its_entry(file: str) -> None:
    for entry in lexicon.entries(file):
        assert all(lexicon.of(file, name.upper()) is entry for name in entry.names)
    assert lexicon.of(file, "no such name") is None


@files
def test_a_term_is_broader_or_unlike_or_unsure(file: str) -> None:
    for entry in lexicon.entries(file):
        unlike = lexicon.unlike(entry, file)
        assert not {*unlike} & {*entry.names, *entry.broader, *entry.unsure}
        assert {*lexicon.terms(file)} <= {*unlike, *entry.names, *entry.broader, *entry.unsure}


@files
def test_names_are_split_as_all_words_are(file: str) -> None:
    entries = lexicon.entries(file)
    for entry in entries:
        assert sorted(entry.usable(True) + entry.usable(False)) == sorted(entry.names)
        assert all(map(held_out, entry.usable(True)))
    assert len([entry for entry in entries if len(entry.usable(False)) > 1]) > len(entries) / 3
    assert [entry for entry in entries if len(entry.usable(True)) > 1]


def test_a_line_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="empty name"):
        lexicon._entry("; heart attack < heart disease")


def test_facts() -> None:
    attack = lexicon.of("known_conditions", "heart attack")
    assert attack is not None
    assert "myocardial infarction" in attack.names
    assert "heart disease" in attack.broader
    assert "skin disease" in lexicon.unlike(attack, "known_conditions")
    pill = lexicon.of("known_treatments", "Amlodipine")
    assert pill is not None
    assert pill.kind == "drug"
    assert "a blood pressure lowering drug" in pill.broader
    assert "an antibiotic" in lexicon.unlike(pill, "known_treatments")
    sleep = lexicon.of("known_outcomes", "quality of sleep")
    assert sleep is not None
    assert sleep.names[0] == "sleep quality"
    country = lexicon.of("known_countries", "Danish")
    assert country is not None
    assert country.names[0] == "Denmark"
    assert "a Nordic country" in country.broader


def _texts(entry: lexicon.Entry) -> tuple[str, ...]:
    return (*entry.names, *entry.broader, *entry.unsure)
