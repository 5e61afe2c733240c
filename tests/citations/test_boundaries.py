"""Never two papers in one record, never one in two, or it is said: whatever the order of the tags, whatever an abstract
quotes, however files were cut and put together."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads_local.citations import SourceFile, counts, read_file
from leads_local.errors import InputError
from tests.citations import papers
from tests.torture.mixing import EDGES, _fields

Read = Callable[[str], SourceFile]
FORMATS = sorted(papers.RECORD)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_text(text: str) -> SourceFile:
        file = tmp_path / "file.txt"
        file.write_text(text, encoding="utf-8")
        return read_file(file)

    return read_text


def held(source: SourceFile) -> list[list[int]]:
    return [sorted(papers.papers_in(citation)) for citation in source.citations]


TITLE_FIRST = "%T Walking {0}\n%0 Journal Article\n%A Obi, N\n%D 2018\n%X Abstract {0}\n\n\n"
ABSTRACT_AFTER_END = "TY  - JOUR\nID  - {0}\nT1  - Walking {0}\nPY  - 2014\nER  - \nAB  - Abstract {0}\n\n"
TYPE_IN_THE_MIDDLE = (
    "DB  - X\nC8  - \nTI  - Walking {0}\nAB  - Abstract {0}\nTY  - JOUR\nVL  - {0}\nKW  - a\nER  - \n\n"
)
NO_NUMBER = (
    "OWN - ERIC\nTI  - Walking {0}\nAU  - Obi, N\nOID - EJ{0}\nDP  - 2000\nAB  - Abstract {0}\nISSN - 1234-4567\n\n"
)
COMPOUND = (
    "PMID- 3100000{1}\nOWN - NLM\nTI  - Walking {0}\nAB  - Abstract {0} with the antagonist\n"
    "      TY-52156 for two\n      days.\nJT  - J\n\n"
)
SMALL_LETTERS = "ty  - JOUR\nti  - Walking {0}\nAU  - Obi, N\nAB  - Abstract {0}\nER  - \n\n"
COCHRANE = "Record #{1} of 3\nID: CN-{0}\nAU: Obi N\nTI: Walking {0}\nYR: 2018\nAB: Abstract {0}\n\n"
OTHER_DASH = SMALL_LETTERS.replace("ty", "TY").replace("ti  ", "TI  ").replace("  - ", "\u00a0\u00a0\u2013 ")


@pytest.mark.parametrize(
    ("record", "format"),
    [
        (TITLE_FIRST, "enw"),
        (ABSTRACT_AFTER_END, "ris"),
        (ABSTRACT_AFTER_END.replace("\n\n", "\n"), "ris"),
        (TYPE_IN_THE_MIDDLE, "ris"),
        (TYPE_IN_THE_MIDDLE.replace("\n\n", "\n"), "ris"),
        (f"\n{NO_NUMBER}", "nbib"),
        (COMPOUND, "nbib"),
        (SMALL_LETTERS, "ris"),
        (OTHER_DASH, "ris"),
        (COCHRANE, "cochrane"),
        (COCHRANE.replace("Record #{1} of 3\n", ""), "cochrane"),
        (COCHRANE.replace("\n\n", "\n").replace("ID: CN-{0}\nAU", "AU"), "cochrane"),
    ],
)
def test_records_begin_where_the_whole_file_says(read: Read, record: str, format: str) -> None:
    source = read("".join(record.format(papers.mark(n), n) for n in range(1, 4)))
    assert source.format == format
    assert held(source) == [[1], [2], [3]]
    assert not source.doubt
    for citation, n in zip(source.citations, range(1, 4), strict=True):
        assert citation.title == f"Walking {papers.mark(n)}"
        assert citation.abstract.startswith(f"Abstract {papers.mark(n)}")


@pytest.mark.parametrize("format", FORMATS)
def test_the_samples_are_read_right(read: Read, format: str) -> None:
    source = read(papers.written(format, range(1, 5)))
    assert held(source) == [[1], [2], [3], [4]]
    assert not source.problems


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("number", [1, 3])
def test_an_abstract_may_quote_any_other_format_s_lines(read: Read, format: str, number: int) -> None:
    own = {"ris": ("TY  -", "ER  -"), "enw": ("%0", "%T"), "bibtex": ("@article",), "cochrane": ("Record",)}
    own_lines = own.get(format, ())
    for line in papers.TELL_TALES:
        source = read(papers.written(format, range(1, number + 1), f"{line}\n"))
        assert not papers.faults(source), line
        if not line.startswith(own_lines) or not own_lines:
            assert held(source) == [[n] for n in range(1, number + 1)], line


PAIRS = list(product(FORMATS, FORMATS))


@pytest.mark.parametrize(
    ("first", "second", "joint"),
    [(*pair, joint) for place, pair in enumerate(PAIRS) for joint in ("\n\n", ("\n", "")[place % 2])],
)
def test_files_put_together_are_read_as_what_each_is_or_it_is_said(
    read: Read, first: str, second: str, joint: str
) -> None:
    text = papers.written(first, range(1, 4)).rstrip("\n") + joint + papers.written(second, range(4, 7))
    try:
        source = read(text)
    except InputError:
        return
    assert not papers.faults(source)
    told = {"eric": "nbib", "endnote": "endnote xml", "pubmed": "pubmed xml", "by row": "csv by row", "tsv": "csv"}
    told |= {"ictrp": "ictrp xml", "trial json": "clinicaltrials.gov json"}
    if joint == "\n\n" and told.get(first, first) != told.get(second, second):
        assert held(source) == [[1], [2], [3], [4], [5], [6]]
        assert source.format == f"{told.get(first, first)} + {told.get(second, second)}"
        assert "Several formats stand in this file" in source.doubt


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(EDGES)), st.integers(2, 5), st.randoms(), st.booleans(), st.booleans())
def test_tags_may_stand_in_any_order(
    read: Read, format: str, number: int, chance: random.Random, same: bool, blank: bool
) -> None:
    """In each record in its own order only where blank lines stand between them: else nobody could tell."""
    order, text, same = chance.random(), [], same or not blank
    for n in range(1, number + 1):
        fields = _fields(papers.RECORD[format](n, ""))
        (random.Random(order) if same else chance).shuffle(fields)
        text.append("".join(fields) + ("\n" if blank else ""))
    before, after = papers.AROUND.get(format, ("", ""))
    try:
        source = read(before + "".join(text) + after)
    except InputError:
        return
    assert not papers.faults(source)
    if blank and number > 2 and format not in ("ovid", "eric"):
        assert held(source) == [[n] for n in range(1, number + 1)]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FORMATS), st.integers(1, 5), st.floats(0, 0.9), st.floats(0.1, 1))
def test_a_part_of_a_file_mixes_nothing(read: Read, format: str, number: int, start: float, end: float) -> None:
    text = papers.written(format, range(1, number + 1))
    part = text[int(start * len(text)) : max(int(end * len(text)), int(start * len(text)) + 1)]
    try:
        source = read(part)
    except InputError:
        return
    assert not papers.faults(source)


NBIB = "PMID- {0}\nOWN - NLM\nTI  - Walking {0}\nPG  - {0}\nJT  - J{0}\n"
PMID_LAST = "OWN - NLM\nTI  - Walking {0}\nPG  - {0}\nJT  - J{0}\nPMID- {0}\n"
TRIAL = "<Trial><TrialID>{0}</TrialID><Scientific_title>{0}</Scientific_title>{1}</Trial>"
ICTRP = "<Trials_downloaded_from_ICTRP>{0}</Trials_downloaded_from_ICTRP>".format
ITEM = '{{"title": "{0}", "abstract": "words {0}"{1}}}'
BY_ROW = '"TITLE","{0}"\n"AUTHOR NAMES","Obi"\n"SOURCE","J{0}"\n"DOI","10.1000/{0}"\n\n'
OTHERS = "TY  - JOUR\nTI  - a\nKW  - b\n{0}\nER  - \n"
GLUED = "TY  - JOUR\nTI  - Walking\nAB  - One.\nTI  - Running\nER  - \n"
TWICE = "TY  - JOUR\nTI  - Walking\nAB  - One.\nTI  - Running\nAB  - Two.\nER  - \n"
BETWEEN = "TY  - JOUR\nTI  - a\nER  - \nDO  - 10.1000/x\nTY  - JOUR\nTI  - b\nER  - \n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GLUED, 'Line 4: This record has 2 titles ("Walking" and "Running"); two papers may have been taken for one.'),
        (TWICE, "Line 4: Where this record begins is a guess"),
        (BETWEEN, "Line 4: What stands here"),
        ("LA  - eng\nPT  - x\n\nOWN - NLM\nPMID- 2\nTI  - b\nAU  - c\nAU  - d\n", "Line 4: A blank line stands in"),
        ("Record #1 of 3\nTY  - JOUR\nTI  - Walking\nER  - \n", "says that it holds 3"),
        ("PMID- 1\nTI  - a\nDP  - 2001\nDP  - 2002\n", "This record has 2 years"),
        ("TY  - JOUR\nTI  - a\nDO  - 10.1000/x\nDO  - 10.1000/y\nER  - \n", "This record has 2 DOIs"),
        ('title,year,doi\n"a,2001,\nb,2002,\nc,2003,\n', ""),
        ('title,abstract,year\na,"x\nb,y,2002\nc,z",2003\nd,"e",2004\n', "look like rows of their own"),
        (NBIB.format(1) + "PG  - 9\n" + NBIB.format(2), "This record has PG more than once, with different values"),
        (PMID_LAST.format(1) + PMID_LAST.format(2) + PMID_LAST.format(3)[:-9], "in more than one way"),
        ("Walking helped.\n%K knees\n%0 Book\n%T a\n%A b\n", "Line 2: The file begins in the middle of a record"),
        (
            ICTRP(TRIAL.format("a", "<Condition>x</Condition><Condition>y</Condition>")),
            "has <Condition> more than once",
        ),
        (f'{{"itms": [{ITEM.format("a", "")}, {ITEM.format("b", "")}]}}', ""),
        (f"[{ITEM.format('a', ITEM.format('b', '').replace('{', ', ', 1)[:-1])}]", 'The key "title" stands twice'),
        (
            BY_ROW.format("a") + BY_ROW.format("b").rstrip() + '\n"DOI","10.1000/c"\n',
            'The label "DOI" stands more than once',
        ),
        (OTHERS.format('{"x": [\n"title": "b",\n"year": 1\n}'), "Line 4: 3 lines look like JSON and stand in a file"),
        (OTHERS.format("<record>\n<titles>\n<authors>"), "3 lines look like XML"),
        (
            "title,doi,year\na,10.1000/a,2001\n".replace("title", "b,10.1000/b,2002\ntitle"),
            "Line 1: This text stands before",
        ),
        ("Search of May\ntitle,doi,year\na,10.1000/a,2001\n", ""),
        ("PMID- 1\nTI  - a\nAU  - b\nLA  - eng\n\nAU  - c\nLA  - eng\n", "Line 6: A blank line stands in"),
        (f"{NBIB.format(1)}\n\tWalking,2001\n", "Line 7: This text stands after a blank line"),
        (f"{OTHERS.format('')}\nWalking,2001\n".replace("ER  - \n", ""), "Line 6: This text stands after a blank line"),
        (f"{OTHERS.format('x')}\n\nWalking\n", ""),
        ("%R 1\n%0 Book\n%T a\n\n%D 2\n%0 Book\n%T b\n\n%A x\n%0 Book\n%T c\n", "in more than one way"),
        ("%0 Book\n%T a\n%D 1\n\n%X b\n%T c\n\n%0 Book\n%T d\n%D 3\n", "Line 5: This record has no first line, and"),
        (f"Z{BY_ROW.format('a')[1:]}{BY_ROW.format('b')}", ""),
        ("PT J\nTI a\nDI 10.1000/x\n   Lee, K\nER\n", "Line 4: This line is below a field of one line"),
        (OTHERS.format("<p>\n<title>\n<span>"), ""),
        ("title,abstract,2001,10.1000/x\nb,y,2002,10.1000/y\n", "seems to hold a record"),
        (
            "<1>\nTitle\n  a\nAbstract\n  One.\n\n  Two.\n<2>\nTitle\n  b\n",
            "Line 7: This text stands after a blank line, and",
        ),
        ("<1>\nTitle\n  a\nAbstract\n  One.\n\n  Two.\n\n<2>\nTitle\n  b\n", ""),
        ("%0 Book\n%T a\n%X b\n%0 Book\nc\n%A d\n", "Line 5: This text stands right below a type (%0)"),
        ("%0 Book\n%T a\n%K b\n" + 'c,"Lee; Wu",2001,J\n' * 3, "Line 4: 3 lines look like rows of a CSV"),
        ("%0 Book\n%T a\n%K b\nTI  - c\nAU  - d\nVL  - 1\nSP  - 2\n", "Line 4: 3 lines look like RIS or PubMed text"),
        ("%0 Book\n%T a\n%X Short forms:\nMD - mean\nRR - risk\nCI - bounds\nSD - spread\n", ""),
        (
            'Record #1 of 1\nTI: a\nAB: One.\n{"title": "b", "year": 2001, "doi": "x"}\n',
            "Several formats stand in this file",
        ),
        ('Record #1 of 1\nTI: a\nAB: One.\n{"title": "b"}\n', ""),
        ("[\n{0},\n{0}\n]\n".format(ITEM.format("a", ', "year": 2001')), ""),
        ("OWN - ERIC\nOID - EJ1\nTI  - a\nOID - EJ2\n", "Line 1: This record has OID more than once"),
        ("PMID- 1\nOID - NASA: 1\nTI  - a\nOID - KIE: 2\n", ""),
        (
            'title,authors,abstract\nwords."b,"Lee; Wu","We ran\n',
            "Line 2: The quotation marks of this row do not match",
        ),
        ('title,authors,abstract\n"A "good" walk",Lee,We ran\n', ""),
    ],
)
def test_what_may_be_mixed_up_is_said(read: Read, text: str, said: str) -> None:
    source = read(text)
    assert said in source.doubt
    assert bool(said) == bool(source.doubt)


def test_a_value_that_is_said_twice_is_no_second_paper(read: Read) -> None:
    values = "DO  - 10.1000/x\nDO  - https://doi.org/10.1000/X\nPY  - 2001\nPY  - 2001/03\n"
    assert not read(f"TY  - JOUR\nTI  - a\nT1  - a\n{values}ER  - \n").doubt


def test_a_file_with_many_more_titles_than_records_is_refused() -> None:
    text = "OWN - X\nTI  - Walking\n" * 104
    with pytest.raises(InputError, match=r"apart into its records: 1 record was read, but the file has 104 TI\."):
        counts.compare(text, "nbib", 1)
    assert not counts.compare(text, "nbib", 104)
    assert "103 records were read" in counts.compare(text, "nbib", 103)[0].message


def test_columns_change_where_another_table_begins(read: Read) -> None:
    source = read("title,year,doi\na,2001,10.1000/a\nPMID,Title,Abstract\n7000001,b,words\n")
    assert [(c.title, c.year, c.doi, c.pmid, c.abstract) for c in source.citations] == [
        ("a", 2001, "10.1000/a", "", ""),
        ("b", None, "", "7000001", "words"),
    ]


def test_one_record_may_lack_its_first_line_where_others_have_tails(read: Read) -> None:
    """Tails speak for cutting before the types, the record that has lost its own for cutting after the ends."""
    record = "TY  - JOUR\nTI  - Walking {0}\nER  - \nNL  - {0}\n"
    text = "".join(record.format(papers.mark(n)) for n in range(1, 7))
    source = read(text.replace(f"TY  - JOUR\nTI  - Walking {papers.mark(4)}", f"TI  - Walking {papers.mark(4)}"))
    titles = [citation.title for citation in source.citations]
    assert titles == [f"Walking {papers.mark(n)}" for n in range(1, 7)]


def test_a_record_whose_first_tag_is_damaged_is_not_joined_to_the_one_before(read: Read) -> None:
    source = read("".join(f"{NBIB.format(n)}\n" for n in range(1, 5)).replace("\n\nPMID- 3\nOWN", "\n\nPM}D- 3\nOWN"))
    assert [citation.title for citation in source.citations] == [f"Walking {n}" for n in range(1, 5)]
    assert [citation.pmid for citation in source.citations] == ["1", "2", "", "4"]
    record = "PT J\nAU Obi{0}, N\nTI Walking {0}\nER\n\n"
    source = read("".join(map(record.format, range(1, 4))) + "PT<J\nAU Lee, K\n")
    assert [problem.line for problem in source.problems if "What stands here" in problem.message] == [17]


def test_stretches_at_fault_are_taken_apart_on_their_own(read: Read) -> None:
    """The first record has lost its first lines and got blank lines, where no way for the whole file fits both."""
    first, second = papers.RECORD["ris"](1, ""), papers.RECORD["ris"](2, "").replace("ER  - \n", "")
    damaged = first[first.index("AU") :].replace("DO  -", "\nDO  -").replace("ER  -", "\nER  -").rstrip()
    assert held(read(f"{damaged}\n{second}")) == [[1], [2]]


def test_a_blank_line_between_paragraphs_parts_no_records(read: Read) -> None:
    """Lines with a blank one after each, three after a record, which begins with its pages and ends with its title."""
    record = "SP  - {0}\n\nAB  - We ran {1}.\n\nWalking {1}.\n\nTY  - JOUR\n\nER  -\n\nTI  - Walking {1}\n\n\n\n"
    assert held(read("".join(record.format(n, papers.mark(n)) for n in (1, 2)))) == [[1], [2]]


def test_a_blank_line_that_was_lost_does_not_speak_against_all_others(read: Read) -> None:
    """Only blank lines part these records, whose type and last line stand in the middle."""
    order = ("KW", "DO", "TY", "AU", "AB", "EP", "ER", "PY", "VL", "JF", "SP", "TI")
    records = [sorted(_fields(papers.RECORD["ris"](n, "")), key=lambda line: order.index(line[:2])) for n in range(9)]
    text = "\n".join("".join(lines) for lines in records)
    text = text.replace(f"Walking {papers.mark(5)} for knees\n\n", f"Walking {papers.mark(5)} for knees\n")
    assert held(read(text[text.index("AB") :])) == [[n] for n in range(9)]
