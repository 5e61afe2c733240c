"""Others doing the same work on the same machine: a plain ``llama_cpp.Llama`` loop, and llama.cpp's own server.

They run from a script of the source checkout (``tests/bench/peers.py``) and never from the installed program, which
opens no socket and imports llama_cpp in one place only. A peer that can't be had is said to be absent. The server can't
be had where the kernel's guard is in force, as it is in every process of ours but ``tests/bench/unguarded.py``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leads_local import children, offline
from leads_local.engine.types import Request

_ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = _ROOT / "tests" / "bench" / "peers.py"
LOOP, SERVER = "llama_cpp.Llama loop", "llama.cpp server"


def time_peers(
    model: str,
    threads: int,
    requests: Sequence[Request],
    server: Path | None,
    slots: Sequence[int],
    shared: bool = True,
) -> dict[str, dict[str, Any]]:
    """What each peer needs for ``requests``, by its name; the server once for each number of slots.

    ``shared`` False lets the loop forget each prompt, as upstream's does.
    """
    if not _SCRIPT.exists():
        missing = {"absent": "the script that runs it comes with the source checkout only"}
        return {LOOP: missing, SERVER: missing}
    job = {"model": model, "threads": threads, "shared": shared, "requests": [asdict(request) for request in requests]}
    found = {LOOP: _run({**job, "peer": "loop"})}
    if server is None:
        return found | {SERVER: {"absent": "its file was not given (--server)"}}
    if offline.guard_in_force().kernel:
        return found | {
            SERVER: {
                "absent": "the guard against the network lets no server run; tests/bench/unguarded.py runs this without"
            }
        }
    for number in slots:
        found[f"{SERVER}, {number} slots"] = _run({**job, "peer": "server", "server": str(server), "slots": number})
    return found


def _run(job: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-P", str(_SCRIPT)]
    done = subprocess.run(
        command, input=json.dumps(job), capture_output=True, text=True, cwd=_ROOT, env=children.environment()
    )
    if done.returncode:
        return {"absent": "it failed: " + (done.stderr.strip().splitlines() or ["no message"])[-1][:300]}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def compare_with_peers(
    ours: Mapping[str, float], others: Mapping[str, Mapping[str, Any]], requests: int
) -> dict[str, Any]:
    """How many times faster ours is than each peer and than the best one, for each of ``requests``, by the clock and by
    processor time."""
    kinds = ("wall", "cpu")
    faster = {
        name: {kind: round(peer[f"{kind}_s"] / peer["requests"] / (ours[f"{kind}_s"] / requests), 2) for kind in kinds}
        for name, peer in others.items()
        if "absent" not in peer
    }
    best = {kind: min(times[kind] for times in faster.values()) for kind in kinds if faster}
    return {"faster_than": faster, "faster_than_the_best_peer": best}
