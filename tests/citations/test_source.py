"""A file is read whole or refused with a reason, and every record in it is accounted for."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from leads_local.citations import SourceFile, read_file
from leads_local.errors import InputError


def saved(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ris", b"", "is empty"),
        ("a.ris", b" \r\n\x00\n", "is empty"),
        (
            "a.csv",
            b"first,second,abstract\n1,2,3\n",
            "no column is named title; the columns are: first, second, abstract",
        ),
        ("a.csv", b"\n\nfirst;second\n1;2\n", "line 3: no column is named title"),
        ("a.txt", b"just some words\nand more\n", "no citation export that is known here; expected RIS, PubMed text"),
        ("a.docx", b"PK\x03\x04rest", "a ZIP archive or a document of a word processor; expected RIS"),
        ("a.pdf", b"%PDF-1.7", "is a PDF"),
        ("a.html", b"<!DOCTYPE html><html><body>x</body></html>", "is a web page"),
        (
            "a.xml",
            b"<?xml version='1.0'?><feed><entry/></feed>",
            "root <feed>; expected PubMed's PubmedArticleSet, EndNote's",
        ),
        ("a.xml", b"<PubmedArticleSet></PubmedArticleSet>", "looks like PUBMED XML but holds no record"),
        ("a.csv", b"title,abstract\n", "looks like CSV but holds no record"),
    ],
)
def test_a_file_that_can_t_be_used_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    file = saved(tmp_path, name, content)
    with pytest.raises(InputError) as caught:
        read_file(file)
    assert message in caught.value.message
    assert str(file) in caught.value.message
    assert caught.value.hint.endswith(".")
    assert "\n" not in caught.value.message


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.ris: there is no such file"):
        read_file(tmp_path / "nothing.ris")
    with pytest.raises(InputError, match="this is a folder, not a file of citations"):
        read_file(tmp_path)


ENTITIES = """<?xml version="1.0"?>
<!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>&b;&c;</ArticleTitle></Article></MedlineCitation>
</PubmedArticle></PubmedArticleSet>
"""


@pytest.mark.parametrize("root", ["PubmedArticleSet", "xml"])
def test_declared_entities_are_refused_before_anything_is_expanded(tmp_path: Path, root: str) -> None:
    text = ENTITIES.replace("PubmedArticleSet", root)
    with pytest.raises(InputError, match="declares XML entities"):
        read_file(saved(tmp_path, "a.xml", text))


@pytest.mark.parametrize(
    ("name", "text", "format"),
    [
        ("odd.txt", "\n\nTY  - JOUR\nTI  - a\nER  - \n", "ris"),
        ("odd.csv", "TY  - JOUR\nTI  - a\nER  - \n", "ris"),
        ("odd.ris", "title,year\na,2001\n", "csv"),
        ("odd.ris", "\nPMID- 123\nOWN - NLM\nTI  - a\n", "nbib"),
        (
            "odd.txt",
            "VN  - Ovid Technologies\nDB  - Ovid MEDLINE(R)\nUI  - 123\nTI  - a\n\nUI  - 124\nTI  - b\n",
            "nbib",
        ),
        ("odd.txt", "FN Export\nVR 1.0\nPT J\nAU A, B\nTI a\nER\nEF\n", "wos"),
        ("odd.txt", "%0 Journal Article\n%T a\n%A B, C\n", "enw"),
        ("odd.txt", "@article{k, title = {a}}\n", "bibtex"),
        ("odd.txt", "<1>\nTitle\n  a\nSource\n  B.\n", "ovid"),
        ("odd.txt", '{"title": "a"}\n', "jsonl"),
        ("odd.txt", "PT\tAU\tTI\tSO\tPY\nJ\tA, B\ta\tC\t2001\n", "csv"),
        (
            "odd.txt",
            "<?xml version='1.0'?><xml><records><record><titles><title>a</title></titles></record></records></xml>",
            "endnote xml",
        ),
    ],
)
def test_a_format_is_known_by_its_content_whatever_the_name(tmp_path: Path, name: str, text: str, format: str) -> None:
    source = read_file(saved(tmp_path, name, text))
    assert source.format == format
    assert source.citations[0].title == "a"


def test_what_a_source_file_tells(tmp_path: Path) -> None:
    file = saved(tmp_path, "a.ris", "TY  - JOUR\nER  - \nTY  - JOUR\nAU  - A\nER  - \n")
    source = read_file(file)
    assert (source.path, source.encoding, len(source.sha256)) == (str(file), "utf-8", 64)
    assert [problem.whole for problem in source.problems] == [True, False]
    assert "1 of the records have no title (number 1)" in source.problems[1].message


def test_a_file_whose_records_mostly_lack_abstracts_says_so(tmp_path: Path) -> None:
    rows = [f"t{n},{'words' if n < 4 else 'NA'}" for n in range(10)]
    source = read_file(saved(tmp_path, "a.csv", "title,abstract\n" + "\n".join(rows)))
    assert [problem.message for problem in source.problems] == [
        "6 of the 10 records have no abstract; if the database has them, export the records again with abstracts."
    ]
    assert not read_file(saved(tmp_path, "b.csv", "title,abstract\n" + "\n".join(rows[:9]))).problems
    assert not read_file(saved(tmp_path, "c.csv", "title,abstract\n" + "\n".join([*rows, "a,b", "c,d"]))).problems


def test_a_flood_of_notices_is_counted_and_raw_text_never_is(tmp_path: Path) -> None:
    rows = "".join(f"t{number},abstract\n" for number in range(500))
    broken = "".join(f'"b{number}"x"\n' for number in range(30))
    source = read_file(saved(tmp_path, "a.csv", f"title,abstract,year\n{rows}{broken}u,a,2001\n"))
    assert len(source.citations) == 501
    assert [problem.message[:3] for problem in source.problems if not problem.raw] == ["The"] * 20 + ["480"]
    assert "b29" in "".join(problem.raw for problem in source.problems)


# ---------------------------------------------------------------- counted by other means


def _xml_records(text: str) -> int:
    root = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", text).encode())
    return sum(element.tag in ("PubmedArticle", "PubmedBookArticle", "record") for element in root.iter())


def _counted(source: SourceFile, text: str) -> int:
    """The number of records by a count that shares nothing with the readers."""
    if source.format == "ris":
        starts = len(re.findall(r"(?m)^\W*TY  -", text))
        return max(starts, len(re.findall(r"(?m)^\s*ER  -", text)))
    if source.format == "nbib":
        return len(re.findall(r"(?m)\A\s*^\w+ *-|\n\s*\n(?=PMID *-|PMC *-|PMCR *-)", text))
    if source.format == "wos":
        return len(re.findall(r"(?m)^PT ", text))
    if source.format == "ovid":
        return len(re.findall(r"(?m)^<\d+>", text)) or len(re.findall(r"(?m)^Score", text))
    if source.format.endswith("xml"):
        return _xml_records(text)
    return -1


KNOWN = {
    "asreview__duplicate_records.csv": 14,
    "asreview__embase.csv": 6,
    "asreview__embase_newpage.csv": 6,
    "asreview__generic_column_names_with_spaces.csv": 2,
    "asreview__generic_labels.csv": 6,
    "asreview__generic_semicolon.csv": 2,
    "asreview__generic_tab.tsv": 2,
    "asreview__missing_values.csv": 4,
    "Endnote.entries.enw": 5,  # %0 after other fields
    "RisImporterTest1.ris": 3,  # nine types in a row, and two more in the middle of the one record
    "MedlineImporterTestMalformedEntry.xml": 1,
}
NOTHING = {"IsiImporterTestEmpty.isi", "MedlinePlainImporterTestInvalidFormat.xml"}


def test_every_export_of_the_shared_folder_is_read_without_losing_a_record(shared: Path) -> None:
    files = [file for file in sorted((shared / "exports").rglob("*")) if file.is_file()]
    assert len(files) > 80
    wrong = {}
    for file in files:
        if file.name in NOTHING:
            with pytest.raises(InputError, match="expected RIS"):
                read_file(file)
            continue
        source = read_file(file)
        data = file.read_bytes()
        text = (
            data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8-sig", errors="replace")
            .replace("\r\n", "\n")
            .replace("\r", "\n")
        )
        found = len(source.citations) + sum(problem.whole for problem in source.problems)
        expected = KNOWN.get(file.name) or _counted(source, text)
        if found != expected:
            wrong[file.name] = (source.format, found, expected)
    assert not wrong


def test_one_file_in_four_encodings_is_one(shared: Path) -> None:
    whole = read_file(shared / "exports" / "asreview__pubmed_zotero.ris")
    for file in (shared / "exports" / "synthetic").iterdir():
        assert read_file(file).citations == whole.citations, file.name
