"""``python -m tests.fake_program SECONDS ARGUMENTS…``: the whole program with an engine that needs SECONDS for each
answer and no model."""

from __future__ import annotations

import sys
from typing import Any

from leads_local.engine import host
from tests.fake_engine import FakeEngine


def main() -> int:
    delay = float(sys.argv.pop(1))

    def open_engine(settings: Any, progress: Any = None, **_: Any) -> FakeEngine:
        return FakeEngine(delay=delay)

    host.open_engine = open_engine  # type: ignore[assignment]
    from leads_local.__main__ import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
