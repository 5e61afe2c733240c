"""Every vocabulary has a word for each of its terms, and no two terms of one vocabulary read the same."""

from pathlib import Path

from leads_local.records import Box, Choice, Eligibility, Quote, QuotePlace, Stage
from leads_local.review.read_models import RecordFilter, RecordOrder, ValueStatus
from leads_local.tui import labels

BOX = Box(0, 0, 1, 1)


def test_every_term_has_a_word_of_its_own() -> None:
    for table, terms in (
        (labels.ELIGIBILITY, Eligibility),
        (labels.CHOICE, Choice),
        (labels.STATUS, ValueStatus),
        (labels.STAGE, Stage),
        (labels.FILTER_NAMES, RecordFilter),
        (labels.ORDER_NAMES, RecordOrder),
    ):
        texts = [getattr(table[term], "text", table[term]) for term in terms]
        assert all(texts)
        assert len(set(texts)) == len(texts) == len(table)


def test_a_quote_says_where_it_stands_or_that_it_was_not_found() -> None:
    assert labels.format_pages(None) == labels.format_pages(Quote("x")) == labels.NO_QUOTE
    assert labels.format_pages(Quote("x", "exact", 1, (QuotePlace(4, BOX), QuotePlace(4, BOX)))) == "page 4"
    assert labels.format_pages(Quote("x", "normalised", 1, (QuotePlace(5, BOX), QuotePlace(4, BOX)))) == "pages 4, 5"
    nearest = labels.format_pages(Quote("x", "nearest", 1, (QuotePlace(4, BOX),)))
    assert nearest == "page 4 (nearest passage, words differ)"


def test_numbers_are_said_as_a_person_would() -> None:
    assert [labels.format_duration(s) for s in (0.2, 5, 90, 3600 * 3, 3600 * 72)] == [
        "1 s",
        "5 s",
        "2 min",
        "3.0 h",
        "3 days",
    ]
    assert [labels.format_score(s) for s in (None, 0.5, -1)] == ["", "+0.50", "-1.00"]


def test_how_to_get_a_model_fits_into_one_narrow_line() -> None:
    assert len(labels.NO_MODEL) < 80


def test_a_model_whose_answers_are_noise_says_so_before_it_is_started(tmp_path: Path) -> None:
    model = tmp_path / "tiny.gguf"
    assert labels.describe_model(model) == "Model: tiny.gguf. s starts it."
    (tmp_path / "manifest.json").write_text('{"models": {"tiny.gguf": {"notice": "random weights"}}}')
    assert labels.describe_model(model) == "Model: tiny.gguf (random weights). s starts it."
