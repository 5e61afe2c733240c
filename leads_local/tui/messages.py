"""Every message that our widgets and workers send. They carry ids and plain records, never widgets' insides.

What a worker announces has been committed before. Messages about progress and about the cursor supersede older copies
that are still waiting (``can_replace``), so that a fast worker or a held key never queues up more work than the screen
can draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from pathlib import Path

    from leads_local.engine.types import ModelInfo
    from leads_local.records import Progress
    from leads_local.tui.model_job import ModelJob
    from leads_local.tui.session import Session


class CursorMoved(Message):
    """The cursor of a list stands on ``key``: a record's or a value's id, 0 when the list is empty."""

    def __init__(self, list_id: str, key: int) -> None:
        super().__init__()
        self.list_id = list_id
        self.key = key

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, CursorMoved) and message.list_id == self.list_id


class RowChosen(Message):
    """Enter or a double click on the row ``key``."""

    def __init__(self, list_id: str, key: int) -> None:
        super().__init__()
        self.list_id = list_id
        self.key = key


class RecordsFound(Message):
    """The ids of what ``term`` means, in the order searched."""

    def __init__(self, term: str, ids: list[int]) -> None:
        super().__init__()
        self.term = term
        self.ids = ids


class SearchFailed(Message):
    """Why what ``term`` means could not be looked up. ``typing``: it may not be finished."""

    def __init__(self, term: str, typing: bool, error: Exception) -> None:
        super().__init__()
        self.term = term
        self.typing = typing
        self.error = error


class SearchPrepared(Message):
    """How far the review is read for searching."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress


class ReviewChosen(Message):
    """Open this review; ``rescued`` names a file of acts to be put back into it, ``look_only`` opens it only to be
    read."""

    def __init__(self, path: Path, rescued: Path | None = None, *, look_only: bool = False) -> None:
        super().__init__()
        self.path = path
        self.rescued = rescued
        self.look_only = look_only


class FileLookedAt(Message):
    """Every byte of the file of ``session`` was looked at, after so many ``acts``. ``damage``: what is wrong with it,
    in a few words each; None where it could not be looked at."""

    def __init__(self, session: Session, acts: int, damage: list[str] | None) -> None:
        super().__init__()
        self.session = session
        self.acts = acts
        self.damage = damage


class ModelLoading(Message):
    """``part`` of the model, 0 to 1, is in memory."""

    def __init__(self, part: float) -> None:
        super().__init__()
        self.part = part

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, ModelLoading)


class ModelLoaded(Message):
    """A model is ready to work."""

    def __init__(self, model: ModelInfo) -> None:
        super().__init__()
        self.model = model


class KeptAwake(Message):
    """Whether this computer is kept awake while the model works: ``said`` is a sentence, or "" where nothing is to be
    said."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said


class WorkProgressed(Message):
    """The model has answered something; its answer is stored. ``seconds_left`` is None while it can't be told."""

    def __init__(self, job: ModelJob, progress: Progress, seconds_left: float | None) -> None:
        super().__init__()
        self.job = job
        self.progress = progress
        self.seconds_left = seconds_left

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, WorkProgressed) and message.job == self.job


class WorkEnded(Message):
    """Model work is over: done, stopped (``stopped``) or impossible (``problem``, one sentence)."""

    def __init__(self, job: ModelJob, stopped: bool, problem: str = "") -> None:
        super().__init__()
        self.job = job
        self.stopped = stopped
        self.problem = problem


class ChoreProgressed(Message):
    """How far an import, a search for duplicates or the reading of PDFs has come."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, ChoreProgressed)


class ChoreEnded(Message):
    """A chore is over. ``lines`` say what came of it; ``problem`` (one sentence) why nothing did."""

    def __init__(self, what: str, lines: tuple[str, ...] = (), problem: str = "") -> None:
        super().__init__()
        self.what = what
        self.lines = lines
        self.problem = problem
