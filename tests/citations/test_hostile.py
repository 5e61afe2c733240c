"""Files that are damaged, or made to do harm: a sentence or records, in a moment, and nothing else happens."""

from __future__ import annotations

import random
import socket
import time
from pathlib import Path

import pytest

from leads_local import memory, paths
from leads_local.citations import read_file, source
from leads_local.errors import InputError
from tests.citations.formats.test_other_texts import SAMPLES
from tests.citations.formats.test_xml import ARTICLE

ENDNOTE = (
    "<xml><records><record><titles><title>a</title></titles><dates><year>2001</year></dates></record></records></xml>"
)
BY_ROW = '{"title": "a", "year": 2001, "authors": ["A, B"], "extra": [["x", "y"]]}\n'
FILES = [text.encode() for text in (*SAMPLES, f"<PubmedArticleSet>{ARTICLE}</PubmedArticleSet>", ENDNOTE, BY_ROW)]
PIECES = [
    *(
        b"\x00",
        b"\x1b[2J",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x80",
        b"\xed\xa0\x80",
        b"\xe2\x80\xa8",
        b"\r",
        b"\n\n",
        b'"',
        b"'",
        b"\\",
    ),
    *(
        b"&a;",
        b"&#x110000;",
        b"&#xD800;",
        b"&#99999999999;",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
        b"</record>",
        b"<record>",
    ),
    *(
        b'<?xml version="1.0" encoding="XTF-8"?>',
        b'<?xml version="1.0" encoding="punycode"?>',
        b"[" * 2000,
        b"{" * 300,
        b"<a>" * 300,
    ),
    *(
        b"9" * 5000,
        b"1e999999",
        b"NaN",
        b"TY  - JOUR\n",
        b"ER  - \n",
        b"@article{",
        b"%0 Journal\n",
        b"PMID- 1\n",
        b"\\ud800",
        b"0" * 9000,
    ),
]


def mutated(random: random.Random) -> bytes:
    data = bytearray(random.choice(FILES))
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(data) + 1)
        what = random.randrange(5)
        if what == 0:
            data[at:at] = random.choice(PIECES) * random.choice((1, 1, 20))
        elif what == 1:
            del data[at : at + random.choice((1, 5, 50))]
        elif what == 2:
            data[at : at + 1] = bytes([random.randrange(256)])
        elif what == 3:
            other = random.choice(FILES)
            data[at:at] = other[random.randrange(len(other)) :][: random.choice((10, 100))]
        else:
            del data[max(at, 1) :]
    return bytes(data)


@pytest.mark.parametrize("seed", range(6))
def test_damaged_files_give_a_sentence_or_records(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        data = mutated(chance)
        file = tmp_path / chance.choice(("x.ris", "x.csv", "x.xml", "x.txt"))
        file.write_bytes(data)
        begun = time.process_time()
        try:
            read_file(file)
        except InputError as error:
            assert str(file) in error.message and error.hint
        assert not paths.log_file().exists(), f"a fault of ours: {data!r}"
        assert time.process_time() - begun < 5


BILLION = (
    '<?xml version="1.0"?>\n<!DOCTYPE xml [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>\n<xml><records><record><titles><title>&i;</title></titles></record></records></xml>"
)
OUTSIDE = [
    "<!DOCTYPE xml [<!ENTITY a SYSTEM "
    '"{0}">]><xml><records><record><titles><title>x&a;</title></titles></record></records></xml>',
    '<!DOCTYPE xml SYSTEM "{0}"><xml><records><record><titles><title>x</title></titles></record></records></xml>',
    '<!DOCTYPE xml [<!ENTITY % a SYSTEM "{0}"> '
    "%a;]><xml><records><record><titles><title>x</title></titles></record></records></xml>",
    '<xml xmlns:i="http://www.w3.org/2001/XInclude"><records><record><titles><title>x</title></titles><i:include '
    'href="{0}"/>'
    "</record></records></xml>",
]


def test_entities_that_grow_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(BILLION)
    begun = time.process_time()
    with pytest.raises(InputError, match="declares XML entities"):
        read_file(tmp_path / "a.xml")
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("text", OUTSIDE)
@pytest.mark.parametrize("place", ["secret", "http://127.0.0.1:9/x"])
def test_nothing_outside_the_file_is_read(
    tmp_path: Path, text: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("SECRET")
    (tmp_path / "a.xml").write_text(text.format((tmp_path / place).as_uri() if place == "secret" else place))
    read: list[str] = []
    opened = open
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("the network was asked"))
    monkeypatch.setattr("builtins.open", lambda *a, **k: read.append(str(a[0])) or opened(*a, **k))
    try:
        found = read_file(tmp_path / "a.xml")
    except InputError as error:
        assert "entities" in error.message
    else:
        assert "SECRET" not in str(found)
    assert "secret" not in str(read)


DEEP = [
    ("a.jsonl", '{"title": "x", "a": ' + "[" * 100_000 + "]" * 100_000 + "}\n" + '{"title": "good"}\n'),
    ("a.xml", "<xml><records><record>" + "<a>" * 100_000),
    ("a.csv", 'title,authors\n"good","' + "[" * 50_000 + "]" * 50_000 + '"\n'),
    ("a.bib", "@article{a, title = {good" + "{" * 100_000 + "}" * 100_000 + "}}\n"),
]


@pytest.mark.parametrize(("name", "text"), DEEP, ids=[name for name, _ in DEEP])
def test_nothing_is_too_deep(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    begun = time.process_time()
    try:
        assert "good" in str(read_file(tmp_path / name).citations)
    except InputError as error:
        assert "200 deep" in error.message
    assert time.process_time() - begun < 5
    assert not paths.log_file().exists()


YEARS = [
    ("a.jsonl", '{{"title": "x", "year": {0}}}\n'),
    ("a.jsonl", '{{"title": "x", "year": "{0}"}}\n'),
    ("a.ris", "TY  - JOUR\nTI  - x\nPY  - {0}\nER  - \n"),
    ("a.csv", "title,year\nx,{0}\n"),
    ("a.csv", "title,authors,year,leads_local_extra\nx,,{0},\n"),
]


@pytest.mark.parametrize("year", [10**30, -(10**30), "9" * 5000, 99999, "²"])
@pytest.mark.parametrize(("name", "text"), YEARS)
def test_a_year_fits_into_a_review_or_is_kept_beside(tmp_path: Path, name: str, text: str, year: object) -> None:
    (tmp_path / name).write_text(text.format(year))
    found = read_file(tmp_path / name)
    assert not paths.log_file().exists()
    for citation in found.citations:
        assert citation.year is None or 0 < citation.year < 10_000
    kept = str([citation.extra for citation in found.citations]) + str([problem.raw for problem in found.problems])
    assert str(year).strip("-") in kept


def test_other_things_than_pairs_in_extra_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"title": "x", "extra": 5}\n{"title": "y", "extra": {"a": 1}}\n{"title": "z", "extra": [["k", "v"]]}\n'
    )
    assert [one.extra for one in read_file(tmp_path / "a.jsonl").citations] == [
        (("extra", "5"),),
        (("extra", '{"a": 1}'),),
        (("k", "v"),),
    ]


@pytest.mark.parametrize("encoding", ["ISO-8859-2", "windows-1250", "UTF-8"])
def test_xml_in_another_encoding_keeps_its_letters(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.xml").write_bytes(
        f'<?xml version="1.0" encoding="{encoding}"?>{ENDNOTE.replace(">a<", ">Żółć<")}'.encode(encoding.lower())
    )
    (citation,) = read_file(tmp_path / "a.xml").citations
    assert citation.title == "Żółć"


def test_xml_in_an_encoding_that_is_none_is_read_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(f'<?xml version="1.0" encoding="XTF-8"?>{ENDNOTE}')
    found = read_file(tmp_path / "a.xml")
    assert found.citations[0].title == "a"
    assert "XTF-8" in found.problems[0].message


def test_a_file_larger_than_the_memory_is_refused_with_the_arithmetic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.ris"
    with file.open("wb") as opened:
        opened.truncate(2_000_000_000)  # a hole, which takes no room on most disks
    monkeypatch.setattr(memory, "available_bytes", lambda: 11_900_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    with pytest.raises(
        InputError, match=r"a\.ris: reading its 2,000 MB needs about 12\.0 GB of memory, and 11\.9 GB are free"
    ):
        read_file(file)


def test_a_small_file_is_read_however_little_memory_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 0)
    (tmp_path / "a.xml").write_text(ENDNOTE)
    assert source.read_file(tmp_path / "a.xml").citations


LONG = [
    *(b"TY  - JOUR\nTI  - a\nN1  - " + piece * 20_000 for piece in (b'"\n', b"doi \n", b"10.1/")),
    b"TY  - JOUR\nTI  - a\nER  - \n" + b"TY  - \n" * 20_000,
    b"TY  - JOUR\nTI  - a\nER  - \nKW  - b\n" + b"TI  - c\n" * 20_000,
    b"%0 Journal Article\n%T a\n" + b"%0 x\n" * 10_000 + b"%A b\n" * 10_000,
    b"PMID- 1\nTI  - a\n" + b"AB  - b\n" * 20_000,
    b"@article{a, title = {b}, author = {" + b"c and " * 20_000 + b"}}",
    b"title," + b",".join(b"c%d" % number for number in range(300_000)) + b"\na,b\n",
    b'title,authors\na,"' + b"B. C., " * 20_000 + b'"\n',
]


@pytest.mark.parametrize("data", LONG, ids=range(len(LONG)))
def test_reading_takes_no_longer_than_the_file(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    begun = time.process_time()
    assert read_file(tmp_path / "a.txt").citations
    assert time.process_time() - begun < 10


def test_a_line_may_be_as_long_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"title,abstract\na," + b"words " * 8_700_000)  # 52 MB
    assert len(read_file(tmp_path / "a.csv").citations[0].abstract) > 52_000_000


def test_a_reader_that_fails_is_a_sentence_about_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> None:
        raise KeyError("boom")

    monkeypatch.setitem(source.READERS, "endnote xml", fail)
    (tmp_path / "a.xml").write_text(ENDNOTE)
    with pytest.raises(InputError, match=r"a\.xml: leads-local failed at this file \(KeyError: 'boom'\)"):
        read_file(tmp_path / "a.xml")
    assert "Traceback" in paths.log_file().read_text()
