"""Entities and tags of web pages become words; what only looks like one stays, and our own files come back as they
were."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leads_local.citations import dumps
from leads_local.citations.plain_text import is_no_abstract, plain
from leads_local.citations.source import read_text
from leads_local.records import Citation


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("TNF-&alpha; and <i>E. coli</i> &amp; pain", "TNF-α and E. coli & pain"),
        ("CO&lt;sub&gt;2&lt;/sub&gt; at 5 &#176;C", "CO2 at 5 °C"),
        ('<jats:p class="x">One.</jats:p><br/>Two.', "One.\n\nTwo."),
        ("&amp;amp;lt;", "<"),
        ("p &lt; 0.05", "p < 0.05"),
        ("p<0.05 and b>3, AT&T, R&D;, a<b and c>d", "p<0.05 and b>3, AT&T, R&D;, a<b and c>d"),
        ("&notanentity; <unknown>", "&notanentity; <unknown>"),
    ],
)
def test_what_a_page_would_show(text: str, words: str) -> None:
    assert plain(text) == words
    assert plain(words) == words


@pytest.mark.parametrize(
    "text",
    ["NA", "n/a", "N.A", "-NA-", "None", "[No abstract available]", "No abstract available.", "Abstract not available"],
)
def test_what_stands_in_place_of_an_abstract(text: str) -> None:
    assert is_no_abstract(text) or text == "N.A"
    _, parsed = read_text(f"TY  - JOUR\nTI  - a\nAB  - {text}\nER  - \n", "x.ris")
    (citation,) = parsed.citations
    assert (citation.abstract, citation.extra) == (("", (("AB", text),)) if is_no_abstract(text) else (text, ()))


@pytest.mark.parametrize("text", ["Nausea was frequent.", "None of the patients died.", "Na", "The abstract", ""])
def test_abstracts_that_begin_like_none(text: str) -> None:
    assert is_no_abstract(text) == (text == "Na")


LITERAL = Citation(
    title="The &amp; sign and <b>",
    abstract="NA",
    authors=("A &amp; B",),
    journal="J <i>x</i>",
    keywords=("&lt;",),
    number=1,
)


@pytest.mark.parametrize("format", ["ris", "csv", "jsonl"])
@pytest.mark.parametrize("citation", [LITERAL, replace(LITERAL, abstract="", title="x")])
def test_what_was_meant_literally_comes_back_so(citation: Citation, format: str) -> None:
    _, parsed = read_text(dumps([citation], format).replace("\r\n", "\n"), f"x.{format}")
    assert [replace(one, kind=citation.kind) for one in parsed.citations] == [citation]


def test_every_field_that_people_read_is_in_plain_words() -> None:
    fields = "TI  - A &amp; b\nAU  - M&uuml;ller, A\nJF  - J &amp; K\nKW  - &beta;; <i>x</i>\nAB  - <p>c &gt; d</p>\n"
    text = f"TY  - JOUR\n{fields}ER  - \n"
    (one,) = read_text(text, "x.ris")[1].citations
    assert (one.title, one.authors, one.journal, one.keywords, one.abstract) == (
        "A & b",
        ("Müller, A",),
        "J & K",
        ("β", "x"),
        "c > d",
    )
