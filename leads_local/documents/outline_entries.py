"""New bookmarks before those that a PDF has, which are left as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leads_local.documents.marks import Bookmark

_MOST = 100_000  # bookmarks of a paper; a damaged file's may go round in circles


def add_bookmarks(pymupdf: Any, pdf: Any, bookmarks: Sequence[Bookmark]) -> None:
    """Put the bookmarks at the head of the outline. Those deeper than the first level are shown closed where they are
    many, as readers do."""
    if not bookmarks:
        return
    root = _outline_root(pdf)
    first, last, shown = _top_entries(pdf, root)
    entries = [pdf.get_new_xref() for _ in bookmarks]
    for place in range(len(bookmarks)):
        _write_entry(pymupdf, pdf, entries, bookmarks, place, root)
    tops = [entry for entry, bookmark in zip(entries, bookmarks, strict=True) if bookmark.level == 1]
    if first:
        pdf.xref_set_key(tops[-1], "Next", f"{first} 0 R")
        pdf.xref_set_key(first, "Prev", f"{tops[-1]} 0 R")
    pdf.xref_set_key(root, "First", f"{tops[0]} 0 R")
    pdf.xref_set_key(root, "Last", f"{last or tops[-1]} 0 R")
    pdf.xref_set_key(root, "Count", str(shown + len(tops)))


def _outline_root(pdf: Any) -> int:
    """The number of the outline's own object, made where there is none."""
    catalog = pdf.pdf_catalog()
    if root := _reference(pdf, catalog, "Outlines"):
        return root
    root = int(pdf.get_new_xref())
    pdf.update_object(root, "<</Type/Outlines>>")
    pdf.xref_set_key(catalog, "Outlines", f"{root} 0 R")
    return root


def _top_entries(pdf: Any, root: int) -> tuple[int, int, int]:
    """The first and the last of the outline's own top entries, 0 where there are none that hold together; and how many
    entries are shown when it is opened."""
    first = _reference(pdf, root, "First")
    seen, entry, last = {root}, first, 0
    while entry and entry not in seen and len(seen) < _MOST:
        seen.add(entry)
        last, entry = entry, _reference(pdf, entry, "Next")
    if entry or not last:  # they go round in circles, or there are none
        return 0, 0, 0
    kind, count = pdf.xref_get_key(root, "Count")
    return first, last, abs(int(count)) if kind == "int" else len(seen) - 1


def _reference(pdf: Any, xref: int, key: str) -> int:
    """The number of the object that a key refers to, 0 for none that is there."""
    kind, value = pdf.xref_get_key(xref, key)
    number = int(value.split()[0]) if kind == "xref" else 0
    return number if 0 < number < pdf.xref_length() else 0


def _write_entry(
    pymupdf: Any, pdf: Any, entries: Sequence[int], bookmarks: Sequence[Bookmark], place: int, root: int
) -> None:
    bookmark, level = bookmarks[place], bookmarks[place].level
    before = [at for at in range(place - 1, -1, -1) if bookmarks[at].level < level]
    start = before[0] + 1 if before else 0
    end = next((at for at in range(place + 1, len(bookmarks)) if bookmarks[at].level < level), len(bookmarks))
    beside = [at for at in range(start, end) if bookmarks[at].level == level]
    inside_end = next((at for at in range(place + 1, len(bookmarks)) if bookmarks[at].level <= level), len(bookmarks))
    inside = [at for at in range(place + 1, inside_end) if bookmarks[at].level == level + 1]
    links = {
        "Parent": entries[before[0]] if before else root,
        "Prev": next((entries[at] for at in reversed(beside) if at < place), 0),
        "Next": next((entries[at] for at in beside if at > place), 0),
        "First": entries[inside[0]] if inside else 0,
        "Last": entries[inside[-1]] if inside else 0,
    }
    page = pdf[bookmark.page - 1]
    point = pymupdf.Point(0, max(0.0, bookmark.top)) * page.derotation_matrix * ~page.transformation_matrix
    parts = [f"/{key} {number} 0 R" for key, number in links.items() if number]
    parts += [f"/Count -{len(inside)}"] if inside else []
    parts.append(f"/Dest[{page.xref} 0 R/XYZ {point.x:.2f} {point.y:.2f} 0]")
    pdf.update_object(entries[place], f"<</Title{pymupdf.get_pdf_str(bookmark.title)}{''.join(parts)}>>")
