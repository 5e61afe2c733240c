"""A record that a person types by hand: checked as a correction is, and a source of its own, so that it is counted,
told and withdrawn like any other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from leads_local.citations import SourceFile, normalise
from leads_local.errors import InputError
from leads_local.records import Citation
from leads_local.review.annotations import Field, stored_text

FORMAT = "typed by hand"
FIELDS = (*Field, "volume", "issue", "pages", "keywords", "urls")
"""What can be typed of a record."""
_LONGEST_NAME = 60  # characters of a title, in what the source is called


def citation_of(fields: Mapping[str, str]) -> Citation:
    """The citation that was typed: a text for each field, authors, keywords and links with semicolons between them.

    Raises InputError where there is no title, a field is none of ``FIELDS``, or its text can't be what it holds.
    """
    if unknown := ", ".join(fields.keys() - set(FIELDS)):
        raise InputError(f"A record has no field {unknown}.", f"Its fields are {', '.join(FIELDS)}.")
    told = {field: stored_text(field, fields.get(field, "")) for field in Field}
    volume, issue, pages = (normalise.one_line(fields.get(name, "")) for name in ("volume", "issue", "pages"))
    if not told[Field.TITLE]:
        raise InputError("A record needs a title.", "Type it as it stands in the publication.")
    return Citation(
        title=told[Field.TITLE],
        abstract=told[Field.ABSTRACT],
        authors=tuple(json.loads(told[Field.AUTHORS])),
        year=int(told[Field.YEAR]) if told[Field.YEAR] else None,
        journal=told[Field.JOURNAL],
        doi=told[Field.DOI],
        pmid=told[Field.PMID],
        language=told[Field.LANGUAGE],
        kind=told[Field.KIND],
        volume=volume,
        issue=issue,
        pages=pages,
        keywords=tuple(normalise.split_keywords(fields.get("keywords", ""))),
        urls=tuple(normalise.split_links(fields.get("urls", ""))),
        number=1,
    )


def source_of(citation: Citation) -> SourceFile:
    """The source of a typed record, which is known by all that was typed."""
    told = json.dumps(asdict(citation), ensure_ascii=False, sort_keys=True)
    title = citation.title.replace("/", " ").replace("\\", " ")
    shown = title if len(title) <= _LONGEST_NAME else f"{title[:_LONGEST_NAME]}…"
    sha256 = hashlib.sha256(f"{FORMAT}\0{told}".encode()).hexdigest()
    return SourceFile(f"{FORMAT}: {shown}", sha256, FORMAT, "", (citation,), file_sha256=sha256)
