"""``socket.socketpair`` as Windows' Python makes one: two sockets, one of which connects to the other over the
loopback."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Any


def pair(
    family: int = socket.AF_INET, type: int = socket.SOCK_STREAM, proto: int = 0
) -> tuple[socket.socket, socket.socket]:
    if family not in (socket.AF_INET, socket.AF_INET6):
        raise ValueError("Only AF_INET and AF_INET6 socket address families are supported")
    listening = socket.socket(family, type, proto)
    try:
        listening.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        listening.listen()
        client = socket.socket(family, type, proto)
        try:
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError, InterruptedError):
                client.connect(listening.getsockname()[:2])
            client.setblocking(True)
            served, _ = listening.accept()
        except BaseException:
            client.close()
            raise
    finally:
        listening.close()
    return served, client


def install(patch: Callable[[Any, str, Any], None]) -> None:
    patch(socket, "socketpair", pair)
