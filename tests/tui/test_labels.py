"""Every vocabulary has a word for each of its terms, and no two terms of one vocabulary read the same."""

from pathlib import Path

from leads_local.records import Box, Choice, Eligibility, Place, Quote, Stage
from leads_local.review.read_models import Order, Show, Status
from leads_local.tui import labels

BOX = Box(0, 0, 1, 1)


def test_every_term_has_a_word_of_its_own() -> None:
    for table, terms in (
        (labels.ELIGIBILITY, Eligibility),
        (labels.CHOICE, Choice),
        (labels.STATUS, Status),
        (labels.STAGE, Stage),
        (labels.SHOW, Show),
        (labels.ORDER, Order),
    ):
        texts = [getattr(table[term], "text", table[term]) for term in terms]
        assert all(texts)
        assert len(set(texts)) == len(texts) == len(table)


def test_a_quote_says_where_it_stands_or_that_it_was_not_found() -> None:
    assert labels.place(None) == labels.place(Quote("x")) == labels.NO_QUOTE
    assert labels.place(Quote("x", "exact", 1, (Place(4, BOX), Place(4, BOX)))) == "page 4"
    assert labels.place(Quote("x", "normalised", 1, (Place(5, BOX), Place(4, BOX)))) == "pages 4, 5"


def test_numbers_are_said_as_a_person_would() -> None:
    assert labels.count(1, "record") == "1 record"
    assert labels.count(4000, "study", "studies") == "4,000 studies"
    assert [labels.duration(s) for s in (0.2, 5, 90, 3600 * 3, 3600 * 72)] == ["1 s", "5 s", "2 min", "3.0 h", "3 days"]
    assert [labels.score(s) for s in (None, 0.5, -1)] == ["", "+0.50", "-1.00"]


def test_how_to_get_a_model_fits_into_one_narrow_line() -> None:
    assert len(labels.NO_MODEL) < 80


def test_a_model_whose_answers_are_noise_says_so_before_it_is_started(tmp_path: Path) -> None:
    model = tmp_path / "tiny.gguf"
    assert labels.model_set(model) == "Model: tiny.gguf. s starts it."
    (tmp_path / "manifest.json").write_text('{"models": {"tiny.gguf": {"notice": "random weights"}}}')
    assert labels.model_set(model) == "Model: tiny.gguf (random weights). s starts it."
