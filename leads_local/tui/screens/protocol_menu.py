"""The protocol on the screen: all of it as one text to be read and changed, how each stage is decided, its lock and its
history, and what was decided or judged by an earlier wording of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from leads_local.app.deciding import RULES, make_rule, rule_in_words
from leads_local.app.protocol import (
    describe_effects,
    describe_history,
    describe_lock,
    describe_stale,
    lock_in_words,
)
from leads_local.errors import InputError, LeadsError
from leads_local.records import Stage
from leads_local.review import protocol_text
from leads_local.review.outcomes import RuleKind
from leads_local.review.protocol import Protocol
from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.screens.annotating import TextBox
from leads_local.tui.screens.limit_list import LimitList
from leads_local.tui.screens.pick import PickItem, PickOne, TextPrompt
from leads_local.tui.screens.report import ReportScreen
from leads_local.tui.session import Session

_WHERE = "the protocol that you typed"
_SHARE = 0.2  # what is offered
_RULE_KEYS = {
    RuleKind.ONE: "o",
    RuleKind.TWO: "t",
    RuleKind.SECOND_CHECK: "c",
    RuleKind.SHARE: "s",
    RuleKind.LATEST: "l",
}


class ProtocolText(TextBox):
    """The protocol as TOML. Returns what is typed; None, by Escape, when it is to stay as it was."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large"):
            yield Static(Content.styled(safe_line(self._question), "bold"), markup=False)
            yield TextArea(self._text, id="protocol", tab_behavior="focus", compact=True)
            told = "Ctrl+s shows what changes and stores it, Escape leaves all as it is."
            yield Static(Content.styled(told, labels.MUTED), markup=False)


class ProtocolMenu:
    """What can be done with the protocol of the open review; ``changed`` is called when it is another one."""

    def __init__(self, leads: LeadsInterface, session: Session, changed: Callable[[], None]) -> None:
        self._leads = leads
        self._session = session
        self._review = session.review
        self._changed = changed

    def show_choices(self) -> None:
        """Ask what to do, and do it."""
        answers = [
            PickItem("e", "Read or change it as one text", "text"),
            PickItem("r", "How each stage is decided", "rule"),
            PickItem("y", "Criteria checked by rule: year, language, type, country", "limits"),
            PickItem("l", "Lock it as it stands", "lock"),
            PickItem("h", "What changed when; deviations from the locked one", "history"),
            PickItem("o", "What was decided or judged by an earlier wording", "stale"),
        ]
        locks = self._review.locks()
        told = lock_in_words(locks[-1]) if locks else "It is not locked."
        self._leads.ask(PickOne("The review's protocol", answers, explanation=told), self._chosen)

    def _chosen(self, answer: str | None) -> None:
        if answer == "text":
            seen = self._review.protocol()
            self._ask_text(seen, protocol_text.dumps(seen))
        elif answer == "rule":
            self._ask_stage()
        elif answer == "limits":
            self._leads.ask(LimitList(self._session), lambda stored: self._changed() if stored else None)
        elif answer == "lock":
            answers = [PickItem("l", "Lock it", "lock"), PickItem("n", "Not yet", "")]
            told = "It is registered by its SHA-256 and the date. What is changed later is a deviation from it."
            self._leads.ask(PickOne("Is the protocol final as it stands?", answers, "", told), self._lock)
        elif answer == "history":
            told_history = describe_history(self._review)
            self._report("What changed the protocol", (*told_history.results, *told_history.notices))
        elif answer == "stale":
            self._report("By an earlier wording", describe_stale(self._review).lines)

    def _report(self, heading: str, lines: tuple[str, ...]) -> None:
        self._leads.ask(ReportScreen(heading, lines), lambda _: None)

    # ------------------------------------------------------------ all of it as one text

    def _ask_text(self, seen: Protocol, text: str) -> None:
        self._leads.ask(ProtocolText("The protocol", text), partial(self._typed, seen))

    def _typed(self, seen: Protocol, text: str | None) -> None:
        """What was typed is never lost by a mistake in it: it is shown again, with what is wrong."""
        if text is None:
            return
        try:
            wanted = protocol_text.parse(text.encode(), _WHERE, seen)
        except InputError as error:
            self._leads.report(error)
            self._ask_text(seen, text)
            return
        if wanted == seen:
            self._leads.tell("Nothing is changed.")
            return
        told = "\n".join(safe_line(line) for line in describe_effects(self._review, seen, wanted))
        answers = [PickItem("y", "Change it", "yes"), PickItem("b", "Back to the text", "back")]
        ask = PickOne("Change the protocol?", answers, "", told)
        self._leads.ask(ask, partial(self._confirmed, seen, wanted, text))

    def _confirmed(self, seen: Protocol, wanted: Protocol, text: str, answer: str | None) -> None:
        if answer == "back":
            self._ask_text(seen, text)
        elif answer == "yes":
            try:
                self._review.set_protocol(wanted, seen)
            except LeadsError as error:
                self._leads.report(error)
                self._ask_text(seen, text)
                return
            self._leads.tell("The protocol is changed; U takes all of that back.")
            self._changed()

    # ------------------------------------------------------------ rules and lock

    def _ask_stage(self) -> None:
        rules = self._review.rules()
        answers = [
            PickItem(stage[0], f"{labels.STAGE[stage]}: {rule_in_words(rule)}", stage) for stage, rule in rules.items()
        ]
        self._leads.ask(PickOne("How which stage is decided?", answers), self._ask_rule)

    def _ask_rule(self, stage: str | None) -> None:
        if stage is not None:
            now = self._review.rules()[Stage(stage)]
            answers = [
                PickItem(key, RULES[kind].format(share=now.share or _SHARE), kind) for kind, key in _RULE_KEYS.items()
            ]
            told = "What holds follows at once from what the reviewers have decided."
            self._leads.ask(PickOne("How is it decided?", answers, now.kind, told), partial(self._rule, Stage(stage)))

    def _rule(self, stage: Stage, kind: str | None) -> None:
        if kind == RuleKind.SHARE:
            share = self._review.rules()[stage].share or _SHARE
            ask = TextPrompt("Which share of the reports do two decide?", "From 0 to 1, such as 0.2.", f"{share:g}")
            self._leads.ask(ask, partial(self._share, stage))
        elif kind is not None:
            self._set_rule(stage, kind, None)

    def _share(self, stage: Stage, text: str | None) -> None:
        if text is None:
            return
        try:
            share = float(text)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            raise InputError(f"{text!r} is no share.", "Give a number from 0 to 1, such as 0.2.")
        self._set_rule(stage, RuleKind.SHARE, share)

    def _set_rule(self, stage: Stage, kind: str, share: float | None) -> None:
        rule = make_rule(kind, share)
        self._review.set_rule(stage, rule)
        self._leads.tell(f"At the {stage} stage {rule_in_words(rule)} from now on. U takes that back.")
        self._changed()

    def _lock(self, answer: str | None) -> None:
        if answer:
            for line in describe_lock(self._review.lock_protocol()).results:
                self._leads.tell(line)
