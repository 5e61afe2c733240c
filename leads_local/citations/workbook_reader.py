"""The child process that takes a workbook apart: its bytes come in, a JSON line for each sheet and each row goes out.

A workbook is a stranger's, and native code reads it, which a small file can have ask for all the memory there is. So
it is read here, where that harms nobody, without the network like every process of ours.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

from leads_local import lifeline, offline
from leads_local.citations import workbook_counts

_LARGEST_EXACT = 1e15  # whole numbers up to here are exact in a workbook
_MOST_TOLD = 500_000_000  # characters: a row may say that it is there a million times


def cell_text(value: Any) -> str:
    """A cell as it is printed: ``2019`` and not ``2019.0``, dates as ISO 8601, without a time where that is 0."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _LARGEST_EXACT else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, int | timedelta) else value.replace("\r\n", "\n").replace("\r", "\n")


def read(data: bytes, tell: Callable[[Mapping[str, Any]], object]) -> None:
    """Tell of each sheet (``sheet``, ``hidden``), then of each of its rows that is not empty (``row`` from 1,
    ``cells``); last of what speaks against what was read (``doubt``), or of what is wrong, if anything is (``wrong``:
    password, large or damaged; ``why``). Raises nothing that a workbook can be the reason of."""
    try:
        _read(data, tell)
    except python_calamine.PasswordError as error:
        tell({"wrong": "password", "why": str(error)})
    except BaseException as error:  # a panic of Rust's is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        tell({"wrong": "damaged", "why": str(error)})


def _read(data: bytes, tell: Callable[[Mapping[str, Any]], object]) -> None:
    told, counts = 0, []
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
        for place, known in enumerate(workbook.sheets_metadata):
            if known.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            tell({"sheet": known.name, "hidden": known.visible != python_calamine.SheetVisibleEnum.Visible})
            counts.append(0)
            for row, cells in enumerate(workbook.get_sheet_by_index(place).iter_rows(), start=1):
                counts[-1] = row
                texts = list(map(cell_text, cells))
                told += len(texts) + sum(map(len, texts))
                if told > _MOST_TOLD:
                    tell({"wrong": "large", "why": f"sheet {known.name}"})
                    return
                if any(texts):
                    tell({"row": row, "cells": texts})
    for doubt in workbook_counts.doubts(data, counts):
        tell({"doubt": doubt})


def main() -> None:
    """Read the workbook that comes in. Arguments: limits in seconds and in bytes of memory, after which it is given
    up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    lifeline.end_with_parent()
    offline.enforce()
    lifeline.limit_work(float(sys.argv[1]))
    lifeline.limit_memory(int(sys.argv[2]))
    data = sys.stdin.buffer.read()
    with os.fdopen(os.dup(1), "wb") as answers:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)  # nothing that a library prints may get between the answers
        os.close(nowhere)
        read(data, lambda told: answers.write(json.dumps(told).encode("ascii") + b"\n"))


if __name__ == "__main__":
    main()
