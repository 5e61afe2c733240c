"""The guard refuses network sockets in a process of ours, and leaves local pipes alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

GUARD = "from leads_local import offline; offline.enforce(); offline.enforce()\n"


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", GUARD + code], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "import socket; socket.socket(socket.AF_INET6)",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import socket; s = socket.socket(socket.AF_UNIX) if hasattr(socket, 'AF_UNIX') else socket.socket(); s.connect('/nowhere')",
    ],
)
def test_network_is_refused(code: str) -> None:
    done = run(code)
    assert done.returncode != 0
    assert "leads-local works offline" in done.stderr


def test_event_loops_still_work() -> None:
    done = run("import asyncio; print(asyncio.run(asyncio.sleep(0, 'slept')))")
    assert done.stdout.strip() == "slept", done.stderr
