"""Queries are taken apart only where that is certain, and taking apart keeps every term, quote and tag."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.tasks import queries

term = st.sampled_from(
    ["insomnia", '"sleep quality"', "melatonin[tiab]", '"a AND b (c"', "BRAND", '"x"[MeSH Terms]', "sleep*", "NOTCH1"]
)
group = st.lists(term, min_size=1, max_size=4, unique=True)


@given(st.lists(group, min_size=1, max_size=4), st.booleans())
def test_any_number_of_groups_is_split_into_every_choice(groups: list[list[str]], outer: bool) -> None:
    query = " AND ".join(f"({' OR '.join(terms)})" for terms in groups)
    query = f"({query})" if outer else query
    assert queries.faults(query) == ()
    joined, excluded = queries.blocks(query)
    if len(groups) > 1:
        assert joined == tuple(" OR ".join(terms) for terms in groups) and excluded == ()
    expected = [""]
    for terms in groups:
        expected = [f"{left} AND {right}" if left else right for left in expected for right in terms]
    assert list(queries.sub_queries(query)) == list(dict.fromkeys(expected))


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("insomnia", ["insomnia"]),
        ("a OR b", ["a", "b"]),
        ("(a OR (b OR c)) AND d", ["a AND d", "b AND d", "c AND d"]),
        ("((a AND b) OR c) AND d", ["(a AND b) AND d", "c AND d"]),
        ("(a OR b) AND c NOT (x OR y)", ["a AND c NOT (x OR y)", "b AND c NOT (x OR y)"]),
        ("(a OR b) AND NOT c", ["a NOT c", "b NOT c"]),
        ('"rock and roll" AND b', ['"rock and roll" AND b']),
        ("(a)AND(b)", ["a AND b"]),
        ("(a) AND (b)", ["a AND b"]),
    ],
)
def test_nesting_not_and_quotes_are_respected(query: str, parts: list[str]) -> None:
    assert list(queries.sub_queries(query)) == parts


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("(a OR b", "never closed"),
        ("a) OR b", "no opening one"),
        (")(", "no opening one"),
        ('"a OR b', "quotation mark"),
        ("a[tiab OR b", "square bracket"),
        ("a AND", "nothing on one of its sides"),
        ("OR a", "nothing on one of its sides"),
        ("a AND OR b", "nothing on one of its sides"),
    ],
)
def test_an_uncertain_structure_is_named_and_left_whole(query: str, fault: str) -> None:
    assert any(fault in sentence for sentence in queries.faults(query))
    assert queries.sub_queries(query) == (query,)


def test_and_beside_or_without_brackets_is_not_guessed() -> None:
    assert queries.mixes_operators("a AND b OR c") and queries.mixes_operators("(a OR b NOT c)")
    assert queries.sub_queries("a AND b OR c") == ("a AND b OR c",)
    assert not queries.mixes_operators("(a OR b) AND c")


@pytest.mark.parametrize(
    ("query", "inside"), [("(a AND b OR c) AND d", True), ("((a OR b) AND c) OR d", False), ("(a OR b NOT c)", False)]
)
def test_and_beside_or_inside_brackets_is_seen_and_left_together(query: str, inside: bool) -> None:
    assert queries.mixes_operators_inside(query) is inside
    assert queries.sub_queries("(a AND b OR c) AND d") == ("(a AND b OR c) AND d",)


def test_too_many_choices_leave_the_query_whole() -> None:
    query = " AND ".join(f"({' OR '.join(f't{n}x{k}' for k in range(10))})" for n in range(3))
    assert queries.sub_queries(query) == (query,)


def test_terms_lose_quotes_and_tags_only() -> None:
    query = '("type 2 diabetes"[MeSH Terms] OR T2DM[tiab]) AND (“curly quotes” OR two words) NOT (rats)'
    assert queries.terms(query) == ("type 2 diabetes", "T2DM", "curly quotes", "two words", "rats")


@given(st.text(alphabet='ab ()"[]ANDORT“”\n', max_size=60) | st.text(max_size=60))
def test_any_text_is_read_without_an_error(query: str) -> None:
    (
        queries.faults(query),
        queries.mixes_operators(query),
        queries.mixes_operators_inside(query),
        queries.blocks(query),
        queries.terms(query),
    )
    assert len(queries.sub_queries(query)) >= 1


@pytest.mark.parametrize("query", ["(" * 3000 + "a" + ")" * 3000, "(a OR " * 300 + "b" + ")" * 300])
def test_deep_nesting_is_no_danger(query: str) -> None:
    assert queries.faults(query) == ()
    assert len(queries.sub_queries(query)) >= 1


@pytest.mark.parametrize(
    ("query", "tidied"),
    [
        ("( gout OR  joint pain ) AND\n( colchicine)", "(gout OR joint pain) AND (colchicine)"),
        ('("( x )"[ti] OR b )', '("( x )"[ti] OR b)'),
        ('( "never  closed )', '("never closed )'),
    ],
)
def test_only_white_space_inside_brackets_goes(query: str, tidied: str) -> None:
    assert queries.tidy(query) == tidied
