"""CSL-JSON, as Zotero, Pandoc and most tools that format references read it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from leads_local.citations.outgoing import rest
from leads_local.records import Citation

_TYPES = {"conference": "paper-conference", "web": "webpage", "article": "article-journal"}


def write(citations: Iterable[Citation], out: TextIO) -> int:
    """Returns how many records there were."""
    count = 0
    out.write("[")
    for count, citation in enumerate(citations, start=1):
        text = json.dumps(_item(citation, count), ensure_ascii=False)
        out.write(f"{',' if count > 1 else ''}\n{text}")
    out.write("\n]\n")
    return count


def _item(citation: Citation, number: int) -> dict[str, Any]:
    notes, work = rest.notes(citation), rest.kind_of_work(citation.kind)
    item: dict[str, Any] = {
        "id": f"record-{number}",
        "type": _TYPES.get(work, work),
        "title": citation.title,
        "author": [_name(author) for author in citation.authors],
        "container-title": citation.journal,
        "volume": citation.volume,
        "issue": citation.issue,
        "page": citation.pages,
        "DOI": citation.doi,
        "PMID": citation.pmid,
        "abstract": citation.abstract,
        "language": citation.language,
        "genre": citation.kind,
        "keyword": "; ".join(citation.keywords),
        "URL": citation.urls[0] if citation.urls else "",
        "note": "\n".join([*notes, *(f"URL: {url}" for url in citation.urls[1:])]),
    }
    if citation.year is not None:
        item["issued"] = {"date-parts": [[citation.year]]}
    return {name: value for name, value in item.items() if value}


def _name(author: str) -> dict[str, str]:
    family, comma, given = author.partition(",")
    return {"family": family.strip(), "given": given.strip()} if comma else {"literal": author}
