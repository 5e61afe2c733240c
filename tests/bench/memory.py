"""Memory against the plan: the peak of a process with a model and a cache, for eleven sizes, beside what
``plan.needed`` says.

    python -m tests.bench.memory MODEL.gguf…

Each size gets a process of its own with all that the model's child loads. It fills its cache, or the first and the last
of its streams (all are written to when they are made), with logits for as many rows as there may be.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from leads_local.engine import header, memory_plan
from tests.bench.workload import show

# cells, slots, batch, cache type, streams
SIZES = (
    (2048, 8, 128, "f16", False),
    (4096, 20, 128, "f16", False),
    (8192, 36, 128, "f16", False),
    (8192, 36, 256, "f16", False),
    (12288, 36, 128, "f16", False),
    (8192, 36, 128, "q8_0", False),
    (32768, 36, 128, "q8_0", False),
    (16384, 36, 512, "q8_0", False),
    (33 * memory_plan.STREAM_CELLS, 33, 128, "f16", True),
    (17 * memory_plan.STREAM_CELLS, 17, 128, "f16", True),
    (9 * memory_plan.STREAM_CELLS, 9, 128, "f16", True),
)


def child(path: Path, cells: int, slots: int, batch: int, cache_type: str, streams: bool) -> None:
    from leads_local.engine import worker

    worker.route_log(lambda _text: None)
    model = worker.Model(path)
    worker.Compiler(model.vocabulary)
    context = worker.Context(
        model,
        cells=cells,
        sequences=slots,
        batch=batch,
        outputs=max(64, slots),
        threads=1,
        cache_type=cache_type,
        unified=not streams,
        flash_attention=cache_type != "f16",
    )
    part = cells // slots
    for slot in (0, slots - 1) if streams else (0,):
        for start in range(0, (part if streams else cells) - batch, batch):
            wanted = [number < context.outputs for number in range(batch)]
            context.evaluate([1000] * batch, range(start, start + batch), [slot] * batch, wanted)
            if start >= 2 * batch and cache_type != "f16":
                break  # flash attention takes the same for any length
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    print(int(found[1]) * 1024 if found else 0)


def row(path: Path, cells: int, slots: int, batch: int, cache_type: str, streams: bool) -> dict[str, Any]:
    known = header.read(path)
    said = memory_plan.memory_needed(
        known, cells, batch, max(64, slots), cache_type, flash=cache_type != "f16", streams=slots if streams else 1
    )
    given = json.dumps([str(path), cells, slots, batch, cache_type, streams])
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.memory", "--child", given], capture_output=True, text=True
    )
    peak = int((done.stdout.split() or ["0"])[-1])
    mib = {name: round(getattr(said, name) / 2**20) for name in ("weights", "cache", "buffers", "program", "total")}
    size = f"{path.stem} cells {cells} {'in ' + str(slots) + ' streams ' if streams else ''}batch {batch} {cache_type}"
    return {
        "size": size,
        **mib,
        "peak": round(peak / 2**20),
        "plan_over_peak": round(said.total / peak, 3) if peak else done.stderr[-200:],
    }


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        first, *rest = json.loads(sys.argv[2])
        child(Path(first), *rest)
    else:
        show({"memory": [row(Path(name), *size) for name in sys.argv[1:] for size in SIZES]})
