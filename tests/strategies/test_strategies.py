"""Strategies of our own, in the syntax of PubMed and Ovid, with answers that were written down first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.records import Citation
from leads_local.strategies.lines import read_strategy
from leads_local.strategies.matching import finds, prepare

BARE = Citation(
    title="Effect of aspirin on headache in adults: a randomised trial",
    abstract="Aspirin helped headache in adults with migraine and Sjögren's syndrome. β-blockers were not given.",
    authors=("Marlow, Anne", "Ekström, P."),
    year=2019,
    journal="Journal of Invented Trials",
)
INDEXED = Citation(
    title=BARE.title,
    abstract=BARE.abstract,
    year=2019,
    language="eng",
    kind="Randomized Controlled Trial",
    keywords=("Humans", "*Headache/drug therapy", "Aspirin/therapeutic use", "pain relief"),
    pmid="30000001",
)

# (strategy, found by a record that says little, found by one from PubMed)
PUBMED: list[tuple[str, bool | None, bool | None]] = [
    ("aspirin[tiab]", True, True),
    ("ASPIRIN [Title/Abstract]", True, True),
    ("headache[ti] AND migraine[ti]", False, False),
    ("headache[ti] AND migraine[ab]", True, True),
    ("headache[ti] and migraine[ab]", True, True),
    ("aspir*[tiab]", True, True),
    ("aspir[tiab]", False, False),
    ('"aspirin headache"[tiab]', False, False),
    ('"aspirin headache"[tiab:~1]', True, True),
    ('"headache aspirin"[Title/Abstract:~1]', True, True),
    ('"aspirin adults"[ti:~1]', False, False),
    ("aspirin on headache[ti]", True, True),
    ("aspirin[tiab] AND english[la]", None, True),
    ("aspirin[tiab] AND (german[la] OR french[la])", None, False),
    ("aspirin[tiab] AND humans[mesh]", None, True),
    ("Headache[Mesh:NoExp]", None, True),
    ("Fever[Mesh:NoExp]", None, False),
    ("Fever[Mesh]", None, None),
    ('"Headache/drug therapy"[Mesh]', None, True),
    ('"headache"[MeSH Terms] OR headache[tiab]', True, True),
    ("2010:2026[dp]", True, True),
    ("2020:3000[dp]", False, False),
    ('("2010/01/01"[Date - Publication] : "3000/12/31"[Date - Publication])', True, True),
    ('("2001/01/01"[dp] : "2018/12/31"[dp])', False, False),
    ('"2010/01/01"[edat] : "3000"[edat]', None, None),
    ("randomized controlled trial[pt]", None, True),
    ("(randomized controlled trial[pt] OR randomised[tiab])", True, True),
    ("review[pt]", None, False),
    ("systematic[sb] AND aspirin[tiab]", None, None),
    ("Marlow A[au]", False, False),  # as PubMed: initials, which an export may write out
    ("Marlow[au]", True, False),
    ("30000001[pmid]", None, True),
    ('"Journal of Invented Trials"[ta]', True, False),
    ("sjogren[tiab]", True, True),
    ("Sjögren*[tiab]", True, True),
    ("beta-blockers[tiab]", True, True),
    ("aspirin[tiab] NOT sleep[tiab]", True, True),
    ("aspirin[tiab] NOT migraine[tiab]", False, False),
    ("aspirin[tiab] NOT (animals[mh] NOT humans[mh])", None, True),
    ("sleep[tiab] OR aspirin[tiab] AND fever[tiab]", False, False),  # from left to right
    ("aspirin[tiab] OR (sleep[tiab] AND fever[tiab])", True, True),
    ("aspirin headache", True, True),
    ("aspirin fever", None, None),  # PubMed looks for headings, too
    ('"heart attack"', False, False),
    ("hasabstract[text] AND aspirin[ti]", True, True),
    ("(aspirin[ti]) Filters: Clinical Trial, from 2000 - 2020", None, None),
    ("aspirin[nonsense]", None, None),
    ("#1 aspirin[tiab]\n#2 fever[tiab] OR headache[tiab]\n#3 #1 AND #2", True, True),
    ("1 aspirin[tiab]\n2 fever[tiab]\n3 1 OR 2\n4 #1 AND #2", False, False),
]
OVID: list[tuple[str, bool | None, bool | None]] = [
    ("aspirin.ti,ab.", True, True),
    ("aspirin.ti", True, True),
    ("migraine.ti.", False, False),
    ("(fever or migraine).ti,ab.", True, True),
    ("(aspirin adj3 adults).ti.", False, False),
    ("(aspirin adj4 adults).ti.", True, True),
    ("(adults adj4 aspirin).ti.", True, True),
    ("(effect adj2 (aspirin or fever)).ti.", True, True),
    ("aspirin on headache.ti.", True, True),
    ("(aspirin adj on).ti.", True, True),
    ("head$.ti.", True, True),
    ("head$2.ti.", False, False),
    ("head$4.ti.", True, True),
    ("random?ised.ti.", True, True),
    ("random#sed.ti.", True, True),
    ("randomi?ed.ti.", True, True),
    ("trial#.ti.", False, False),
    ("exp Headache/", None, True),
    ("Headache/dt [Drug Therapy]", None, None),
    ("*Headache/ or fever.mp.", None, True),
    ("exp Fever/ or exp Headache Disorders/", None, None),
    ("Fever/", None, False),
    ("fever.mp.", None, False),
    ("fever.mp. [mp=title, abstract, original title, name of substance word]", None, False),
    ("Wounds and Injuries/ or aspirin.ti.", True, True),
    ("aspirin.ti. and exp Headache/", None, True),
    ("randomized controlled trial.pt.", None, True),
    ("english.lg. and aspirin.tw.", None, True),
    ("aspirin.ab. /freq=2", None, None),
    ("(2018* or 2019*).dt,ed,yr.", True, True),
    ("2017*.dt,ed,yr.", None, None),
    ("2017.yr.", False, False),
    ("#1 MeSH descriptor: [Headache] explode all trees\n#2 fever:ti,ab,kw\n#3 #1 or #2", None, True),
    ("#1 MeSH descriptor: [Fever] this term only\n#2 fever:ti,ab,kw\n#3 #1 or #2", None, False),
    ("random$.ti. not (exp animals/ not humans/)", None, True),
    ("1. aspirin.ti,ab.\n2. fever.ti,ab.\n3. headache$.ti,ab.\n4. or/2-3\n5. 1 and 4", True, True),
    ("1  aspirin.ti,ab.   12,345\n2  headache$.ti.   99\n3  1 and 2   7", True, True),
    ("1 aspirin.ti.\n2 limit 1 to (english language and yr=\"2010 -Current\")", None, True),
    ("1 aspirin.ti.\n2 limit 1 to yr=\"2020 -Current\"\n3 remove duplicates from 2", False, False),
    ("aspirin.ti.\nexp Fever/\nor/1-2", True, True),
    ("Database: Ovid MEDLINE(R) ALL <1946 to now>\nSearch Strategy:\n1 fever.ti.\n2 aspirin.ti.\n3 or/1-2", True, True),
    ("(aspirin NEAR/1 headache):ti,ab,kw", True, True),
    ('[mh "Headache"] or fever:ti', None, True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "bare", "indexed"), [*PUBMED, *OVID])
def test_a_record_is_found_or_not_or_it_cant_be_told(text: str, bare: bool | None, indexed: bool | None) -> None:
    strategy = read_strategy(text)
    assert not [line.fault for line in strategy.lines if line.fault]
    assert (finds(strategy.node, prepare(BARE)), finds(strategy.node, prepare(INDEXED))) == (bare, indexed)


@pytest.mark.parametrize("text", [text for text, *_ in PUBMED])
def test_pubmed_is_told_from_ovid(text: str) -> None:
    assert read_strategy(text).syntax == "PubMed"


@pytest.mark.parametrize("text", [text for text, *_ in OVID])
def test_ovid_is_told_from_pubmed(text: str) -> None:
    assert read_strategy(text).syntax == "Ovid"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("aspirin[nonsense]", "[nonsense]"),
        ("aspirin.zz,qq.", "zz, qq"),
        ("aspirin.ab. /freq=2", "/freq=2"),
        ("1 aspirin.ti.\n2 limit 1 to full text", "full text"),
        ("systematic[sb]", "systematic"),
        ("1 aspirin.ti.\n2 1 use ppez", "use ppez"),
        ("aspirin[ti] Filters: Clinical Trial", "Filters: Clinical Trial"),
        ("TS=(aspirin)", "TS="),
        ("TITLE-ABS-KEY(aspirin)", "TITLE-ABS-KEY"),
        ("TI aspirin AND AB fever", "TI aspirin"),
    ],
)
def test_what_is_not_known_is_named(text: str, named: str) -> None:
    strategy = read_strategy(text)
    assert any(named in part.said + part.why for part in strategy.unknown)
    assert finds(strategy.node, prepare(BARE)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(aspirin[tiab] AND fever[tiab]", "never closed"),
        ("aspirin[tiab])", "no opening one"),
        ('"aspirin[tiab]', "never closed"),
        ("aspirin[tiab] AND", "missing at its end"),
        ("aspirin[tiab] OR AND fever[tiab]", "missing before 'AND'"),
        ("#1 aspirin[tiab]\n#2 #1 AND #7", "names line 7"),
        ("1 aspirin.ti.\n2 1 and 9", "names line 9"),
        ("1 aspirin.ti.\n2 or/1-9", "names line 2"),
        ("", "nothing in it"),
    ],
)
def test_a_line_that_cant_be_read_says_why_and_the_others_go_on(text: str, said: str) -> None:
    strategy = read_strategy(text)
    assert [line.fault for line in strategy.lines if said in line.fault]
    if len(strategy.lines) > 1:
        assert finds(strategy.lines[0].node, prepare(BARE)) is True


def test_wrapped_lines_are_one_line() -> None:
    strategy = read_strategy("1. (aspirin or\n   fever).ti.\n2. headache.ti.\n3. 1 and\n   2")
    assert [line.number for line in strategy.lines] == [1, 2, 3]
    assert finds(strategy.node, prepare(BARE)) is True
    assert finds(read_strategy("(aspirin[ti] OR\nfever[ti]) AND\nheadache[ti]").node, prepare(BARE)) is True


@given(st.text(alphabet='ab 1#()[]"./,*?$-:ORANDTadj\n', max_size=60))
def test_any_text_is_read_or_said_to_be_unreadable(text: str) -> None:
    strategy = read_strategy(text)
    assert strategy.lines
    assert finds(strategy.node, prepare(BARE)) in (True, False, None)


_TERMS = st.sampled_from(["aspirin[tiab]", "fever[tiab]", "headache[ti]", "sleep[tiab]", "Fever[Mesh]"])


@given(
    st.recursive(
        _TERMS,
        lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR", "NOT"]), inner).map(lambda p: f"({' '.join(p)})"),
        max_leaves=12,
    )
)
def test_what_cant_be_told_is_what_hangs_on_the_unsaid(text: str) -> None:
    """Whatever a heading would answer, a yes or a no that was given stays."""
    told = finds(read_strategy(text).node, prepare(BARE))
    for instead in ("aspirin[tiab]", "sleep[tiab]"):
        assumed = finds(read_strategy(text.replace("Fever[Mesh]", instead)).node, prepare(BARE))
        assert told is None or told is assumed
