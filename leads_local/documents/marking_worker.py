"""The child process that marks PDFs: one request a line comes in, one answer a line goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leads_local.documents import marking, worker
from leads_local.documents.marks import Bookmark, answer_copy, answer_pictures, to_mark, to_view


def main() -> None:
    """Serve until the input ends; see ``worker.serve``."""
    worker.serve(_answer)


def _answer(request: dict[str, Any]) -> bytes:
    source, sha256 = Path(request["source"]), request["sha256"]
    if request["do"] == "pictures":
        return answer_pictures(*marking.take_pictures(source, sha256, [to_view(view) for view in request["views"]]))
    marks = [to_mark(mark) for mark in request["marks"]]
    bookmarks = [Bookmark(**bookmark) for bookmark in request["bookmarks"]]
    target = Path(request["target"])
    return answer_copy(marking.make_copy(source, sha256, target, marks, bookmarks, request["cover_note"]))


if __name__ == "__main__":
    main()
