"""Which review is open: opening one, going back to a copy, another version in its place, closing it.

What a person decided is in the review file before any message says so, so a review may be closed at any moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from textual import on

from leads_local.app import pages, reviewers, safekeeping
from leads_local.config import Settings
from leads_local.errors import LeadsError
from leads_local.review import backups, opening
from leads_local.review.database import DamagedReview, ReviewReplaced
from leads_local.review.opening import OldReview
from leads_local.tui import model_job, recent
from leads_local.tui.app_work import WorkingApp
from leads_local.tui.messages import FileLookedAt, ReviewChosen
from leads_local.tui.screens import keeping, who
from leads_local.tui.screens.base import ReviewScreen
from leads_local.tui.screens.extraction import ExtractionScreen
from leads_local.tui.screens.home import HomeScreen
from leads_local.tui.screens.overview import OverviewScreen
from leads_local.tui.screens.page_picture import PagePictureScreen
from leads_local.tui.screens.paper import PaperScreen
from leads_local.tui.screens.screening import ScreeningScreen
from leads_local.tui.screens.who import NameDialog
from leads_local.tui.session import Session

_LOOK_SECONDS = 2.0  # how often the open file is compared with the one at its path
_LOOK_AGAIN_SECONDS = 0.1
_IDLE_SECONDS = 120.0  # without a key, after which every byte of the file is looked at
_SCREENS = (OverviewScreen, ScreeningScreen, ExtractionScreen)


class ReviewsApp(WorkingApp):
    """An app that opens and closes reviews. ``first`` is opened at the start, with whatever is to be asked about it."""

    def __init__(
        self, settings: Settings, session: Session | None, open_engine: model_job.OpenEngine, first: Path | None
    ) -> None:
        super().__init__(settings, session, open_engine)
        self._first = first
        self._replaced = False  # a dialog about it is open
        self._looking_whole = False

    def on_mount(self) -> None:
        if self.session is None:
            self.push_screen(HomeScreen(self))
            if self._first is not None:
                self.post_message(ReviewChosen(self._first))
        else:
            self._install(self.session)
            self.push_screen(OverviewScreen.place)
            self._tell_of(self.session)
        self.set_interval(_LOOK_SECONDS, self._look)

    def report(self, error: Exception) -> None:
        """As any error, except that another version in the review's place is asked about."""
        if isinstance(error, ReviewReplaced) and self.session is not None:
            self._tell_replaced(error)
        else:
            super().report(error)

    def _install(self, session: Session) -> None:
        self.session = session
        recent.remember(session.path)
        for screen_class in _SCREENS:
            self.install_screen(screen_class(self, session), screen_class.place)

    @on(ReviewChosen)
    def _review_chosen(self, event: ReviewChosen) -> None:
        if self.session is not None:  # chosen twice before the first had been opened
            return
        try:
            session = Session.open(event.path, self.settings, look_only=event.look_only)
        except OldReview as error:
            self.ask(keeping.ask_upgrade(event.path, str(error)), partial(self._upgrade_answered, event))
            return
        except DamagedReview as error:
            if event.look_only:
                raise
            self.ask(keeping.ask_damaged(event.path, str(error)), partial(self._damaged_answered, event))
            return
        try:
            if event.rescued is not None:
                self.put_back(session, event.rescued)
        except LeadsError as error:  # of another review, say: what is there is opened all the same
            self.report(error)
        except BaseException:
            session.close()
            raise
        self._install(session)
        self.switch_screen(OverviewScreen.place)
        self._tell_of(session)

    def _tell_of(self, session: Session) -> None:
        """What a person should know of the file."""
        for notice in safekeeping.notices(session.review):
            self.tell(notice, "warning")
        if not session.review.writable:
            self.tell_read_only(session)
        elif not session.reviewer:
            note = reviewers.who_note(session.review)
            self.ask(NameDialog(note, reviewers.suggested(self.settings)), self._named)
        else:
            self._tell_of_name(session)

    def _named(self, name: str | None) -> None:
        """The person at the keyboard has said who they are; without a name a review is not worked on."""
        if self.session is None:
            return
        if name is None:
            self._close_review(lambda: self.tell(who.NOTE))
            return
        self.settings = replace(self.settings, reviewer=name)
        self.session.name_reviewer(name)
        self._tell_of_name(self.session)
        if isinstance(self.screen, ReviewScreen):
            self.screen.refresh_review()
        reviewers.remember(name)

    def _tell_of_name(self, session: Session) -> None:
        if said := reviewers.notice(session.review):
            self.tell(said, "warning")

    def _upgrade_answered(self, event: ReviewChosen, answer: str | None) -> None:
        path = event.path
        if answer == keeping.UPGRADE:
            self.tell_outcome(safekeeping.describe_upgrade(path, safekeeping.upgrade(path)))
            self.post_message(ReviewChosen(path, event.rescued))
        elif answer == keeping.LOOK_ONLY:
            self.post_message(ReviewChosen(path, look_only=True))

    def _damaged_answered(self, event: ReviewChosen, answer: str | None) -> None:
        if answer == keeping.LOOK_ONLY:
            self.post_message(ReviewChosen(event.path, look_only=True))
        elif answer == keeping.RESTORE:
            copies = safekeeping.list_copies(event.path)
            self.ask(keeping.ask_which_copy(copies), partial(self._restore, event.path))

    def _restore(self, path: Path, copy: str | None) -> None:
        """Put a copy in the place of a review that is not open, which is kept, and open it."""
        if copy:
            self.tell_outcome(safekeeping.describe_restore(path, backups.restore(path, Path(copy))))
            self.post_message(ReviewChosen(path))

    # ------------------------------------------------------------ copies, and other versions

    def _look(self) -> None:
        """Every few seconds: is the file at the review's path still the one that is open?"""
        if self.session is not None and not self._replaced:
            try:
                self.session.review.check_same()
                self._look_whole_when_idle(self.session)
            except LeadsError as error:
                self.report(error)

    def _look_whole_when_idle(self, session: Session) -> None:
        """What was exchanged in the file while it was written to shows only when all of it is looked at: once after
        what was said, when nobody is kept waiting by that. It is done again when the review is closed."""
        acts = session.review.said_since_look()
        if not acts or self._looking_whole or self.work_view.busy or self.idle_seconds() < _IDLE_SECONDS:
            return
        self._looking_whole = True

        def look() -> None:
            self.post_message(FileLookedAt(session, acts, opening.find_damage_aside(session.path)))

        self.run_worker(look, name="look at the file", group="look", thread=True, exit_on_error=False)

    @on(FileLookedAt)
    def _file_looked_at(self, event: FileLookedAt) -> None:
        self._looking_whole = False
        if event.session is self.session and event.damage is not None:
            self.session.review.note_look(event.acts, event.damage)

    def _tell_replaced(self, error: ReviewReplaced) -> None:
        if self.session is not None and not self._replaced:
            self._replaced = True
            path = self.session.path
            dialog = keeping.ask_what_of_replaced(
                str(error), acts=error.acts is not None, copy=error.copy is not None, there=path.exists()
            )
            self.ask(dialog, partial(self._replaced_answered, path, error))

    def _replaced_answered(self, path: Path, error: ReviewReplaced, answer: str | None) -> None:
        def then() -> None:
            self._replaced = False
            if answer == keeping.KEEP_MINE and error.copy is not None:
                done = backups.restore(path, error.copy)
                self.tell(
                    f"Your version is back. The other is kept as {done.kept}." if done.kept else "Your version is back."
                )
                self.post_message(ReviewChosen(path, error.acts))
            elif answer == keeping.PUT_BACK:
                self.post_message(ReviewChosen(path, error.acts))

        self._close_review(then)

    def put_back(self, session: Session, acts: Path) -> None:
        self.tell_outcome(safekeeping.describe_put_back(session.review.put_back(acts)))

    def go_back(self, copy: Path) -> None:
        """Put a copy in the place of the open review, which is kept, and open it."""
        if self.session is None:
            return
        path = self.session.path

        self._close_review(lambda: self._restore(path, str(copy)))

    def _close_review(self, then: Callable[[], None]) -> None:
        """Stop what runs, close the review, and call ``then`` from the list of reviews."""
        self.stop_work()
        self._chores.stop()

        async def when_idle() -> None:
            if self.work_view.busy or self._chores.running:
                self.set_timer(_LOOK_AGAIN_SECONDS, when_idle)
                return
            try:
                while not isinstance(self.screen, ReviewScreen):  # a dialog, or a paper
                    self.pop_screen()
                await self._go_home()
                then()
            except Exception as error:
                self.report(error)

        self.call_later(when_idle)

    async def _go_home(self) -> None:
        if self.session is None:
            return
        await self.switch_screen(HomeScreen(self))
        for screen_class in _SCREENS:
            screen = self.get_screen(screen_class.place)
            self.uninstall_screen(screen_class.place)
            if screen.is_running:
                await screen.remove()
        session, self.session = self.session, None
        session.close()

    def show_paper(self, record_id: int, value_id: int = 0) -> None:
        """Open the text of a paper, at the quote of a value when one is named."""
        if self.session is None or not record_id:
            return
        values = self.session.review.values(record_id) if value_id else []
        stored = next((stored for stored in values if stored.id == value_id), None)
        document = self.session.document_of(stored) if stored is not None else self.session.document(record_id)
        if document is None or not document.passages:
            reason = (
                f"The full text can't be read: {document.problem}"
                if document
                else "No full text is attached to this record."
            )
            self.tell(reason, "warning")
            return
        fulltext = self.session.review.record(record_id).fulltext
        own = fulltext.page_range if fulltext is not None and fulltext.sha256 == document.sha256 else None
        quote = stored.value.quote if stored is not None else None
        self.push_screen(PaperScreen(document, quote, own, partial(self.show_page, record_id, value_id)))

    def show_page(self, record_id: int, value_id: int = 0, number: int = 0) -> None:
        """Open a page of a paper as it is printed, with its values marked, at the place of a value when one is
        named."""
        if self.session is not None and record_id:
            page = pages.find_page(self.session.review, record_id, number, value_id)
            self.push_screen(PagePictureScreen(self, self.session, page, value_id))
