"""What each format's sample holds, written down by hand: records, and of one record every field."""

from __future__ import annotations

import pytest

from leads_local.citations.source import read_text
from leads_local.records import Citation
from tests.citations import papers

M = "p007q"
BOTH = (f"Obi{M}, Ngozi", f"Lee{M}, Kim")
ABSTRACT = f"We ran {M} trials.\nWalking {M} helped."
TABLE = Citation(f"Walking {M} for knees", ABSTRACT, BOTH, 1907, f"Journal of {M}", doi=f"10.5555/{M}")
NBIB = {
    "title": f"Walking {M} for knees {M}.",
    "abstract": f"We ran {M} trials. Walking {M} helped.",
    "volume": "7",
    "authors": (f"Obi{M}, Ngozi",),
    "year": 1907,
    "journal": f"Journal of {M}",
    "pages": "71-9",
    "doi": f"10.5555/{M}",
    "language": "eng",
    "kind": "Journal Article",
}
PLACE = {"volume": "7", "pages": "71-79", "keywords": (f"knees {M}",)}
ROW = {"title": TABLE.title, "abstract": ABSTRACT, "authors": BOTH, "journal": TABLE.journal, "doi": TABLE.doi}
EXPECTED: dict[str, dict[str, object]] = {
    "ris": ROW | PLACE | {"year": 1907, "kind": "JOUR"},
    "nbib": NBIB | {"pmid": "30000007"},
    "eric": NBIB,
    "enw": ROW | PLACE | {"year": 1907, "pages": "71-9", "kind": "Journal Article"},
    "wos": ROW
    | PLACE
    | {"title": f"Walking {M} for knees {M}", "abstract": f"We ran {M} trials. Walking {M} helped.", "kind": "J"}
    | {"authors": (f"Obi{M}, N", f"Lee{M}, K"), "journal": f"JOURNAL OF {M}", "year": 1907},
    "ovid": {"title": TABLE.title, "abstract": ABSTRACT, "authors": (f"Obi{M} N",), "journal": TABLE.journal}
    | {"year": 1907, "volume": "7", "issue": "1", "pages": "71-9"},
    "bibtex": ROW | {"year": 1907, "volume": "7", "keywords": (f"knees {M}",), "kind": "article"},
    "csv": ROW | {"year": 1907},
    "tsv": ROW | {"year": 1907},
    "by row": ROW,
    "jsonl": ROW | {"year": 1907},
    "csl json": ROW | {"year": 1907, "kind": "article-journal"},
    "endnote": ROW | {"year": 1907},
    "pubmed": {"title": TABLE.title, "journal": TABLE.journal, "year": 1907, "pmid": "30000007"}
    | {"abstract": f"We ran {M} trials. Walking {M} helped."},
    "cochrane": ROW
    | PLACE
    | {"authors": (f"Obi{M} N", f"Lee{M} K"), "year": 1907, "pages": "71-9", "urls": (f"https://example.org/{M}",)},
    "trial json": {"title": TABLE.title, "abstract": ABSTRACT, "authors": (f"Obi{M}",), "year": 1907}
    | {"journal": "ClinicalTrials.gov"},
    "ictrp": {"title": TABLE.title, "authors": (f"Obi{M}",), "year": 1907, "keywords": (f"knees {M}",)}
    | {"abstract": f"Condition: knees {M}\nInclusion criteria: We ran {M} trials.\nWalking {M}."},
}


@pytest.mark.parametrize("format", sorted(papers.RECORD))
def test_records_and_fields_of_each_format(format: str) -> None:
    _, parsed = read_text(papers.written(format, range(5, 9)), "sample.txt")
    assert len(parsed.citations) == 4
    held = {name: getattr(parsed.citations[2], name) for name in Citation.__slots__ if name not in ("extra", "number")}
    assert {name: value for name, value in held.items() if value} == EXPECTED[format]
    assert not [problem for problem in parsed.problems if "has" in problem.message]
