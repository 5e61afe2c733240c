"""What makes two spellings of one fact the same: DOI, PMID, year, names, keywords and titles, in one place.

Readers use the first group to fill a Citation and keep the original wherever normalising would lose something.
Comparing uses ``title_key``, ``name_key`` and ``first_page``; their results are never stored or shown. Nothing here
raises on any text.
"""

from __future__ import annotations

import ast
import html
import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import unquote

_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"“”]+")
_DOI_ONLY = re.compile(
    r"(?:https?:/{1,2})?(?:(?:dx\.|www\.)?doi\.org/+)?(?:doi:?\s*)*(10\..*?)(?:\s*\[doi\])?[\s.]*", re.IGNORECASE
)
_PLAIN_DOI = re.compile(r"10\.\d{4,9}/[a-zA-Z0-9.()_-]{0,100}\d", re.ASCII)  # what needs no closer look
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?:(?!\d)|(?=(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d)))")
_PMID_ONLY = re.compile(
    r"\s*(?:(?:pubmed|medline|pmid)[\s:#-]*)*(?:id[\s:]*)?0*([1-9]\d{0,8})(?:\.0+)?\s*(?:\[(?:pmid|pubmed)\])?\s*",
    re.IGNORECASE,
)
_PMID_WITHIN = (
    re.compile(
        r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/|/entrez/\S*list_uids=)0*([1-9]\d{0,8})(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(r"(?:^|[,;])[ \t]*(?:pubmed|pmid)[ \t:]+0*([1-9]\d{3,8})(?!\d)", re.IGNORECASE | re.MULTILINE),
    re.compile(r"(?<!\d)0*([1-9]\d{3,8})\s*\[(?:pmid|pubmed)\]", re.IGNORECASE),
    re.compile(r"^MEDLINE:0*([1-9]\d{3,8})$"),
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.?-?){1,4}", re.UNICODE)
_ENTITY_SAFE = re.compile(r"(?:&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,5});|[^;])+")
_MARKUP = re.compile(
    r"</?(?:[a-z]{1,4}:)?(?:i|b|u|em|strong|sub|sup|inf|span|scp|sc|p|br|font|math|m[a-z]{1,10})\b[^<>]*>",
    re.IGNORECASE,
)
_WITHOUT_PARTS = str.maketrans(
    {"ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "ł": "l", "Ł": "l", "ı": "i", "ħ": "h", "Ħ": "h",
     "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th", "ŋ": "n", "Ŋ": "n"}
)  # fmt: skip
"""Letters that Unicode does not take apart into a letter and its accent."""
_NAME_SUFFIX = re.compile(r"(?:[,\s]+(?:Jr|Sr|II|III|IV|2nd|3rd)\.?)+$", re.IGNORECASE)
_DOI_TAIL = re.compile(
    r"(?:[?#].*|[;&](?:jsessionid|amp|nosfx|journalcode)\b.*|/(?:abstract|abs|summary|full(?:text)?|full/html|pdf|epdf|"
    r"e?pdf/?|html?|issuetoc|references|meta|asset.*)|\.(?:pdf|full(?:\.pdf)?|abstract|html?|xml|long|short))$",
    re.IGNORECASE,
)
_LONGEST_DOI, _LONGEST_HINT = 300, 5000
_GREEK = {
    ord(letter): f" {name} "
    for name, letters in {
        "alpha": "αΑ", "beta": "βΒϐ", "gamma": "γΓ", "delta": "δΔ", "epsilon": "εϵ", "kappa": "κϰ", "lambda": "λΛ",
        "mu": "μµ",
        "omega": "ωΩ", "sigma": "σςΣ", "tau": "τ", "theta": "θϑ", "zeta": "ζ", "pi": "π", "psi": "ψΨ", "chi": "χ",
        "phi": "φϕΦ",
    }.items()
    for letter in letters
}  # fmt: skip


def is_one_line(text: str) -> bool:
    """Whether the text certainly has no white space but single spaces between its words."""
    return bool(text) and text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def trim_lines(text: str) -> str:
    """The text with its line ends kept, each line without outer white space, the whole without blank ends."""
    if "\n" not in text and "\r" not in text:
        return text.strip()
    return "\n".join(line.strip() for line in re.split(r"\r\n|\r|\n", text)).strip()


def _trim_doi(text: str) -> str:
    text = re.sub(r"\[doi\]$", "", text.rstrip(), flags=re.IGNORECASE)
    while text:
        last = text[-1]
        opener = {")": "(", "]": "[", "}": "{", ">": "<"}.get(last)
        if last in ".,;:'’" or (opener and text.count(opener) < text.count(last)):
            text = text[:-1]
        else:
            break
    return text


def _without_tail(doi: str) -> str:
    """A DOI without what the link that it stood in had behind it."""
    while (shorter := _DOI_TAIL.sub("", doi)) != doi and _DOI.fullmatch(shorter):
        doi = _trim_doi(shorter)
    return doi


def find_doi(text: str) -> str:
    """The first DOI that stands anywhere in the text (a link, a note), lower-case and without a resolver, or ""."""
    text = text[:_LONGEST_HINT]
    if "10." not in text:
        return ("%2f" in text.lower() and "10%2e" in text.lower() and find_doi(unquote(text))) or ""
    if "%2" in text and re.search(r"10\.\d{4,9}%2f", text, re.IGNORECASE):
        text = (
            re.split(r"[&?]", unquote(text[text.index("10.") :]))[0]
            if "doi=" in text or "doi:" in text
            else unquote(text)
        )
    found = _DOI.search(html.unescape(text))
    whole = found is not None and found.end() < _LONGEST_HINT
    return _without_tail(_trim_doi(found.group())).lower() if found and whole else ""


def parse_doi(text: str) -> tuple[str, bool]:
    """The DOI of a DOI field, and whether the field held nothing else, so that nothing is lost when only the DOI is
    kept."""
    if _PLAIN_DOI.fullmatch(text):
        return text.lower(), True
    doi = find_doi(text)
    match = _DOI_ONLY.fullmatch(text.strip()) if len(text) < _LONGEST_DOI else None
    return doi, bool(match and _trim_doi(match.group(1)).lower() == doi)


def parse_pmid(text: str) -> str:
    """The digits when the text is a PMID and nothing else (``PMID: 123``, ``123[pmid]``), or ""."""
    match = _PMID_ONLY.fullmatch(text) if len(text) < _LONGEST_DOI else None
    return match.group(1) if match else ""


def find_pmid(text: str) -> str:
    """A PMID that is marked as one somewhere in the text (a PubMed link, ``PUBMED 123``, ``123[pmid]``), or ""."""
    text = text[:_LONGEST_HINT]
    folded = text.lower()
    if not ("pubmed" in folded or "pmid" in folded or "list_uids=" in folded or "medline:" in folded):
        return ""
    for pattern in _PMID_WITHIN:
        if found := pattern.search(text):
            return found.group(1)
    return ""


def find_year(text: str) -> int | None:
    """The first plausible publication year (1500 to 2099) in a date of any form, or None."""
    found = _YEAR.search(text)
    return int(found.group(1)) if found else None


def split_keywords(text: str) -> list[str]:
    """A keyword field as its keywords: one a line, or separated by semicolons (those of HTML entities excepted)."""
    if ";" not in text and "\n" not in text and "\r" not in text:
        return [whole] if (whole := one_line(text)) else []
    parts = (part for line in re.split(r"[\r\n]+", text) for part in _ENTITY_SAFE.findall(line))
    return [part for raw in parts if (part := one_line(raw))]


def split_all_keywords(texts: Sequence[str]) -> list[str]:
    """What ``split_keywords`` makes of each, one after another."""
    whole = " ".join(texts)
    if not (";" in whole or "\n" in whole or "\r" in whole):
        return list(texts) if is_one_line(whole) else [word for text in texts if (word := " ".join(text.split()))]
    return [part for text in texts for part in split_keywords(text)]


def _parse_list(text: str) -> list[str] | None:
    """The strings of a list that was written as Python or JSON writes it, or None when the text is no such list."""
    if not (text.startswith("[") and text.endswith("]")) or len(text) > 200_000:
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(value, list):
        return None
    return [str(item.get("name", item) if isinstance(item, dict) else item) for item in value]


def split_items(text: str) -> list[str]:
    """A cell that holds several values: a written-out list, lines, or values separated by semicolons or bars."""
    listed = _parse_list(text.strip())
    if listed is not None:
        return [item for raw in listed if (item := one_line(raw))]
    if ";" not in text and "|" in text:
        text = text.replace("|", "\n")
    return split_keywords(text)


def split_links(text: str) -> list[str]:
    """A link field as its links: one a line, or several that follow each other with or without a semicolon."""
    words = text.split()
    if len(words) < 2 and ";" not in text:
        return words
    parts = re.split(r"[\r\n]+|[;,]?\s+(?=(?:https?|ftp)://|www\.)|;(?=(?:https?|ftp)://)", text)
    return [part for raw in parts if (part := one_line(raw))]


def _are_initials(word: str) -> bool:
    return bool(_INITIALS.fullmatch(word)) and word.replace(".", "").replace("-", "").isupper()


def _ends_in_initials(name: str) -> bool:
    words = name.split()
    return len(words) > 1 and _are_initials(words[-1])


def split_authors(text: str) -> list[str]:
    """An author cell as its authors, in order, each as it was written.

    Understands lists, lines, semicolons, bars, BibTeX's ``and``, and commas where every part is a surname with initials
    (``Liu R., Adler D.G.``) or every second one initials with full stops (``Liu, R., Adler, D.G.``). What could be
    split in two ways is left whole.
    """
    found = split_items(text)
    if len(found) != 1:
        return found
    whole, rest = found[0], []
    if match := re.fullmatch(r"(.+?),? (et al\.?)", whole):
        whole, rest = match.group(1), [match.group(2)]
    if re.search(r"\s+and\s+", whole):
        return [part.strip() for part in re.split(r"\s+and\s+", whole) if part.strip()] + rest
    parts = [part.strip() for part in whole.rstrip(";").split(",")]
    if len(parts) > 1 and all(_ends_in_initials(part) for part in parts):
        if parts[-1].endswith(".") and "." not in whole[:-1]:  # Europe PMC ends the list with a full stop
            parts[-1] = parts[-1][:-1]
        return parts + rest
    names, initials = parts[0::2], parts[1::2]
    if (
        len(parts) > 2
        and len(names) == len(initials)
        and all(_are_dotted(*pair) for pair in zip(names, initials, strict=True))
    ):
        return [", ".join(pair) for pair in zip(names, initials, strict=True)] + rest
    return found


def _are_dotted(surname: str, initials: str) -> bool:
    """Whether it is a name such as Scopus wrote them: ``Lee, A.B.``."""
    return not _are_initials(surname) and "." in initials and _are_initials(initials.replace(" ", ""))


def fold(text: str) -> str:
    """For comparing: entities and markup resolved, accents and case folded, Greek letters spelt out."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _MARKUP.sub("", text)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.translate(_GREEK).translate(_WITHOUT_PARTS)).casefold()
    return "".join(ch for ch in text if not unicodedata.combining(ch))


_WORD = re.compile(r"[^\W_]+")


def fold_words(text: str) -> list[str]:
    """The folded letters and digits of a text as words."""
    return _WORD.findall(fold(text))


def title_key(title: str) -> str:
    """Equal for two spellings of one title: case, accents, punctuation and markup make no difference. What databases
    write beside it is taken off by ``title_notes``."""
    return " ".join(fold_words(title))


def surname(author: str) -> str:
    """The surname as it stands in ``Last, First``, ``Last FM``, ``Last FM Jr`` or ``First Last``."""
    author = _NAME_SUFFIX.sub("", author) or author
    if "," in author:
        return author.split(",", 1)[0].strip()
    parts = author.split()
    while len(parts) > 1 and _are_initials(parts[-1]):
        parts.pop()
    trimmed = len(parts) < len(author.split())
    return " ".join(parts) if trimmed and not _are_initials(parts[0]) else parts[-1] if parts else ""


def name_key(author: str) -> str:
    """A surname for comparing: folded letters only."""
    return "".join(fold_words(surname(author)))


_PAGE = re.compile(r"([a-z]{0,4})0*(\d+)([a-z]?)")
_NO_PAGE = re.compile(r"\b(?:pp?|pages?|article|art|no)\b\.?")


def first_page_key(pages: str) -> str:
    """The first page for comparing: ``e12-e19`` and ``E12`` give ``e12``; leading zeros and words such as ``pp.`` are
    dropped."""
    if not pages:
        return ""
    found = _PAGE.search(_NO_PAGE.sub(" ", fold(pages)))
    return "".join(found.groups()) if found else ""


def first_number(text: str) -> str:
    """The first number in a volume or issue, which databases dress up in many ways, without leading zeros, or ""."""
    found = re.search(r"\d+", text)
    return found.group().lstrip("0") if found else ""
