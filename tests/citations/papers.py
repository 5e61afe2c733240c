"""Invented papers whose every field holds a mark of its own, written in each format, so that a record that holds
another paper's text gives itself away."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from leads_local.citations.source import SourceFile
from leads_local.records import Citation

_MARK = re.compile(r"(?i)p(\d{3})q")
_PMID = 30_000_000


def mark(number: int) -> str:
    """What stands in every field of the paper ``number`` (up to 999)."""
    return f"p{number:03d}q"


def _ris(n: int, extra: str) -> str:
    m = mark(n)
    return (
        f"TY  - JOUR\nTI  - Walking {m} for knees\nAU  - Obi{m}, Ngozi\nAU  - Lee{m}, Kim\nPY  - {1900 + n % 100}\n"
        f"JF  - Journal of {m}\nVL  - {n}\nSP  - {n}1\nEP  - {n}9\nDO  - 10.5555/{m}\nAB  - We ran {m} trials.\n"
        f"{extra}Walking {m} helped.\nKW  - knees {m}\nER  - \n\n"
    )


def _nbib(n: int, extra: str, first: str = "") -> str:
    m = mark(n)
    wrapped = "".join(f"      {line}\n" for line in extra.split("\n") if line)
    return (
        f"{first or f'PMID- {_PMID + n}'}\nOWN - NLM\nSTAT- MEDLINE\nDP  - {1900 + n % 100} Jan\nTI  - Walking {m}\n"
        f"      for knees {m}.\nPG  - {n}1-9\nLID - 10.5555/{m} [doi]\nAB  - We ran {m} trials.\n{wrapped}"
        f"      Walking {m} helped.\nFAU - Obi{m}, Ngozi\nAU  - Obi{m} N\nLA  - eng\nPT  - Journal Article\n"
        f"JT  - Journal of {m}\nVI  - {n}\n\n"
    )


def _eric(n: int, extra: str) -> str:
    return _nbib(n, extra, f"OID - EJ{mark(n)}").replace("OWN - NLM\nSTAT- MEDLINE\n", "OWN - ERIC\n")


def _enw(n: int, extra: str) -> str:
    m = mark(n)
    return (
        f"%0 Journal Article\n%T Walking {m} for knees\n%A Obi{m}, Ngozi\n%A Lee{m}, Kim\n%D {1900 + n % 100}\n"
        f"%J Journal of {m}\n%V {n}\n%P {n}1-9\n%R 10.5555/{m}\n%X We ran {m} trials.\n{extra}Walking {m} helped.\n"
        f"%K knees {m}\n\n"
    )


def _wos(n: int, extra: str) -> str:
    m = mark(n)
    wrapped = "".join(f"   {line}\n" for line in extra.split("\n") if line)
    return (
        f"PT J\nAU Obi{m}, N\n   Lee{m}, K\nTI Walking {m}\n   for knees {m}\nSO JOURNAL OF {m}\nDE knees {m}\n"
        f"AB We ran {m} trials.\n{wrapped}   Walking {m} helped.\nPY {1900 + n % 100}\nVL {n}\nBP {n}1\nEP {n}9\n"
        f"DI 10.5555/{m}\nUT WOS:{m}\nER\n\n"
    )


def _ovid(n: int, extra: str) -> str:
    m = mark(n)
    wrapped = "".join(f"  {line}\n" for line in extra.split("\n") if line)
    return (
        f"<{n}>\nUnique Identifier\n  {_PMID + n}\nTitle\n  Walking {m} for knees\nAuthors\n  Obi{m} N.\n"
        f"Source\n  Journal of {m}. {n}(1):{n}1-9, {1900 + n % 100}\nAbstract\n  We ran {m} trials.\n{wrapped}"
        f"  Walking {m} helped.\n\n"
    )


def _bibtex(n: int, extra: str) -> str:
    m = mark(n)
    return (
        f"@article{{key{m},\n  title = {{Walking {m} for knees}},\n  author = {{Obi{m}, Ngozi and Lee{m}, Kim}},\n"
        f"  year = {{{1900 + n % 100}}},\n  journal = {{Journal of {m}}},\n  volume = {{{n}}},\n"
        f"  doi = {{10.5555/{m}}},\n  abstract = {{We ran {m} trials.\n{extra}Walking {m} helped.}},\n"
        f"  keywords = {{knees {m}}}\n}}\n\n"
    )


def _fields(n: int, extra: str) -> tuple[str, ...]:
    m = mark(n)
    names = f"Obi{m}, Ngozi; Lee{m}, Kim"
    abstract = f"We ran {m} trials.\n{extra}Walking {m} helped."
    return f"Walking {m} for knees", names, str(1900 + n % 100), f"Journal of {m}", f"10.5555/{m}", abstract


def _csv(n: int, extra: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(_fields(n, extra))
    return out.getvalue()


def _by_row(n: int, extra: str) -> str:
    title, authors, _, journal, doi, abstract = _fields(n, extra)
    out = io.StringIO(newline="")
    rows = [("TITLE", title), ("AUTHOR NAMES", *authors.split("; ")), ("SOURCE", journal), ("DOI", doi)]
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([*rows, ("ABSTRACT", abstract)])
    return f"{out.getvalue()}\n"


def _jsonl(n: int, extra: str) -> str:
    title, authors, year, journal, doi, abstract = _fields(n, extra)
    made = {"title": title, "authors": authors.split("; "), "year": int(year), "journal": journal}
    return json.dumps(made | {"doi": doi, "abstract": abstract}) + "\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _endnote(n: int, extra: str) -> str:
    title, authors, year, journal, doi, abstract = map(_escaped, _fields(n, extra))
    names = "".join(f"<author>{name}</author>" for name in authors.split("; "))
    return (
        f"<record><contributors><authors>{names}</authors></contributors>\n<titles><title>{title}</title>\n"
        f"<secondary-title>{journal}</secondary-title></titles>\n<dates><year>{year}</year></dates>\n"
        f"<electronic-resource-num>{doi}</electronic-resource-num>\n<abstract>{abstract}</abstract></record>\n"
    )


def _pubmed(n: int, extra: str) -> str:
    title, _, year, journal, _, abstract = map(_escaped, _fields(n, extra))
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{_PMID + n}</PMID>\n<Article><Journal><JournalIssue><PubDate>"
        f"<Year>{year}</Year></PubDate></JournalIssue>\n<Title>{journal}</Title></Journal>\n"
        f"<ArticleTitle>{title}</ArticleTitle>\n<Abstract><AbstractText>{abstract}</AbstractText></Abstract>\n"
        f"</Article></MedlineCitation></PubmedArticle>\n"
    )


def _cochrane(n: int, extra: str) -> str:
    m = mark(n)
    return (
        f"Record #{n} of {n}\nID: CN-{m}\nAU: Obi{m} N\nAU: Lee{m} K\nTI: Walking {m} for knees\n"
        f"SO: Journal of {m}\nYR: {1900 + n % 100}\nVL: {n}\nPG: {n}1-9\nKY: knees {m}\nDOI: 10.5555/{m}\n"
        f"AB: We ran {m} trials.\n{extra}Walking {m} helped.\nUS: https://example.org/{m}\n\n"
    )


def _csl_json(n: int, extra: str) -> str:
    title, authors, year, journal, doi, abstract = _fields(n, extra)
    names = [dict(zip(("family", "given"), name.split(", "), strict=True)) for name in authors.split("; ")]
    made = {"id": mark(n), "type": "article-journal", "title": title, "container-title": journal, "author": names}
    made |= {"issued": {"date-parts": [[int(year)]]}, "DOI": doi, "abstract": abstract}
    return json.dumps(made, indent=2) + ",\n"


def _trial_json(n: int, extra: str) -> str:
    m = mark(n)
    made = {
        "identificationModule": {"nctId": f"NCT{m}", "officialTitle": f"Walking {m} for knees"},
        "statusModule": {"studyFirstPostDateStruct": {"date": f"{1900 + n % 100}-01"}},
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": f"Obi{m}"}},
        "descriptionModule": {"briefSummary": f"We ran {m} trials.\n{extra}Walking {m} helped."},
    }
    return json.dumps({"protocolSection": made}, indent=2) + ",\n"


def _ictrp(n: int, extra: str) -> str:
    m = mark(n)
    return (
        f"<Trial>\n<TrialID>NCT{m}</TrialID>\n<Scientific_title>Walking {m} for knees</Scientific_title>\n"
        f"<Primary_sponsor>Obi{m}</Primary_sponsor>\n<Date_registration>{1900 + n % 100}</Date_registration>\n"
        f"<Condition>knees {m}</Condition>\n<Inclusion_Criteria>We ran {m} trials.\n{_escaped(extra)}Walking {m}."
        f"</Inclusion_Criteria>\n</Trial>\n"
    )


def _tsv(n: int, extra: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n", delimiter="\t").writerow(_fields(n, extra))
    return out.getvalue()


RECORD: dict[str, Callable[[int, str], str]] = {
    "ris": _ris,
    "nbib": _nbib,
    "eric": _eric,
    "enw": _enw,
    "wos": _wos,
    "ovid": _ovid,
    "bibtex": _bibtex,
    "csv": _csv,
    "by row": _by_row,
    "jsonl": _jsonl,
    "endnote": _endnote,
    "pubmed": _pubmed,
    "cochrane": _cochrane,
    "csl json": _csl_json,
    "trial json": _trial_json,
    "ictrp": _ictrp,
    "tsv": _tsv,
}
"""Each format's way to write the paper of a number, with lines that its abstract quotes."""
AROUND = {
    "wos": ("FN Export\nVR 1.0\n", "EF\n"),
    "csv": ("title,authors,year,journal,doi,abstract\n", ""),
    "endnote": ('<?xml version="1.0"?>\n<xml><records>\n', "</records></xml>\n"),
    "pubmed": ('<?xml version="1.0"?>\n<PubmedArticleSet>\n', "</PubmedArticleSet>\n"),
    "csl json": ("[\n", "]\n"),
    "trial json": ('{"studies": [\n', "]}\n"),
    "ictrp": ('<?xml version="1.0"?>\n<Trials_downloaded_from_ICTRP>\n', "</Trials_downloaded_from_ICTRP>\n"),
    "tsv": ("title\tauthors\tyear\tjournal\tdoi\tabstract\n", ""),
}
"""What stands before and after the records of a format."""
TELL_TALES = (
    *(
        "TY  - JOUR",
        "ER  - ",
        "PMID- 12345678",
        "OWN - NLM",
        "%0 Journal Article",
        "%T Of something",
        "PT J",
        "ER",
        "EF",
    ),
    *(
        "@article{quoted,",
        "<1>",
        "Record #1 of 2",
        '{"title": "quoted"}',
        "TY-52156 for two days",
        "TI  - Quoted title",
    ),
    *("title,abstract,year", "FN Clarivate Analytics Web of Science", "<?xml version='1.0'?>", "Title", "UI  - 123"),
)
"""Lines by which formats are known, which an abstract may quote."""


def written(format: str, numbers: Sequence[int], extra: str = "") -> str:
    """A file of the papers in the format; ``extra`` are whole lines that each abstract quotes."""
    before, after = AROUND.get(format, ("", ""))
    records = "".join(RECORD[format](number, extra) for number in numbers)
    return before + (f"{records.rstrip().rstrip(',')}\n" if format.endswith(" json") else records) + after


def papers_in(citation: Citation) -> set[int]:
    """The numbers of the papers whose text is in the record."""
    found = {int(number) for number in _MARK.findall(repr(citation))}
    return found | (
        {int(citation.pmid) - _PMID}
        if len(citation.pmid) == len(str(_PMID)) and citation.pmid.startswith("3000")
        else set()
    ) - {0}


def faults(source: SourceFile) -> list[str]:
    """What is wrong with the records of a file of such papers, and not said: two papers in one, one in two."""
    different = dict.fromkeys(replace(citation, number=0) for citation in source.citations)
    papers = [papers_in(citation) for citation in different]
    wrong = [f"record {place} holds {sorted(found)}" for place, found in enumerate(papers, 1) if len(found) > 1]
    if wrong and not source.doubt:
        return wrong
    torn = {n for i, found in enumerate(papers) for n in found if any(n in other for other in papers[:i])}
    return [f"{sorted(torn)} in several records"] if torn and not source.problems else []
