"""A worker answers one document for each path, keeps its answers free of what libraries print, and has no network."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from leads_local.documents import reader, serialization
from tests.documents.conftest import Typeset
from tests.patience import patience

ROOT = str(Path(__file__).resolve().parents[2])
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from leads_local.documents import worker, reader\n"


def run(code: str, *paths: Path) -> bytes:
    lines = "".join(json.dumps(str(path)) + "\n" for path in paths)
    command = [sys.executable, "-c", START + code, ROOT, "30", str(1 << 30)]
    return subprocess.run(command, input=lines.encode(), capture_output=True, check=True, timeout=60).stdout


def test_one_line_for_each_path_and_nothing_else(typeset: Typeset, tmp_path: Path) -> None:
    good, gone = typeset([(72, 100, 11, "A paper with some text in it")], name="ein päper.pdf"), tmp_path / "gone.pdf"
    noisy = (
        "read = reader.read\ndef loud(path):\n    print('noise'); return read(path)\nreader.read = loud\nworker.main()"
    )
    answers = run(noisy, good, gone, good).splitlines()
    assert [serialization.loads(line) for line in answers] == [reader.read(good), reader.read(gone), reader.read(good)]


def test_no_input_no_answer() -> None:
    assert run("worker.main()") == b""


def test_the_network_is_refused() -> None:
    code = "import socket\ndef reach(path):\n    try:\n        socket.create_connection(('192.0.2.1', 9), 0.1)\n"
    code += "    except OSError as error:\n        return read(str(type(error).__name__) + '.pdf')\n"
    (line,) = run(code + "read = reader.read\nreader.read = reach\nworker.main()", Path("any.pdf")).splitlines()
    assert serialization.loads(line).problem.startswith("OfflineError.pdf")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows counts waiting, too")
def test_a_worker_that_nobody_watches_ends_by_its_own_work(tmp_path: Path) -> None:
    """Each file anew, and whatever its time on a clock."""
    code = "import time\ndef read(path):\n    time.sleep(1.5 if 'waits' in path else 0)\n"
    code += (
        "    end = time.process_time() + (60 if 'works' in path else 0.6)\n    while time.process_time() < end: pass\n"
    )
    code += "    return real(path)\nreal, reader.read, worker._GRACE = reader.read, read, 1.0\nworker.main()"
    command = [sys.executable, "-c", START + code, ROOT, "0.2", str(1 << 30)]
    given = "".join(f'"{name}.pdf"\n' for name in ("waits", "a", "b", "works", "c"))
    done = subprocess.run(command, input=given.encode(), capture_output=True, timeout=patience(60))
    assert done.returncode == -signal.SIGPROF and len(done.stdout.splitlines()) == 3


def test_the_limit_is_a_files_and_not_that_of_waiting_for_the_next(typeset: Typeset) -> None:
    code = "from leads_local import lifeline\nset = []\nlifeline.limit_work = set.append\nworker.main()\n"
    good = typeset([(72, 100, 11, "A paper with some text in it")])
    code += "import os; os.write(2, repr(set).encode())"
    command = [sys.executable, "-c", START + code, ROOT, "30", str(1 << 30)]
    given = json.dumps(str(good)) + "\n"
    done = subprocess.run(command, input=(2 * given).encode(), capture_output=True, check=True, timeout=60)
    assert done.stderr.endswith(b"[50.0, 0, 50.0, 0]")
