"""The guard that refuses every network socket in this process.

Papers under review are confidential, so the promise "no network" is enforced, not only kept: ``enforce()`` is called first thing by the
command line, the terminal UI, the API and every child process. It installs an audit hook, which can't be removed again while the process
lives. Local pipes and socket pairs without an address (asyncio's self-pipe) stay possible.
"""

from __future__ import annotations

import socket
import sys

_REFUSED = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"})
_installed = False


class OfflineError(OSError):
    """Something tried to reach the network. It was refused."""


def _hook(event: str, args: tuple[object, ...]) -> None:
    if event in _REFUSED:
        raise OfflineError(f"leads-local works offline: {event} was refused")
    if event == "socket.__new__" and len(args) > 1 and args[1] in (socket.AF_INET, socket.AF_INET6):
        raise OfflineError("leads-local works offline: opening a network socket was refused")


def enforce() -> None:
    """Refuse network sockets from now on. Calling it again changes nothing."""
    global _installed
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True
