"""The overview: the review in numbers as PRISMA 2020 counts them, and what to do next."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from leads_local.app import safekeeping
from leads_local.app.packages import given_in_words
from leads_local.app.past_flow import MOMENT_HELP
from leads_local.app.status import done_lines, status_lines
from leads_local.records import Stage
from leads_local.review import backups
from leads_local.review.packages import GivenPackage, Package
from leads_local.review.past_flow import read_moment
from leads_local.review.prisma import flow_lines, update_in_words
from leads_local.review.prisma_counts import PrismaCounts
from leads_local.review.read_models import RecordFilter
from leads_local.terminal_text import safe_line
from leads_local.tui import file_tasks, labels
from leads_local.tui.file_tasks import Chore
from leads_local.tui.messages import ChoreEnded, ChoreProgressed
from leads_local.tui.next_steps import NextStep, ReviewState, list_next_steps
from leads_local.tui.screens import give_package, keeping
from leads_local.tui.screens.base import WORK_KEYS, ReviewScreen
from leads_local.tui.screens.duplicate_list import DuplicateList
from leads_local.tui.screens.exporting import ExportDialog
from leads_local.tui.screens.give_package import GivePackage, Wish
from leads_local.tui.screens.importing import ImportDialog
from leads_local.tui.screens.pdf_list import PdfList
from leads_local.tui.screens.pick import PickItem, PickOne, TextPrompt
from leads_local.tui.screens.protocol_menu import ProtocolMenu
from leads_local.tui.screens.question import EditQuestion
from leads_local.tui.screens.report import ReportScreen
from leads_local.tui.screens.source_list import SourceList
from leads_local.tui.screens.study_dialog import StudyDialog
from leads_local.tui.screens.type_record import TypeRecord
from leads_local.tui.widgets.bars import text_bar

_READING = "Reading PDFs"
_ANEW = "anew"
_LINES_SHOWN = 6  # below the screen; more open as a report


class OverviewScreen(ReviewScreen):
    """Numbers on one side, advice on the other."""

    place = "overview"
    detail = "#numbers"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "i",
            "import_file",
            "Import",
            tooltip="Import citations from a file that a database or reference manager exported.",
        ),
        Binding(
            "g", "dedupe", "Duplicates", tooltip="Group records of the same report. Can be undone for each record."
        ),
        Binding("p", "attach", "PDFs", tooltip="Read the PDFs in a folder and link each to its record."),
        Binding("c", "question", "Question", tooltip="Read and change the review's question and criteria."),
        Binding("k", "keep", "Copies", tooltip="Copies of the review, work packages for others, merging, checking."),
        Binding("e", "export", "Export", tooltip="Write tables, citations and the audit trail to a folder."),
        Binding("w", "pdf_list", "PDF list", show=False, tooltip="Which PDF is whose; what waits for you."),
        Binding("G", "duplicate_list", "Duplicate list", show=False, tooltip="What may be one report; every group."),
        Binding(
            "A",
            "dedupe_anew",
            "Duplicates anew",
            show=False,
            tooltip="Compare all records again for duplicates, not only the new ones.",
        ),
        Binding("u", "study_list", "Studies", show=False, tooltip="Which reports are of one study; what may be one."),
        Binding("m", "type_record", "Type a record", show=False, tooltip="Type a record that is in no file."),
        Binding("o", "source_list", "Imports", show=False, tooltip="What was imported; take a wrong import out."),
        Binding("v", "show_result", "Result", show=False, tooltip="Read all of what the last work here has said."),
        Binding("d", "doctor", "This computer", show=False, tooltip="What this computer can do; is all in order?"),
        Binding("l", "licences", "Licences", show=False, tooltip="What this program is made of, under which licences."),
        Binding("f", "status", "Full status", show=False, tooltip="Where the review stands, and what was done to it."),
        Binding("r", "protocol", "Protocol", show=False, tooltip="The whole protocol: read, change, lock it; rules."),
        Binding("a", "agreement", "Agreement", show=False, tooltip="How far the reviewers agree, stage by stage."),
        Binding("t", "strategy", "Try a strategy", show=False, tooltip="Which records your search strategy finds."),
        Binding("n", "update", "New update", show=False, tooltip="Continue the review as an update: new searches."),
        Binding("h", "past_flow", "Numbers at a past moment", show=False, tooltip="PRISMA as it stood on another day."),
        *WORK_KEYS,
    ]

    _outcome: tuple[str, tuple[str, ...]] = ("Nothing was started here yet.", ())
    _packages: tuple[Package | None, list[GivenPackage]] = (None, [])

    def body(self) -> ComposeResult:
        with Container(id="split"):
            with VerticalScroll(id="advice"):
                yield Static(id="steps", markup=False)
                yield Static(id="question", markup=False)
            with VerticalScroll(id="numbers"):
                yield Static(id="counts", markup=False)
        yield Static(id="outcome", markup=False)

    def on_mount(self) -> None:
        self.query_one("#outcome").display = False
        self.query_one("#advice").focus()

    def refresh_review(self) -> None:
        counts = self.session.review.counts()
        self._packages = self.session.review.package(), self.session.review.given_packages()
        self.query_one("#counts", Static).update(self._counts(counts))
        self.query_one("#question", Static).update(self._question())
        self.query_one("#steps", Static).update(self._steps(self._advice(counts)))

    def work_changed(self) -> None:
        self.query_one("#counts", Static).update(self._counts(self.session.review.counts()))

    def job_stage(self) -> Stage | None:
        """What the model has not yet done, in the order of a review: abstracts, full texts, extraction."""
        counts = self.session.review.counts()
        readable = {Stage.ABSTRACT: counts.to_screen, Stage.FULLTEXT: counts.sought - counts.not_retrieved}
        for stage in counts.progress:
            if stage.screened + stage.failed < readable[stage.stage]:
                return stage.stage
        return None

    # ------------------------------------------------------------ what is shown

    def _advice(self, counts: PrismaCounts) -> list[NextStep]:
        session = self.session
        studies = session.studies()
        to_check = session.review.count_unverified(studies)
        waiting = len(session.review.waiting_pdfs())
        reworded = sum(len(session.review.excluded_earlier(stage)) for stage in Stage) if counts.update else 0
        changed = sum(len(session.review.record_ids(stage, RecordFilter.CHANGED)) for stage in Stage)
        criteria, has_model = len(session.review.criteria()), session.has_model
        doubts = len(session.review.doubts())
        known = (criteria, len(studies), to_check, has_model, waiting, reworded, changed, doubts)
        return list_next_steps(ReviewState(counts, *known))

    def _question(self) -> Content:
        question = self.session.review.question
        parts: list[Content | str] = [Content.styled(safe_line(question.title) or "(no title)", "bold")]
        for criterion in self.session.review.criteria():
            parts += [
                "\n",
                Content.styled(f"{safe_line(criterion.name)}: ", "bold $text-accent"),
                safe_line(criterion.text),
            ]
        for limit in self.session.review.limits():
            by_rule = "   (by rule, and takes out)" if limit.excludes else "   (by rule)"
            name = Content.styled(f"{safe_line(limit.name)}: ", "bold $text-accent")
            parts += ["\n", name, safe_line(limit.text or limit.in_words()), Content.styled(by_rule, labels.MUTED)]
        return Content.assemble(*parts)

    def _steps(self, advice: list[NextStep]) -> Content:
        parts: list[Content | str] = [Content.styled("What to do next", "bold underline")]
        for step in advice:
            parts += ["\n", Content.styled(f" {step.key} ", "bold reverse"), f" {step.text}"]
        if not advice:
            parts += ["\nAll is decided and checked."]
        parts += ["\n", Content.styled(" e ", "bold reverse"), " Write tables, citations and the audit trail.\n"]
        return Content.assemble(*parts)

    def _counts(self, counts: PrismaCounts) -> Content:
        package, given = self._packages
        what = "The review" if package is None else "The work package"
        parts: list[Content | str] = [Content.styled(f"{what} in numbers", "bold underline")]
        if package is not None:
            parts += ["\n", Content.styled(safe_line(package.in_words()), "bold $text-accent")]
        if counts.update is not None:
            parts.append(f"\n{safe_line(update_in_words(counts))}")
        for line in flow_lines(counts):
            if not line.is_source:
                text = f"{line.number:>8,}  {'  ' * line.depth}{safe_line(line.label)}"
                parts += ["\n", Content.styled(text, labels.MUTED if line.depth else "bold")]
        for stage in counts.progress:
            parts += ["\n\n", Content.styled(labels.STAGE[stage.stage].capitalize(), "bold")]
            parts.append(
                f"\n{text_bar(stage.decided, stage.records)} you decided {stage.decided:,} of {stage.records:,}"
            )
            failed = f", {stage.failed:,} failed" if stage.failed else ""
            parts.append(f"\n{text_bar(stage.screened, stage.records)} the model judged {stage.screened:,}{failed}")
        if given:
            parts += ["\n\n", Content.styled("Work packages given out", "bold")]
            parts += [f"\n{safe_line(line)}" for line in given_in_words(given)]
        return Content.assemble(*parts)

    # ------------------------------------------------------------ chores

    def action_import_file(self) -> None:
        ImportDialog(self.leads, self.session, self, self._start).ask()

    def action_type_record(self) -> None:
        self.leads.ask(TypeRecord(self.session), self._typed)

    def _typed(self, said: str | None) -> None:
        if said:
            self.leads.tell(said)
            self.refresh_review()

    def action_attach(self) -> None:
        explanation = "All PDFs in it are read. Type its path, or drag the folder into the terminal."
        self.leads.ask(
            TextPrompt("PDFs from which folder?", explanation),
            partial(self._path_given, _READING, file_tasks.attach_pdfs),
        )

    def _path_given(self, what: str, make: file_tasks.ChoreMaker, text: str | None) -> None:
        if text:
            self._start(what, make(file_tasks.typed_path(text)))

    def action_pdf_list(self) -> None:
        self.leads.ask(PdfList(self.leads, self.session), lambda _: self.refresh_review())

    def action_duplicate_list(self) -> None:
        self.leads.ask(DuplicateList(self.leads, self.session), lambda _: self.refresh_review())

    def action_study_list(self) -> None:
        self.leads.ask(StudyDialog(self.leads, self.session), lambda _: self.refresh_review())

    def action_source_list(self) -> None:
        self.leads.ask(SourceList(self.leads, self.session), lambda _: self.refresh_review())

    def action_dedupe(self) -> None:
        self._start("Finding duplicates", file_tasks.find_duplicates)

    def action_dedupe_anew(self) -> None:
        explanation = (
            "What was said of pairs and groups stays. Of many records it takes minutes. The search with g compares "
            "only what came since the last time."
        )
        answers = [PickItem("a", "Compare all records again", _ANEW), PickItem("n", "Leave it", "")]
        self.leads.ask(PickOne("Compare all records again for duplicates?", answers, "", explanation), self._anew)

    def _anew(self, answer: str | None) -> None:
        if answer:
            self._start("Finding duplicates anew", file_tasks.find_duplicates_anew)

    def action_export(self) -> None:
        ExportDialog(self.leads, self.session, self._start).ask()

    def action_doctor(self) -> None:
        self._start("This computer", file_tasks.examine_computer(self.session.settings))

    def action_licences(self) -> None:
        self._start("Licences", file_tasks.list_licences)

    def action_agreement(self) -> None:
        self._start("Agreement", file_tasks.compare_reviewers)

    def action_strategy(self) -> None:
        explanation = "In the syntax of PubMed or Ovid. Type it, or the path of the file that holds it."
        self.leads.ask(TextPrompt("Which search strategy?", explanation), self._strategy_given)

    def _strategy_given(self, text: str | None) -> None:
        if text:
            self._start("Search strategy", file_tasks.try_strategy(text))

    def action_update(self) -> None:
        explanation = (
            "What is included now is known as included before, and the numbers are those of the update. U undoes it."
        )
        if updates := self.session.review.updates():
            explanation += f" Until now: {safe_line(', '.join(one.label for one in updates))}."
        label = f"Update {datetime.now(UTC).year}"
        self.leads.ask(TextPrompt("Continue the review as which update?", explanation, label), self._update_named)

    def _update_named(self, label: str | None) -> None:
        if label is not None:
            self._start("Continuing the review", file_tasks.begin_update(label))

    def action_past_flow(self) -> None:
        self.leads.ask(TextPrompt("The numbers as they stood when?", MOMENT_HELP), self._moment_given)

    def _moment_given(self, text: str | None) -> None:
        if text:
            self._start("The numbers at a past moment", file_tasks.past_flow(read_moment(text)))

    def action_status(self) -> None:
        review = self.session.review
        lines = (*status_lines(review), "", "What was done to the review:", *done_lines(review))
        self.leads.ask(ReportScreen("Where the review stands", lines), lambda _: None)

    def action_show_result(self) -> None:
        """All that the last chore has said."""
        self.leads.ask(ReportScreen(*self._outcome), lambda _: None)

    def _start(self, what: str, chore: Chore) -> None:
        self.show_outcome(f"{what} …", ())
        self.leads.start_chore(what, chore)

    def show_progress(self, event: ChoreProgressed) -> None:
        progress = event.progress
        total = (
            f"{text_bar(progress.done, progress.total)} {progress.done:,} of {progress.total:,} "
            if progress.total
            else ""
        )
        self.show_outcome(f"{progress.what} {total}{progress.note}", ())

    def show_end(self, event: ChoreEnded) -> None:
        self.show_outcome(event.problem or f"{event.what}: done.", event.lines)
        if self.is_current:
            self.refresh_review()
            if event.what == _READING and self.session.review.waiting_pdfs():
                self.action_pdf_list()
            elif len(event.lines) > _LINES_SHOWN:
                self.action_show_result()

    def show_outcome(self, heading: str, lines: tuple[str, ...]) -> None:
        """What a chore is doing, or what came of it; stays until the next one."""
        self._outcome = heading, lines
        parts: list[Content | str] = [Content.styled(safe_line(heading), "bold $text-accent")]
        parts += [f"\n{safe_line(entry)}" for entry in lines[:_LINES_SHOWN]]
        if len(lines) > _LINES_SHOWN:
            parts.append(f"\n… and {len(lines) - _LINES_SHOWN:,} more lines: v shows all of them.")
        outcome = self.query_one("#outcome", Static)
        outcome.update(Content.assemble(*parts))
        outcome.display = True

    # ------------------------------------------------------------ copies

    def action_keep(self) -> None:
        self.leads.ask(keeping.ask_copies_or_check(len(self.session.review.rescued())), self._keep_chosen)

    def _keep_chosen(self, chosen: str | None) -> None:
        if chosen == keeping.BACK_UP:
            self.show_outcome(f"A copy was made: {safekeeping.back_up(self.session.review)}", ())
        elif chosen == keeping.PUT_BACK:
            for file in self.session.review.rescued():
                self.leads.put_back(self.session, file)
            self.refresh_review()
        elif chosen == keeping.CHECK:
            self._start("Checking the review file", file_tasks.check_review)
        elif chosen == keeping.MERGE:
            explanation = (
                "It stays as it is; this review is kept as a copy first. Type its path, or drag the file here."
            )
            self.leads.ask(
                TextPrompt("Take from which copy or work package?", explanation),
                partial(self._path_given, "Merging", file_tasks.merge_copy),
            )
        elif chosen == keeping.SHARE:
            self.leads.ask(give_package.ask_what_for(), self._ask_whom)
        elif chosen == keeping.RESTORE:
            copies = backups.list_copies(self.session.path)
            if copies:
                self.leads.ask(keeping.ask_which_copy(copies), self._copy_chosen)
            else:
                self.leads.tell("There are no copies of this review yet.", "warning")

    def _ask_whom(self, what_for: str | None) -> None:
        if what_for:
            self.leads.ask(GivePackage(what_for, self.session.path), self._give)

    def _give(self, wish: Wish | None) -> None:
        if wish is not None:
            of = (wish.path, wish.reviewer, wish.stage, wish.selection)
            self._start("Work package", file_tasks.give_package(*of, texts=wish.texts, scores=wish.scores))

    def _copy_chosen(self, chosen: str | None) -> None:
        if chosen:
            self.leads.go_back(Path(chosen))

    # ------------------------------------------------------------ the question

    def action_question(self) -> None:
        self.leads.ask(EditQuestion(self.session), self._question_edited)

    def action_protocol(self) -> None:
        ProtocolMenu(self.leads, self.session, partial(self._question_edited, True)).show_choices()

    def _question_edited(self, stored: bool | None) -> None:
        if stored:
            self._show_top()
        self.refresh_review()  # reasons and limits are stored by dialogs of their own
