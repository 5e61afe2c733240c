"""Start the UI in a process of its own, guarded as users' processes are, on a screen that isn't there, and end it.

``python -m tests.start_ui REVIEW``. Workflows run it on every system: making an event loop under the guard is what once
failed on Windows, and tests take the guard away.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from leads_local import offline
from leads_local.config import Settings
from leads_local.tui.app import LeadsApp
from leads_local.tui.session import Session


async def start(path: Path) -> int:
    """How many errors the UI met that are not for users."""
    settings = Settings()
    app = LeadsApp(settings, Session.open(path, settings))
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("2", "question_mark", "escape", "1"):
            await pilot.press(key)
        app.stop_work()
    if app.session is not None:
        app.session.close()
    return len(app.faults)


if __name__ == "__main__":
    offline.enforce()
    faults = asyncio.run(start(Path(sys.argv[1])))
    print("The UI started and ended." if not faults else f"The UI met {faults} errors.")
    sys.exit(bool(faults))
