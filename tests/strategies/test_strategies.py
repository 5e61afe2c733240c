"""Strategies of our own, in the syntax of PubMed and Ovid, with answers that were written down first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.records import Citation
from leads_local.strategies.lines import read_strategy
from leads_local.strategies.matching import finds, prepare
from leads_local.strategies.translating import translate

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
    ("(on adj aspirin).ti.", False, False),
    ("head$.ti.", True, True),
    ("head$2.ti.", False, False),
    ("head$4.ti.", True, True),
    ("random?ised.ti.", True, True),
    ("random#sed.ti.", True, True),
    ("randomi?ed.ti.", True, True),
    ("trial#.ti.", False, False),
    ("exp Headache/", None, True),
    ("Headache/dt [Drug Therapy]", None, True),
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


def test_what_an_export_lacks_can_not_be_told() -> None:
    nothing = prepare(Citation("Walking"))
    for text in ("walking[ti] AND 2010:2020[dp]", "walking[ti] AND hasabstract[text]", "walking[ti] AND english[la]"):
        assert finds(read_strategy(text).node, nothing) is None, text


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
        ("exp Headache/ti, dt", "subheading ti"),
        ("WC=(aspirin)", "WC"),
        ('TITLE-ABS-KEY(aspirin) AND LIMIT-TO(SUBJAREA, "MEDI")', "SUBJAREA"),
        ('tw:(aspirin) AND db:("LILACS")', "db"),
        ("'headache'/exp AND [embase]/lim", "embase"),
        ("S1 TI aspirin\nS2 S1 Limiters - Published Date: 20100101-", "Limiters"),
        ("#1 aspirin:ti,ab\n#2 #1 in Trials", "in Trials"),
        ("#1 TS=(aspirin) and English (Languages) and Article (Document Types)", "and English (Languages)"),
        ("#4 #2 in Trials\n#2 aspirin:ti,ab", "in Trials"),
    ],
)
def test_what_is_not_known_is_named(text: str, named: str) -> None:
    strategy = read_strategy(text)
    assert any(named in part.said + part.why for part in strategy.unknown)
    assert finds(strategy.node, prepare(BARE)) is None


OTHERS: list[tuple[str, str, bool | None, bool | None]] = [
    ("EBSCOhost", 'S1 (MH "Headache+") OR (MH "Fever")\nS2 TI ( aspirin or fever )\nS3 S1 AND S2', None, True),
    ("EBSCOhost", "S2  S1 OR TI fever  (1,234)\nS1  AB migraine N3 headache  (9)", True, True),
    ("EBSCOhost", "TI fever AND AB migraine", False, False),
    ("EBSCOhost", 'DE "Headache" OR ZT "clinical trial" OR TX fever', None, True),
    ("Web of Science", "# 3 #2 AND #1\nIndexes=SCI Timespan=All\n# 2 TI=(headache*)\n# 1 TS=(aspirin)", None, None),
    ("Web of Science", "TS=(head$ OR aspirin) AND PY=(2010-2020) AND LA=(English)", None, True),
    ("Web of Science", "TI=(aspirin NEAR/1 headache) NOT TI=(mouse OR mice)", True, True),
    ("Scopus", 'TITLE-ABS-KEY ( aspirin ) AND PUBYEAR > 2018 AND NOT TITLE ( mouse )', True, True),
    ("Scopus", "TITLE-ABS-KEY ( aspirin ) AND PUBYEAR < 2019", False, False),
    ("Embase.com", "#1 'headache'/exp OR fever:ti,ab\n#2 aspirin:ti,ab AND [english]/lim\n#3 #1 AND #2", None, True),
    ("Embase.com", "'aspirin'/de AND [2000-2018]/py", False, False),
    ("Embase.com", "'fever'/exp/mj OR 'adults with migraine':ab OR 'review'/it", True, True),
    ("ProQuest", 'MAINSUBJECT.EXACT.EXPLODE("Headache") AND ti,ab(aspirin)', None, True),
    ("LILACS", 'mh:"Headache" OR tw:(aspirin OR fever)', True, True),
]  # fmt: skip
PASTED: list[tuple[str, bool | None, bool | None]] = [
    # hits, columns, headlines and numbers, as platforms print them
    ("1 aspirin.ti. 31234\n2 fever.ti. 43210\n3 1 or 2 51234\n4 limit 3 to review 21\n5 3 not 4 7", None, True),
    ("# ▲\tSearches\tResults\tType\n1\taspirin.ti.\t89\tAdvanced\n2\tfever.ti.\t7\tAdvanced\n3\t1 or 2\t9\tAdvanced",
     True, True),
    ("| # | Query | Results |\n|---|---|---|\n| 1 | aspirin.ti. | 24,567 |\n| 2 | fever.ti. | 3 |\n| 3 | 1 not 2 | 4 |",
     True, True),
    ("Search\tQuery\tItems found\tTime\n#3\tSearch (#1 NOT #2)\t12\t05:12:44\n#2\tSearch fever[ti]\t3\t05:12:10\n"
     "#1\tSearch aspirin[ti]\t4\t05:11:00", True, True),
    ('Search number,Query,Sort By,Filters,Search Details,Results,Time\n2,#1 NOT fever[ti],,,"""x""[ti]","1,345",06:04\n'
     "1,aspirin[ti],,,,212,06:03:55", True, True),
    ("ID\tSearch\tHits\n#1\taspirin:ti,ab,kw (Word variations have been searched)\t12\n#2\tfever:ti,ab,kw\t3\n"
     "#3\t{or #1-#2}\t15", True, True),
    ("(1) aspirin.ti.\n(2) fever.ti.\n(3) (1) or (2)", True, True),
    ("Search 1: aspirin.ti.\nSearch 2: fever.ti.\nSearch 3: 1 or 2", True, True),
    ("L1 aspirin.ti.\nL2 fever.ti.\nL3 L1 or L2", True, True),
    ("MEDLINE (Ovid)\n1 aspirin.ti.\n2 fever.ti.\n3 1 or 2\n\nEmbase (Ovid)\n1 sleep.ti.\n2 fever.ti.\n3 1 or 2",
     True, True),
    ("PubMed search, 12 January 2021, 1,234 results\n\naspirin[tiab] NOT fever[tiab]\n\nTotal: 1,234", True, True),
    ("Population\nadult*[tiab]\nAND\nIntervention:\naspirin[tiab]", True, True),
    ("/* Population */ adult*[tiab] /* Filter: of our own */ AND aspirin[tiab]", True, True),
    ("Search: (aspirin[tiab]) AND (adults[tiab])", True, True),
    # what word processors make of quotation marks, hyphens and spaces
    ("1. exp “Fever”/\n2. aspirin.ti.\n3. or/1–2\n4. limit 3 to yr=“2010\u00a0–Current”", True, True),
    ("“aspirin”[tiab]\u00a0AND\u200b ‘adults’[tiab]", True, True),
    # less known signs
    ("headach:.ti. and (random: or placebo:).tw.", True, True),
    ("( aspirin or fever ) . ti, ab .", True, True),
    ("(aspirin or fever).ti,ab.or exp Fever/", True, True),
    ("aspirin.m_titl.", True, True),
    ("1 aspirin.ti.\n2 1 and 2010:2018.(sa_year).", False, False),
    ("1 aspirin.ti.\n2 ..l/ 1 yr=2010-2018", False, False),
    ('1 aspirin.ti.\n2 limit 1 to ("review" or randomized controlled trial)', None, True),
    ("fever.ab. /freq=2", False, False),
    ("(fever adj2 chills).mp.", None, False),
    ("fever", None, None),
    ("#1 MeSH descriptor Headache explode all trees\n#2 (fever or aspirin) in All Text\n#3 #1 OR #2", True, True),
    ("#1 MeSH descriptor: [Headache] explode all trees and with qualifier(s): [Drug therapy - DT]\n#2 {and #1}",
     None, True),
    ("#1 aspirin:ti,ab\n#2 #1 with Publication Year from 2010 to 2018", False, False),
    ("#1 aspirin:ti,ab\n#2 #1 Publication Year from 2010 to 2018, in Trials", False, False),
    ('"Journal of Invented Trials"[Journal:__jid100]', True, False),
    ("aspirin[ti] AND hasabstract", True, True),
    ("clinical trial[pt]", None, None),  # a randomised one may be counted among them
    ("article.pt.", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("syntax", "text", "bare", "indexed"), OTHERS)
def test_other_databases_fields_are_read(syntax: str, text: str, bare: bool | None, indexed: bool | None) -> None:
    strategy = read_strategy(text)
    assert (strategy.syntax, [line.fault for line in strategy.lines if line.fault]) == (syntax, [])
    assert (finds(strategy.node, prepare(BARE)), finds(strategy.node, prepare(INDEXED))) == (bare, indexed)
    assert translate(text).named[0][1] == f"{syntax}'s syntax"


@pytest.mark.parametrize(("text", "bare", "indexed"), PASTED)
def test_what_was_pasted_is_read(text: str, bare: bool | None, indexed: bool | None) -> None:
    strategy = read_strategy(text)
    assert not [line.fault for line in strategy.lines if line.fault]
    assert (finds(strategy.node, prepare(BARE)), finds(strategy.node, prepare(INDEXED))) == (bare, indexed)


def test_what_is_passed_over_is_told() -> None:
    text = "MEDLINE (Ovid)\n1 aspirin.ti.\n2 fever.ti.\n3 1 or 2\n\nEmbase\n1 sleep.ti.\n2 fever.ti.\n3 1 or 2"
    assert read_strategy(text).passed_over == (
        "a further strategy, from “Embase” on: try it by itself",
        "MEDLINE (Ovid)",
    )
    assert read_strategy("Outcomes:\naspirin[ti] OR fever[ti]").passed_over == ("Outcomes:",)
    assert read_strategy("S1 TI aspirin\nS2 S1 Search modes - Boolean").passed_over == ("Search modes - Boolean",)


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
