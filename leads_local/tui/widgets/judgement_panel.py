"""What the model says of each criterion, as a suggestion: a word, its colour, the rationale. And what the person
decided.

The two are drawn by two widgets and never mixed: a judgement is not a decision. When the judgement is hidden, nothing
here gives away what it says, its score included.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from leads_local.judgements import Judgement
from leads_local.ranking.calibration import Calibration
from leads_local.records import AS_TRAINED, Decision, Eligibility, Stage
from leads_local.review.outcomes import OutcomeState
from leads_local.review.read_models import HistoryEntry, RecordView, ScreeningView
from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui import labels

_WORTH_SHOWING = 0.05  # of the probability
STALE_NOTE = "Judged by an earlier wording of the criteria: it counts in no score. s asks again."
HIDDEN_NOTE = "The model's judgement is hidden. v shows it."


class DecisionLine(Static):
    """The person's decision at this stage, and the model's judgement in one line."""

    def show(self, view: RecordView | None, votes: Sequence[Decision], stage: Stage, you: str, hidden: bool) -> None:
        """``votes`` are the reviewers' decisions as far as ``you`` may see them."""
        if view is None:
            self.update(Content(""))
            return
        screening = view.screenings.get(stage)
        own = next((vote for vote in votes if vote.reviewer == you), None)
        parts: list[Content | str] = [Content.styled("You: ", labels.MUTED), *self._decision(own)]
        for vote in votes:
            if vote is not own:
                who = safe_line(vote.reviewer or "somebody")
                parts += ["   ", Content.styled(f"{who}: ", labels.MUTED), *self._decision(vote)]
        parts += self._standing(view, stage, votes)
        if hidden:
            parts += ["   ", Content.styled("Model: hidden", labels.MUTED)]
        elif screening is not None:
            parts += [
                "   ",
                Content.styled("Model: ", labels.MUTED),
                "earlier wording, " if screening.stale else "",
                labels.format_score(screening.score),
                *self._verdicts(screening),
            ]
        self.update(Content.assemble(*parts))

    @staticmethod
    def _standing(view: RecordView, stage: Stage, votes: Sequence[Decision]) -> list[Content | str]:
        """What that comes to, where it is not what the one reviewer says."""
        state, holds = view.states.get(stage), view.decisions.get(stage)
        if stage is Stage.FULLTEXT and view.not_retrieved_by is not None and holds is None:
            by = f" ({safe_line(view.not_retrieved_by)})" if view.not_retrieved_by else ""
            return ["   ", Content.styled(f"not retrieved{by}", "bold $text-warning")]
        if state is OutcomeState.CONFLICT and votes:
            return ["   ", Content.styled("the reviewers differ; a settles it", "bold $text-error")]
        if state is OutcomeState.WAITING and votes:
            return ["   ", Content.styled("waits for a second reviewer", labels.MUTED)]
        if holds is not None and all(vote.choice is not holds.choice or vote.at != holds.at for vote in votes):
            word = labels.CHOICE[holds.choice]
            settled = f" by {safe_line(holds.reviewer)}" if holds.reviewer else ""
            return ["   ", Content.styled(f"settled{settled}: ", labels.MUTED), Content.styled(word.text, word.style)]
        return []

    @staticmethod
    def _decision(decision: Decision | None) -> list[Content | str]:
        if decision is None:
            return [Content.styled("not decided yet", "bold")]
        word = labels.CHOICE[decision.choice]
        parts: list[Content | str] = [Content.styled(word.text, word.style)]
        if decision.reason:
            parts.append(f" ({safe_line(decision.reason)})")
        return parts

    @staticmethod
    def _verdicts(screening: ScreeningView) -> list[Content | str]:
        parts: list[Content | str] = []
        for judgement in screening.judgements:
            word = labels.ELIGIBILITY[judgement.eligibility]
            parts += [" · ", f"{safe_line(judgement.criterion.name)}: ", Content.styled(word.text, word.style)]
        return parts


class JudgementPanel(Static):
    """Each criterion with the model's word for it and why, then what was decided before."""

    def show(
        self,
        view: RecordView | None,
        history: Sequence[HistoryEntry],
        stage: Stage,
        hidden: bool,
        has_model: bool,
        calibration: Calibration,
    ) -> None:
        """``history`` is what was decided at the stage, as far as it may be seen."""
        if view is None:
            self.update(Content(""))
            return
        self.update(Content.assemble(self._model(view, stage, hidden, has_model, calibration), *self._history(history)))

    @classmethod
    def _model(cls, view: RecordView, stage: Stage, hidden: bool, has_model: bool, calibration: Calibration) -> Content:
        if hidden:
            return Content.styled(HIDDEN_NOTE, labels.MUTED)
        failure = next((f for f in view.failures if f.stage == stage), None)
        screening = view.screenings.get(stage)
        if screening is not None:
            return cls._judged(screening, calibration)
        if failure is not None:
            return Content.assemble(
                ("The model's answer could not be used: ", "bold $text-error"), safe_line(failure.reason)
            )
        ask = " s starts the model." if has_model else ""
        return Content.styled(f"No model has judged this record.{ask}", labels.MUTED)

    @classmethod
    def _judged(cls, screening: ScreeningView, calibration: Calibration) -> Content:
        heading = f"What the model says (a suggestion; score {labels.format_score(screening.score)} between -1 and +1)"
        parts: list[Content | str] = [Content.styled(heading, "bold")]
        if screening.stale:
            parts += ["\n", Content.styled(STALE_NOTE, "$text-warning")]
        for judgement in screening.judgements:
            word, (own, others) = labels.ELIGIBILITY[judgement.eligibility], cls._chances(judgement)
            parts += [
                "\n",
                Content.styled(word.text, word.style),
                own,
                "  ",
                Content.styled(safe_line(judgement.criterion.name), "bold"),
            ]
            parts += [Content.styled(f": {safe_line(judgement.criterion.text)}{others}", labels.MUTED), "\n"]
            reason, style = (
                safe_block(judgement.rationale.strip()),
                "$text-warning" if judgement.parts_disagree else "",
            )
            parts.append(
                Content.styled(reason, style) if reason else Content.styled(labels.NO_REASON_YET, labels.MUTED)
            )
        if screening.parts:
            parts += [
                "\n",
                Content.styled(f"The paper is long: the model read it in {screening.parts} parts.", "$text-warning"),
            ]
        if screening.left_out:
            left_out = safe_line(", ".join(screening.left_out))
            parts += ["\n", Content.styled(f"The paper is long: the model did not read {left_out}.", "$text-warning")]
        parts += ["\n", Content.styled(cls._ranking(screening, calibration), labels.MUTED)]
        way = "" if screening.way == AS_TRAINED else f" (mode {screening.way.mode}, layout {screening.way.layout})"
        parts += ["\n", Content.styled(f"By {safe_line(screening.model)}{way}.", labels.MUTED)]
        return Content.assemble(*parts)

    @staticmethod
    def _chances(judgement: Judgement) -> tuple[str, str]:
        """How probable the word was to the model, and which others were worth a thought; "" where that is not known."""
        known = judgement.chances
        if known is None:
            return "", ""
        others = [
            word for word in Eligibility if word is not judgement.eligibility and known.of(word) >= _WORTH_SHOWING
        ]
        likely = ", ".join(f"{word} {known.of(word):.0%}" for word in sorted(others, key=known.of, reverse=True))
        return f" {known.of(judgement.eligibility):.0%}", f" (or {likely})" if likely else ""

    @staticmethod
    def _ranking(screening: ScreeningView, calibration: Calibration) -> str:
        """Where the record stands in the ranking, and what that is worth."""
        expected = screening.score if screening.expected is None else screening.expected
        chance = calibration.chance(expected)
        told = (
            f"Expected score {labels.format_score(expected)}. "
            if chance is None
            else f"Probability that you include it: {chance.in_words()}. "
        )
        return told + calibration.in_words()

    @staticmethod
    def _history(entries: Sequence[HistoryEntry]) -> list[Content | str]:
        if not entries:
            return []
        parts: list[Content | str] = ["\n\n", Content.styled("Decisions so far", "bold")]
        for entry in entries:
            choice = labels.CHOICE[entry.decision.choice].text
            undone = {"decided": "", "undone": " taken back", "redone": " again"}[entry.action]
            reason = f" ({entry.decision.reason})" if entry.decision.reason else ""
            reviewer = f", {entry.decision.reviewer}" if entry.decision.reviewer else ""
            when = entry.at[:16].replace("T", " ")
            parts.append("\n" + safe_line(f"{when} UTC: {choice}{reason}{undone}{reviewer}"))
        return parts
