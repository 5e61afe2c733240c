"""The words, marks and colours for what the program knows: one table for each vocabulary, so that they read the same on
every screen.

Colour never carries a meaning alone: each word here is shown as a word. Styles are names of the theme's colours, so
that they stay readable in light and dark themes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from leads_local.engine.installed import read_card
from leads_local.records import (
    Choice,
    Eligibility,
    PageState,
    PaperPosition,
    Quote,
    ScreeningMethod,
    ScreeningMode,
    Stage,
)

# For what stands beside the main thing. Not "$text-muted": that is "auto 60%", and Content drops the percentage
# of a variable, so that what should be quieter than the text around it comes out white (black in a light theme).
MUTED = "$foreground 70%"


@dataclass(frozen=True, slots=True)
class Word:
    """How one term is shown: the word, and the style that goes with it."""

    text: str
    style: str


ELIGIBILITY = {
    Eligibility.YES: Word("YES", "bold $text-success"),
    Eligibility.PARTIAL: Word("PARTIAL", "bold $text-warning"),
    Eligibility.NO: Word("NO", "bold $text-error"),
    Eligibility.UNCERTAIN: Word("UNCERTAIN", "bold $text-accent"),
}

CHOICE = {
    Choice.INCLUDE: Word("include", "bold $text-success"),
    Choice.EXCLUDE: Word("exclude", "bold $text-error"),
    Choice.MAYBE: Word("maybe", "bold $text-warning"),
}
UNDECIDED = Word("·", MUTED)
CONFLICT = Word("differ", "bold $text-error")

KEYWORD_FOR, KEYWORD_AGAINST = "underline bold $text-success", "reverse bold $text-error"

STATUS = {
    "proposed": Word("to check", "$text-accent"),
    "accepted": Word("accepted", "bold $text-success"),
    "edited": Word("edited", "bold $text-warning"),
    "rejected": Word("rejected", "bold $text-error"),
}

STAGE = {Stage.ABSTRACT: "titles and abstracts", Stage.FULLTEXT: "full texts"}

FILTER_NAMES = {
    "all": "all",
    "undecided": "undecided",
    "to_do": "yours to decide",
    "included": "included",
    "excluded": "excluded",
    "maybe": "maybe",
    "conflict": "reviewers differ",
    "waiting": "waiting for a second reviewer",
    "needs_look": "needs a look",
    "earlier_wording": "by an earlier wording of the criteria",
    "changed": "decided, and changed or retracted since",
    "ruled_out": "taken out by rule",
}

ORDER_NAMES = {"entry": "as imported", "score": "by score", "chance": "by probability"}

METHODS = (
    ("f", ScreeningMethod(), "full: a word and a reason for each criterion, as trained"),
    ("t", ScreeningMethod(ScreeningMode.TRIAGE), "triage: words first; reasons only where you must look"),
    (
        "c",
        ScreeningMethod(ScreeningMode.FULL, PaperPosition.CRITERIA_FIRST),
        "full, criteria first: faster, but not as trained",
    ),
    (
        "d",
        ScreeningMethod(ScreeningMode.TRIAGE, PaperPosition.CRITERIA_FIRST),
        "triage, criteria first: fastest, but not as trained",
    ),
)
METHOD_CHOICE_NOTE = (
    "Triage gives a ranking early. The stage goes on in the way that you choose now; w on the screening screen "
    "changes it."
)
METHOD_CHANGE_NOTE = "What was not asked in that way before is asked now. Your decisions stay as they are."
NO_REASON_YET = "(no reason yet; r asks for it)"

PAGE_STATE = {
    PageState.PICTURE: ": a picture, not read",
    PageState.DRAWN: ": its letters are drawn, not read",
    PageState.GIBBERISH: ": gibberish, left out",
    PageState.DAMAGED: ": damaged, text is missing or may be wrong",
    PageState.BLANK: ": blank",
    PageState.OCR: ": read by OCR, letters and numbers may be wrong; w shows it as printed",
}
NO_QUOTE = "not found in the paper: check by hand"
NO_MODEL = "No model yet. Get one: leads-local convert FOLDER, leads-local models use FILE"


def format_score(value: float | None) -> str:
    """A score from -1 to +1 with its sign, or "" where there is none."""
    return "" if value is None else f"{value:+.2f}"


def format_pages(quote: Quote | None) -> str:
    """Where a quote stands, in words: ``page 4``, ``pages 4, 5``, what is in doubt there, or that it was not found."""
    if quote is None or not quote.match:
        return NO_QUOTE
    pages = sorted({where.page for where in quote.places})
    if not pages:
        return "found, page not known"
    doubt = f" ({quote.doubt})" if quote.doubt else ""
    return f"page{'s' if len(pages) > 1 else ''} {', '.join(map(str, pages))}{doubt}"


def format_duration(seconds: float) -> str:
    """A time to wait, as coarse as a person would say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours = minutes / 60
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.0f} days"


def describe_model(path: Path) -> str:
    """The model in use before it is loaded, with what a user has to know of its answers."""
    notice = read_card(path)["notice"]
    return f"Model: {path.name}" + (f" ({notice})" if notice else "") + ". s starts it."
