"""One HTML page that needs nothing but itself: no script, nothing that is fetched, and a policy that has browsers
refuse both.

Every text that is not ours passes ``words`` or ``foreign``: it can't become markup, and what turns the direction of
writing in it ends with it.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Sequence

from leads_local.terminal_text import safe_block, safe_line

_CSS = """
:root { color-scheme: light; }
body { font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 0 auto; max-width: 70rem;
  padding: 1rem 1.5rem 4rem; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 2.5rem; border-bottom: 2px solid #5a5a5a; }
a { color: #0b4f9e; } a:focus-visible, .scroll:focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
.skip { position: absolute; left: -999rem; } .skip:focus { left: 1rem; top: 1rem; background: #fff; padding: .5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: bold; padding: .25rem 0; }
th, td { border: 1px solid #8a8a8a; padding: .3rem .5rem; text-align: left; vertical-align: top; }
table.four { table-layout: fixed; } .four th:nth-child(1) { width: 27%; } .four th:nth-child(2) { width: 37%; }
.four th:nth-child(3) { width: 18%; } .four th:nth-child(4) { width: 18%; }
thead th { background: #e8edf2; } tbody th { font-weight: normal; }
th.report { background: #e8edf2; font-weight: bold; } th.kind { background: #f5f7f9; font-style: italic; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.deep { padding-left: 1.75rem; } .deeper { padding-left: 3.5rem; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; }
.state { font-weight: bold; padding: 0 .35rem; border: 1px solid #5a5a5a; border-radius: .25rem; white-space: nowrap; }
.proposed { background: #ffe97a; } .accepted { background: #b5efb5; } .corrected { background: #b5d9ff; }
.rejected { background: #dedede; text-decoration: line-through; }
dt { font-weight: bold; } dd { margin: 0 0 .5rem 1.5rem; }
figure { margin: 1.5rem 0; padding: 1rem; border: 1px solid #8a8a8a; break-inside: avoid; }
figure:target, tr:target { outline: 3px solid #b35900; }
figure img { max-width: 100%; height: auto; border: 1px solid #c4c4c4; }
blockquote { margin: .5rem 0 .5rem 1rem; padding-left: .75rem; border-left: 3px solid #8a8a8a; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } nav, .skip { display: none; }
  a { color: inherit; text-decoration: none; } thead { display: table-header-group; }
  tr, figure { break-inside: avoid; } h2, h3 { break-after: avoid; } .scroll { overflow: visible; } }
"""
_HASH = base64.b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()
_POLICY = f"default-src 'none'; img-src data:; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


def words(text: object) -> str:
    """A text of ours, or a number, as it may stand in HTML, also in an attribute."""
    return html.escape(safe_block(str(text)), quote=True)


def attribute(text: str) -> str:
    """A text from elsewhere as the value of an attribute."""
    return html.escape(safe_line(text), quote=True)


def foreign(text: str) -> str:
    """A text from elsewhere: from a paper, a citation, a model or a person. Its direction of writing is its own."""
    return f'<bdi class="said">{words(text)}</bdi>'


def link(anchor: str, label: str) -> str:
    """A link within the page; ``label`` is HTML."""
    return f'<a href="#{anchor}">{label}</a>'


def section(anchor: str, heading: str, parts: Iterable[str]) -> str:
    """A part of the page with its heading; ``parts`` are HTML."""
    return f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{words(heading)}</h2>{"".join(parts)}</section>\n'


def paragraph(text: str) -> str:
    return f"<p>{words(text)}</p>"


def bullets(items: Iterable[str]) -> str:
    """A list; ``items`` are HTML."""
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def described(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of names, each with its text from elsewhere."""
    return f"<dl>{''.join(f'<dt>{words(name)}</dt><dd>{foreign(text)}</dd>' for name, text in pairs)}</dl>"


def table(caption: str, header: Sequence[str], bodies: Iterable[str]) -> str:
    """A table that can be scrolled with the keyboard where it is wider than the window; ``bodies`` are HTML, each with
    its rows in a ``tbody``."""
    columns = "".join(f'<th scope="col">{words(name)}</th>' for name in header)
    widths = ' class="four"' if len(header) == 4 else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{attribute(caption)}">'
        f"<table{widths}><caption>{words(caption)}</caption><thead><tr>{columns}</tr></thead>{''.join(bodies)}</table></div>"
    )


def picture(png: bytes, width: int, height: int, about: str) -> str:
    """A picture inside the page; ``about`` is read to whoever can't see it."""
    data = base64.b64encode(png).decode("ascii")
    size = f'width="{width}" height="{height}"'
    return f'<img src="data:image/png;base64,{data}" {size} alt="{attribute(about)}">'


def begin(title: str, contents: Sequence[tuple[str, str]]) -> str:
    """The page up to its first section; ``contents`` are the anchors and headings of its sections."""
    items = bullets(link(anchor, words(heading)) for anchor, heading in contents)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{attribute(title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#main">Skip to the content</a>\n<header><h1>{foreign(title)}</h1></header>\n'
        f'<nav aria-label="Contents">{items}</nav>\n<main id="main" tabindex="-1">\n'
    )


END = "</main>\n</body>\n</html>\n"
