"""A judgement for each criterion in its place, or the reason why there is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor

from leads_local.demo import source
from leads_local.engine.types import FinishReason, Reply
from leads_local.errors import InputError, ReplyError
from leads_local.judgements import Judgement, WordProbabilities
from leads_local.records import Citation, Criterion, Eligibility, Question, ScreeningMode
from leads_local.tasks import prompts, schemas, screening
from leads_local.tasks.prompts import PromptPack
from tests.checkpoints import tokenizer_source
from tests.fake_engine import FakeEngine

ROOT = Path(__file__).resolve().parents[2]
Says = Callable[..., Reply]


def rendered(words: Sequence[str]) -> str:
    return json.dumps(
        {"evaluations": [{"eligibility": word, "rationale": f"reason {n}"} for n, word in enumerate(words)]}
    )


@given(st.lists(st.sampled_from(list(Eligibility)), min_size=1, max_size=12))
def test_what_is_written_is_read_in_order(words: list[Eligibility]) -> None:
    criteria = [Criterion(f"C{n}", "text") for n in range(len(words))]
    judgements = screening.parse(Reply("r", rendered(words)), criteria)
    assert [j.eligibility for j in judgements] == words
    assert [j.criterion for j in judgements] == criteria
    assert [j.rationale for j in judgements] == [f"reason {n}" for n in range(len(words))]


def test_a_cut_off_answer_is_never_read_in_part(says: Says, criteria: tuple[Criterion, ...]) -> None:
    whole = rendered(["YES", "PARTIAL", "NO"])
    for end in range(len(whole)):
        with pytest.raises(ReplyError):
            screening.parse(says(whole[:end]), criteria)
    with pytest.raises(ReplyError, match="cut off"):
        screening.parse(says(whole, FinishReason.LENGTH), criteria)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rendered(["YES", "NO"]), "2 entries .* 3 were asked for"),
        (rendered(["YES"] * 4), "4 entries"),
        (rendered(["YES", "MAYBE", "NO"]), 'unknown eligibility at evaluation 2: "MAYBE"'),
        (rendered(["YES", "YES", "NO"]).replace("rationale", "reason"), "no rationale at evaluation 1"),
        ('{"evaluations": {}}', "no list"),
        ("[]", "no object"),
        ("{}", "no evaluations"),
        ('{"evaluations": ["YES", "NO", "NO"]}', "no object at evaluation 1"),
    ],
)
def test_each_failure_has_its_reason(says: Says, criteria: tuple[Criterion, ...], text: str, reason: str) -> None:
    with pytest.raises(ReplyError, match=reason):
        screening.parse(says(text), criteria)


@given(st.text(max_size=80) | st.builds(rendered, st.lists(st.text(max_size=9), max_size=4)))
def test_any_text_is_judgements_or_a_reply_error(text: str) -> None:
    try:
        judgements = screening.parse(Reply("r", text), [Criterion("A", "b"), Criterion("C", "d")])
    except ReplyError as error:
        assert error.message.endswith(".")
    else:
        assert len(judgements) == 2


@pytest.mark.parametrize(
    ("words", "score"),
    [
        ("YES", 1.0),
        ("NO", -1.0),
        ("YES PARTIAL NO UNCERTAIN", 0.125),
        ("PARTIAL UNCERTAIN", 0.25),
        ("YES YES NO", 1 / 3),
    ],
)
def test_the_score_is_the_mean_that_upstream_documents(words: str, score: float) -> None:
    judgements = [Judgement(Criterion("A", "b"), Eligibility(word), "") for word in words.split()]
    assert screening.score(judgements) == pytest.approx(score)


def test_nothing_has_no_score() -> None:
    with pytest.raises(ValueError, match="no judgements"):
        screening.score([])


def test_criteria_are_numbered_and_joined_as_documented() -> None:
    criteria = [Criterion("Population", "adults"), Criterion("Intervention", "melatonin,\n any dose")]
    assert screening.criteria_text(criteria) == "1: Population: adults. 2: Intervention: melatonin, any dose"


def test_a_citation_without_an_abstract_says_so() -> None:
    whole = screening.citation_as_paper(Citation(title="A  trial", abstract="Methods.\nResults."))
    assert whole == "[Title] A trial\n[Abstract] Methods.\nResults."
    assert (
        screening.citation_as_paper(Citation())
        == "[Title] (no title in the record)\n[Abstract] (no abstract in the record)"
    )


def test_the_request_holds_paper_and_criteria_verbatim(
    pack: PromptPack, criteria: tuple[Criterion, ...], hostile: str
) -> None:
    request = screening.request("7", hostile, criteria, pack)
    assert request.id == "7" and request.max_tokens >= 1024 and request.schema is not None
    start = request.prompt.index(hostile)
    assert request.prompt.index(screening.criteria_text(criteria)) > start
    other = screening.request("8", "another", criteria, pack)
    assert other.prompt == request.prompt.replace(hostile, "another"), "records differ only in the paper"
    assert other.schema == request.schema


def test_without_criteria_nothing_is_asked(pack: PromptPack) -> None:
    with pytest.raises(InputError, match="no criterion"):
        screening.request("7", "paper", [], pack)


def test_an_answer_of_an_engine_can_be_read(pack: PromptPack, criteria: tuple[Criterion, ...]) -> None:
    requests = [screening.request(str(n), f"paper {n}", criteria, pack) for n in range(5)]
    scores = [screening.score(screening.parse(reply, criteria)) for reply in FakeEngine().run(requests)]
    assert len(scores) == 5 and all(-1 <= score <= 1 for score in scores)


def test_a_rationale_that_fills_its_room_is_marked(says: Says) -> None:
    text = json.dumps({"evaluations": [{"eligibility": "NO", "rationale": "x" * 500}]})
    (judgement,) = screening.parse(says(text), [Criterion("A", "b")])
    assert judgement.rationale.endswith("[…]")


def test_a_reason_asked_for_alone_is_marked_at_the_room_that_all_share(pack: PromptPack) -> None:
    """Of eight criteria each has 250 characters; the answer about one of them says so no less than that about all."""
    for length, cut in ((230, False), (250, True)):
        said = [{"eligibility": "NO", "rationale": ""}, {"eligibility": "NO", "rationale": "x" * length}]
        together = screening.parse_reason(Reply("r", json.dumps({"evaluations": said})), 1, 8, pack)
        assert together.endswith("[…]") is cut


def test_a_reason_of_nothing_but_blanks_is_none(pack: PromptPack) -> None:
    said = [{"eligibility": "NO", "rationale": " \n" * 9}]
    with pytest.raises(ReplyError, match="gave no reason"):
        screening.parse_reason(Reply("r", json.dumps({"evaluations": said})), 0, 3, pack)


def test_triage_asks_the_very_prompt_of_the_full_mode(criteria: tuple[Criterion, ...], pack: PromptPack) -> None:
    full, triage = (screening.request("r", "A paper.", criteria, pack, mode) for mode in ScreeningMode)
    assert triage.prompt == full.prompt
    assert triage.max_tokens < full.max_tokens
    judgements = screening.parse(Reply("r", FakeEngine()._default(triage)), criteria)
    assert [judgement.rationale for judgement in judgements] == ["", "", ""]
    for position in range(3):
        asked = screening.reason_request("r", "A paper.", judgements, position, pack)
        assert asked.prompt == full.prompt
        said = json.loads(FakeEngine()._default(asked))["evaluations"]
        assert [row["eligibility"] for row in said] == [
            judgement.eligibility for judgement in judgements[: position + 1]
        ]
        assert [bool(row["rationale"]) for row in said] == [False] * position + [True]
        assert (
            screening.parse_reason(Reply("r", json.dumps({"evaluations": said})), position, 3, pack)
            == said[-1]["rationale"]
        )


@pytest.mark.parametrize("mode", ScreeningMode)
def test_a_pack_may_have_each_judgement_begin_with_its_criterion(
    criteria: tuple[Criterion, ...], mode: ScreeningMode
) -> None:
    pack = prompts.load("compact")
    asked = screening.request("r", "A paper.", criteria, pack, mode)
    text = FakeEngine()._default(asked)
    names = [f"{n}: {criterion.name}" for n, criterion in enumerate(criteria, 1)]
    assert [row["criterion"] for row in json.loads(text)["evaluations"]] == names
    assert all(f"{name}: " in asked.prompt for name in names)
    judgements = screening.parse(Reply("r", text), criteria)
    assert [judgement.criterion for judgement in judgements] == list(criteria)
    together = replace(pack, split=False)
    reason = json.loads(FakeEngine()._default(screening.reason_request("r", "A paper.", judgements, 1, together)))[
        "evaluations"
    ]
    assert [row["criterion"] for row in reason] == names[:2] and reason[1]["rationale"]


@pytest.mark.parametrize("mode", ScreeningMode)
def test_a_pack_may_ask_about_each_criterion_alone(
    criteria: tuple[Criterion, ...], mode: ScreeningMode, pack: PromptPack
) -> None:
    alone = replace(pack, split=True)
    asked = screening.request("r", "A paper.", criteria, alone, mode)
    assert replace(asked, split=()) == screening.request("r", "A paper.", criteria, pack, mode)
    for criterion, part in zip(criteria, asked.split, strict=True):
        single = screening.request("r", "A paper.", [criterion], alone, mode)
        assert (single.split, part.prompt) == ((), single.prompt)
        assert len(screening.parse(Reply("r", FakeEngine()._default(part)), [criterion])) == 1
    judgements = screening.parse(Reply("r", FakeEngine()._default(asked)), criteria)
    reason = screening.reason_request("r", "A paper.", judgements, 1, alone)
    assert reason.prompt == asked.split[1].prompt
    (said,) = json.loads(FakeEngine()._default(reason))["evaluations"]
    assert said["eligibility"] == judgements[1].eligibility
    assert screening.parse_reason(Reply("r", json.dumps({"evaluations": [said]})), 1, 3, alone) == said["rationale"]


def test_reasons_given_alone_have_the_room_that_they_share(pack: PromptPack) -> None:
    many = [Criterion(f"Part {n}", "text") for n in range(8)]
    for part in screening.request("r", "A paper.", many, replace(pack, split=True)).split:
        assert str(schemas.rationale_limit(8)) in json.dumps(part.schema)


@pytest.mark.parametrize(
    ("choice", "chances"),
    [
        ((("YES", 0.5), ("NO", 0.25), ("N", 0.25)), WordProbabilities(0.5, 0, 0.5, 0)),
        ((("Y", 0.1), ("PART", 0.2), ("P", 0.3), ("UN", 0.4)), WordProbabilities(0.1, 0.5, 0, 0.4)),
        ((("YES", 0.5), ('NO"', 0.5)), WordProbabilities(0.5, 0, 0.5, 0)),
        ((("", 0.5), ("NO", 0.5)), None),
        ((("MAYBE", 1.0),), None),
        ((), None),
    ],
)
def test_beginnings_of_words_are_added_up_or_nothing_is_known(
    choice: tuple[tuple[str, float], ...], chances: WordProbabilities | None
) -> None:
    criterion = [Criterion("C", "text")]
    (judgement,) = screening.parse(Reply("r", rendered(["YES"]), choices=(choice,)), criterion)
    assert judgement.chances == chances
    (unknown,) = screening.parse(Reply("r", rendered(["YES"]), choices=(choice, choice)), criterion)
    assert unknown.chances is None  # choices that can't be told apart belong to no criterion


CHANCES = st.tuples(*[st.floats(0.01, 1)] * 4).map(
    lambda parts: WordProbabilities(*(part / sum(parts) for part in parts))
)


@given(st.lists(st.tuples(st.sampled_from(list(Eligibility)), CHANCES), min_size=1, max_size=5))
def test_the_expected_score_is_on_the_scale_of_the_score(made: list[tuple[Eligibility, WordProbabilities]]) -> None:
    criterion = Criterion("C", "text")
    expected = screening.expected_score([Judgement(criterion, word, "", chances) for word, chances in made])
    assert expected is not None
    assert -1 <= expected <= 1
    certain = [
        Judgement(criterion, word, "", WordProbabilities(*(float(word is other) for other in Eligibility)))
        for word, _ in made
    ]
    assert screening.expected_score(certain) == pytest.approx(screening.score(certain))
    assert screening.expected_score([*certain, Judgement(criterion, Eligibility.YES, "")]) is None


def test_who_must_look() -> None:
    criterion, sure = Criterion("C", "text"), WordProbabilities(0.9, 0.05, 0.03, 0.02)
    assert not screening.is_unsure(Judgement(criterion, Eligibility.YES, "", sure))
    assert screening.is_unsure(Judgement(criterion, Eligibility.YES, ""))
    assert screening.is_unsure(Judgement(criterion, Eligibility.YES, "", WordProbabilities(0.6, 0.2, 0.1, 0.1)))
    assert screening.is_unsure(Judgement(criterion, Eligibility.PARTIAL, "", WordProbabilities(0, 1, 0, 0)))
    assert screening.is_unsure(Judgement(criterion, Eligibility.UNCERTAIN, "", WordProbabilities(0, 0, 0, 1)))


def test_more_than_a_prompt_has_room_for_is_refused() -> None:
    many = [Criterion(f"c{number}", "text") for number in range(51)]
    screening.check_size(Question(population="adults"), many[:50])
    with pytest.raises(InputError, match="There are 51 criteria; a review may have 50"):
        screening.check_size(Question(), many)
    with pytest.raises(InputError, match=r"Too long to be asked: outcome, criterion 'c'\."):
        screening.check_size(Question(outcome="x" * 5001), [Criterion("c", "x" * 5000)])


@pytest.mark.parametrize("name", prompts.SHIPPED)
def test_the_least_context_is_a_bound_in_vocabularies_large_and_small(name: str) -> None:
    """What is asked for an abstract of that length and four short criteria, with answers as LEADS writes them, takes
    less."""
    pack = prompts.load(name)
    paper = max((paper.abstract for paper in source.load_papers()), key=len)
    text = " ".join(paragraph.text for paragraph in paper)[:1400]
    criteria = [Criterion(name, "adults") for name in ("Population", "Intervention", "Comparison", "Outcome")]
    whole = screening.request("", f"[Title] A trial\n[Abstract] {text}", criteria, pack)
    for tokenizer in (ROOT / "models/demo/tokenizer.model", tokenizer_source()):
        count = SentencePieceProcessor(str(tokenizer)).encode
        for asked in whole.split or (whole,):
            answers = json.dumps(
                [{"eligibility": "UNCERTAIN", "rationale": text[:400]}] * (4 // (len(whole.split) or 1))
            )
            assert len(count(asked.prompt)) + len(count(answers)) < screening.least_context(pack)


def test_longer_prompts_need_a_larger_context(pack: PromptPack) -> None:
    longer = replace(pack, templates={**pack.templates, "screening": pack.templates["screening"] + " more" * 3000})
    assert screening.least_context(longer) >= screening.least_context(pack) + 5000
