"""What records are said to be: publication types of PubMed, Embase, Scopus and Web of Science, and the reference types
of RIS, BibTeX and reference managers, of which each source has its own words for the same.

A reference manager says of nearly everything that it is a journal article, and so does PubMed until a record is
indexed: such a type does not tell what kind of article it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from leads_local.citations import normalise

ARTICLE = "journal article"
_SAME = """
journal article = article, articles, article journal, jour, ejour, jfull, journal, original article, research article
book = book whole, edbook, edited book, ebook, monograph
book section = book chapter, chapter, chap, echap, incollection, inbook, in book, chapter in book
thesis = thes, phdthesis, mastersthesis, dissertation, academic dissertation, dissertation thesis
report = rprt, techreport, technical report
patent = pat
newspaper article = newspaper
magazine article = mgzn
conference paper = conf, cpaper, proceedings paper, inproceedings, conference proceedings, conference proceeding
conference abstract = abst, meeting abstract, congress
conference review =
unpublished work = unpb, unpublished
preprint = preprints
web page = elec, electronic, online, webpage
dataset = data, data set
review = review article, literature review
systematic review =
meta analysis = metaanalysis
scoping review =
randomized controlled trial = rct
controlled clinical trial =
clinical trial =
clinical trial protocol = protocol, study protocol
observational study =
case reports = case report, case
editorial = editorial material
letter = letters
comment = commentary, comments
note =
short survey =
news = news item
guideline =
practice guideline =
consensus development conference =
consensus development conference nih =
clinical conference =
published erratum = erratum, correction, corrigendum
retracted publication = retracted, retracted article
retraction of publication = retraction, retraction notice
expression of concern =
biography = biographical item, autobiography
interview = personal narrative, personal narratives
historical article =
lecture = lectures, address, addresses
patient education handout =
introductory journal article =
twin study =
qualitative research =
"""
_FORMS = frozenset(
    {
        *(ARTICLE, "book", "book section", "thesis", "report", "patent", "newspaper article", "magazine article"),
        *("conference paper", "conference abstract", "web page", "dataset", "unpublished work"),
    }
)
_VAGUE = ("research support", "clinical trial phase", "clinical trial veterinary")
_SAYING_NOTHING = frozenset(
    {
        *(ARTICLE, "clinical trial", "clinical study", "comparative study", "multicenter study", "evaluation study"),
        *("evaluation studies", "validation study", "validation studies", "english abstract", "early access"),
        *("article in press", "in press", "video audio media", "webcast", "controlled clinical trial"),
    }
)


def _read() -> Mapping[str, str]:
    found = {}
    for line in _SAME.strip().splitlines():
        name, others = (part.strip() for part in line.split("="))
        found.update({other.strip(): name for other in (name, *others.split(",")) if other.strip()})
    return MappingProxyType(found)


_NAMES = _read()


def to_type(text: str) -> str:
    """The one name for a type, whatever its source calls it; its own words where it is known here by no other."""
    words = normalise.fold_words(text)
    if words[-2:] == ["pdf", "only"]:  # Ovid's remark
        words = words[:-2]
    key = " ".join("randomized" if word == "randomised" else word for word in words)
    return _NAMES.get(key, key)


def is_known(name: str) -> bool:
    """Whether the name (of ``to_type``) is a type at all, not something else in the same field."""
    return name in _TYPES or name.startswith(_VAGUE)


def is_form(name: str) -> bool:
    """Whether it says in what form something appeared, and of a journal article no more than that it is one."""
    return name in _FORMS


def tells(name: str) -> bool:
    """Whether a record of this type is known to be of no other kind."""
    return name in _TYPES and name not in _SAYING_NOTHING


_TYPES = frozenset(_NAMES.values()) | _SAYING_NOTHING
