"""The parts of the report that tell how the review was made: question, numbers, what a language model did."""

from __future__ import annotations

from collections.abc import Iterator

from leads_local.export import about, value_marks
from leads_local.export.html_page import bullets, described, foreign, paragraph, section, table, words
from leads_local.records import Stage
from leads_local.review.prisma import flow_lines, update_in_words
from leads_local.review.read_models import StoredValue
from leads_local.review.review import Review

CONTENTS = (
    ("question", "Question and criteria"),
    ("flow", "PRISMA flow"),
    ("model", "Use of a language model"),
    ("evidence", "Evidence table"),
    ("places", "Where the values stand"),
)
_STAGES = {Stage.ABSTRACT: "Criteria by title and abstract", Stage.FULLTEXT: "Criteria by full text"}
_PHASES = {"previous": "Previous version", "identification": "Identification", "screening": "Screening"}
_NO_MODEL = "No language model was asked anything."
_MODEL = (
    "A language model on this computer suggested the values below and, where it was asked to, judgements by criterion. "
    "A suggestion is no decision: decisions are people's, and each value says what people made of it."
)


def question_section(review: Review) -> str:
    """The question, the criteria of both stages, those that are checked by rule, and what became of the protocol."""
    question = review.question
    said = ({"title": question.title} if question.title else {}) | question.parts
    parts = [described((name.capitalize(), text) for name, text in said.items())]
    shown: tuple[tuple[str, str], ...] = ()
    for stage in Stage:
        criteria = tuple((one.name, one.text) for one in review.criteria(stage))
        if criteria and criteria != shown:
            parts += [f"<h3>{words(_STAGES[stage])}</h3>", described(criteria)]
            shown = shown or criteria
    if limits := review.limits():
        parts += ["<h3>Criteria that were checked by rule</h3>"]
        parts.append(described((limit.name, limit.text or limit.in_words()) for limit in limits))
    parts.append(paragraph(about.protocol_in_words(review)))
    return section(*CONTENTS[0], parts)


def flow_section(review: Review) -> str:
    """The numbers of the flow diagram, as prisma.csv has them."""
    counts = review.counts()
    lines = flow_lines(counts)
    told = [paragraph(update_in_words(counts))] if counts.update is not None else []
    phases = dict.fromkeys(line.phase for line in lines)
    bodies = [
        f'<tbody><tr><th class="report" scope="rowgroup" colspan="2">{words(_PHASES.get(phase, phase.capitalize()))}'
        f"</th></tr>{''.join(_flow_row(line.label, line.number, line.depth) for line in lines if line.phase == phase)}"
        "</tbody>"
        for phase in phases
    ]
    return section(*CONTENTS[1], [*told, table("Numbers of the PRISMA 2020 flow", ("What", "Number"), bodies)])


def _flow_row(label: str, number: int, depth: int) -> str:
    deep = f' class="{"deep" if depth == 1 else "deeper"}"' if depth else ""
    return f'<tr><th scope="row"{deep}>{foreign(label)}</th><td class="number">{number:,}</td></tr>'


def model_section(review: Review, found: list[StoredValue]) -> str:
    """Which model was asked, and what people made of the values that it gave."""
    models = about.models_in_words(review)
    if not models:
        return section(*CONTENTS[2], [paragraph(_NO_MODEL)])
    counted = f"Values of the included reports: {len(found):,}"
    counted += f" ({value_marks.states_in_words(found)})." if found else "."
    return section(*CONTENTS[2], [paragraph(_MODEL), bullets(map(foreign, models)), *_legend(), paragraph(counted)])


def _legend() -> Iterator[str]:
    yield bullets(f"{state_word(state.word)} {words(state.about)}" for state in value_marks.STATE.values())


def state_word(word: str) -> str:
    """The word of a state, in its colour."""
    return f'<span class="state {word}">{words(word)}</span>'
