"""The names that databases, screening tools and spreadsheets give to columns, by what they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from leads_local.citations import normalise

_NAME = "display name"
COLUMN_ALIASES: dict[str, tuple[str, ...]] = {
    "title": (
        "title", "article title", "primary title", "document title", "paper title", "study title", "titles", "ti",
        "t1", "scientific title", "official title", "public title", "brief title", _NAME, "titel", "titre", "título",
        "titulo", "titolo",
    ),
    "abstract": (
        "abstract", "abstracts", "abstract note", "notes abstract", "abstract text", "ab", "n2", "brief summary",
        "description", "zusammenfassung", "résumé", "resumen", "riassunto", "resumo",
    ),
    "journal": (
        "journal", "source title", "journal title", "publication title", "journal/book", "journal name", "periodical",
        "secondary title", "pubtitle", "full journal", "jf", "so", "jt", "source", "source register", "venue",
        "publication name", "primary location.source.display name", "zeitschrift", "revue", "revista", "rivista",
    ),
    "volume": (
        "volume", "vol", "journal volume", "vl", "vi", "biblio.volume", "band", "jahrgang", "tome", "volumen",
    ),
    "issue": (
        "issue", "issue number", "journal issue", "number", "is", "ip", "no", "biblio.issue", "heft", "numéro",
        "número", "numero",
    ),
    "pages": (
        "pages", "page", "pagination", "page range", "page numbers", "page info", "pg", "seiten", "páginas",
        "paginas", "pagine",
    ),
    "start_page": (
        "start page", "page start", "first page", "beginning page", "biblio.first page", "bp", "sp", "art. no",
        "article number", "article no",
    ),
    "end_page": (
        "end page", "page end", "last page", "ending page", "biblio.last page", "ep",
    ),
    "language": (
        "language", "languages", "language of article", "article language", "language of original document", "la",
        "lang", "sprache", "langue", "idioma", "lingua",
    ),
    "year": (
        "year", "publication year", "published year", "pub year", "year published", "year of publication", "py",
        "date published", "publication date", "date of publication", "pubdate", "pub date", "date", "dp",
        "date registration", "first posted", "first publication date", "yr", "jahr", "erscheinungsjahr", "année",
        "año", "ano", "anno",
    ),
    "doi": (
        "doi", "digital object identifier", "digital object identifier (doi)", "doi number", "do", "di", "doi link",
        "article doi", "ids.doi",
    ),
    "pmid": (
        "pmid", "pubmed id", "medline pmid", "pubmedid", "pubmed", "pm", "pubmed pmid", "ids.pmid", "medline id",
    ),
    "kind": (
        "publication type", "document type", "item type", "type of reference", "doctype", "type", "reference type",
        "pub type", "article type", "doc types", "pub types", "doc type", "pt", "dt",
    ),
    "authors": (
        "authors", "author", "author names", "author/s", "author(s)", "au", "a1", "first authors", "author list",
        "author full names", "af", "author string", "contributors", "authorships.author.display name", "autoren",
        "auteurs", "auteur", "autores", "autori", "autor",
    ),
    "keywords": (
        "keywords", "author keywords", "index keywords", "keywords plus", "mesh terms", "mesh", "subjects",
        "subject terms", "identifier keywords", "keywords.display name", "kw", "de", "schlagwörter",
        "schlüsselwörter", "mots-clés", "palabras clave", "palavras-chave", "parole chiave",
    ),
    "urls": (
        "url", "urls", "link", "links", "open url link", "full text link", "embase link", "article url", "plink",
        "study url", "ur", "web address", "source urls", "external url", "document url", "full text url",
        "source linkout", "dimensions url", "landing page url",
    ),
    "accession": (
        "accession number", "an", "accession", "id", "record id", "store id", "ext id",
    ),
    "database": (
        "database", "source database", "database name", "db", "data source", "long dbname",
    ),
}  # fmt: skip


_ALIASES = frozenset(alias for aliases in COLUMN_ALIASES.values() for alias in aliases)
_LONGEST_NAME = 200  # characters


def column_keys(name: str) -> tuple[str, str]:
    """A column's name for looking it up, as it stands and cut at capitals: ``Publication_Year``, ``PublicationYear``,
    ``PubMed ID``."""
    plain = normalise.one_line(re.sub(r"[_\ufeff\"*:]+", " ", name)).strip(" .-")
    return plain.lower(), re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).lower()


def has_title(columns: Sequence[str]) -> bool:
    """Whether one of the names is that of a column of titles; OpenAlex's is no more than a name, unless the year is
    there, too."""
    keys = {key for name in columns for key in column_keys(name)}
    return any(key in COLUMN_ALIASES["title"] and (key != _NAME or "publication year" in keys) for key in keys)


def count_known(columns: Sequence[str]) -> int:
    """How many of the names are names of columns that are known here."""
    return sum(len(name) < _LONGEST_NAME and not _ALIASES.isdisjoint(column_keys(name)) for name in columns)
