"""Strategies in the other syntax: what is written, that it finds the same, and that nothing is left out unnamed."""

from __future__ import annotations

import pytest

from leads_local.strategies.lines import read_strategy
from leads_local.strategies.matching import finds, prepare
from leads_local.strategies.translating import translate
from tests.strategies.test_strategies import BARE, INDEXED, OVID, PUBMED

SAME = [
    ("aspirin[tiab]", "aspirin.ti,ab,kf."),
    ('"heart attack"[ti] OR aspir*[ab]', '"heart attack".ti. or aspir*.ab.'),
    ("(a1[ti] OR b1[ti]) AND c1[tiab]", "(a1.ti. or b1.ti.) and c1.ti,ab,kf."),
    ('"aspirin headache"[tiab:~2]', "(aspirin adj3 headache).ti,ab,kf."),
    ("Headache[Mesh]", "exp Headache/"),
    ("Headache[Mesh:NoExp]", "Headache/"),
    ('"Headache/drug therapy"[Mesh]', "exp Headache/dt"),
    ("english[la] AND 2019[dp]", "english.lg. and 2019.yr."),
    ("#1 a1[ti]\n#2 b1[ti]\n#3 #1 NOT #2", "a1.ti.\nb1.ti.\n1 not 2"),
]


@pytest.mark.parametrize(("pubmed", "ovid"), SAME)
def test_pubmed_in_ovids_syntax(pubmed: str, ovid: str) -> None:
    told = translate(pubmed)
    assert (told.source, told.target, told.named) == ("PubMed", "Ovid", ())
    assert "\n".join(text for _, text in told.lines) == ovid


@pytest.mark.parametrize(
    ("ovid", "pubmed"),
    [
        ("aspirin.ti,ab,kf.", "aspirin[tiab]"),
        ("(heart attack or aspir$).ti.", '"heart attack"[ti] OR aspir*[ti]'),
        ("exp *Headache/dt,pc", '("Headache/drug therapy"[Majr] OR "Headache/prevention and control"[Majr])'),
        ("Headache/", '"Headache"[Mesh:NoExp]'),
        ("(aspirin adj3 (fever or pain)).ti.", '("aspirin fever"[ti:~2] OR "aspirin pain"[ti:~2])'),
        ("1. a1.ti.\n2. b1.ti.\n3. or/1-2", "a1[ti]\nb1[ti]\n#1 OR #2"),
        (
            '1 aspirin.ti.\n2 limit 1 to (english language and yr="2010 -Current")',
            "aspirin[ti]\n#1 AND english[la] AND 2010:3000[dp]",
        ),
    ],
)
def test_ovid_in_pubmeds_syntax(ovid: str, pubmed: str) -> None:
    told = translate(ovid)
    assert (told.source, told.target, told.named) == ("Ovid", "PubMed", ())
    assert "\n".join(text for _, text in told.lines) == pubmed


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("aspirin", "had no field"),
        ("aspirin[nonsense]", "[nonsense] is not known here"),
        ("systematic[sb] AND a1[ti]", "a subset of the database"),
        ("2010:2020[dp]", 'yr="2010 -2020"'),
        ('"one two three"[tiab:~4]', "3 words near each other"),
        ("wom?n.ti.", "write out the spellings"),
        ("aspir$3.ti.", "any number of letters"),
        ("aspirin.ti,ab.", "authors' keywords"),
        ("(aspir* adj3 pain).ti.", "AND stands for it"),
        ("aspirin.ab. /freq=2", "how often a word stands"),
        ("1. a1.ti.\n2. (b1.ti.\n3. 1 or 2", "never closed"),
        ("a1.ti. and TS=(aspirin)", "TS="),
    ],
)
def test_what_has_no_counterpart_is_named(text: str, named: str) -> None:
    assert any(named in f"{said} {why}" for _, said, why in translate(text).named), translate(text)


@pytest.mark.parametrize("text", [text for text, *_ in (*PUBMED, *OVID)])
def test_what_is_translated_without_a_word_finds_the_same(text: str) -> None:
    told, source = translate(text), read_strategy(text)
    assert [number for number, _ in told.lines] == [line.number for line in source.lines]
    if told.named:
        return
    again = read_strategy("\n".join(f"{number}. {line}" for number, line in told.lines))
    assert not [line.fault for line in again.lines if line.fault], told
    for record in (BARE, INDEXED):
        found, wanted = finds(again.node, prepare(record)), finds(source.node, prepare(record))
        assert found is wanted or (None in (found, wanted) and "Headache/" in text), told  # a code of a subheading
