"""The child process that reads PDFs: one path a line comes in, one document a line goes out.

It may crash, hang or run out of memory without harm to anyone, which is why it exists. It ends when its input ends, by
itself after that much work even while stuck inside MuPDF, and it refuses the network like every process of ours.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from leads_local import lifeline, offline
from leads_local.documents import reader, serialization

_GRACE = 20.0  # seconds beyond the limit after which the worker ends itself, should nobody be there to end it


def main() -> None:
    """Read PDFs until the input ends."""
    serve(lambda path: serialization.dumps(reader.read(path)))


def serve(answer: Callable[[Any], bytes]) -> None:
    """Answer each line of the input, which is JSON, until it ends. Arguments of the program: time limit of one request
    in seconds, memory limit in bytes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    lifeline.end_with_parent()
    offline.enforce()
    timeout, memory = float(sys.argv[1]), int(sys.argv[2])
    lifeline.limit_memory(2 * memory)  # the parent watches as well
    with os.fdopen(os.dup(1), "wb") as answers:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)  # nothing that a library prints may get between the answers
        os.close(nowhere)
        gc.disable()  # looking through a page's many small objects took a sixth of the time, and found nothing
        for line in sys.stdin.buffer:
            lifeline.limit_work(timeout + _GRACE)
            answers.write(answer(json.loads(line)) + b"\n")
            answers.flush()
            lifeline.limit_work(0)
            gc.collect()


if __name__ == "__main__":
    main()
