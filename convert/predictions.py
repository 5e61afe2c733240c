"""The program that writes down what a model predicts after each token of the texts, or compares it with what another
one wrote.

Only ever run as a process of its own (see evaluation.py). What is written are log-probabilities, float32, one row for
each token; the caller puts them into a temporary folder and takes them away. Row k of a piece of text predicts its
token k + 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from . import temporary
from .evaluation import cut_pieces, evaluate, open_model, run_task, send_progress, task_and_texts
from .place import explain_write_errors

Rows = npt.NDArray[np.float32]


def log_probabilities(context: Any, count: int, vocabulary: int) -> Rows:
    """(count, vocabulary) log-probabilities after each of the tokens just evaluated."""
    import llama_cpp

    rows = np.stack(
        [np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, place), (vocabulary,)) for place in range(count)]
    )
    rows = rows - rows.max(axis=1, keepdims=True)
    found: Rows = rows - np.log(np.exp(rows, dtype=np.float64).sum(axis=1, keepdims=True)).astype(np.float32)
    return found


class PredictionComparison:
    """Adds up, token by token, how far a model's predictions are from the reference's."""

    def __init__(self) -> None:
        self._divergence: list[float] = []
        self._agreed = 0
        self._loss = [0.0, 0.0]  # of the reference, of this one
        self._predicted = 0

    def add(self, ids: list[int], reference: Rows, found: Rows) -> None:
        shares = np.exp(reference, dtype=np.float64)
        self._divergence += (shares * (reference.astype(np.float64) - found)).sum(axis=1).clip(0).tolist()
        self._agreed += int((reference.argmax(axis=1) == found.argmax(axis=1)).sum())
        following, places = np.array(ids[1:]), np.arange(len(ids) - 1)
        self._loss[0] -= float(reference[places, following].sum(dtype=np.float64))
        self._loss[1] -= float(found[places, following].sum(dtype=np.float64))
        self._predicted += len(following)

    def result(self) -> dict[str, float]:
        divergence = np.array(self._divergence)
        reference, found = (float(np.exp(loss / self._predicted)) for loss in self._loss)
        return {
            "tokens": len(divergence),
            "divergence_mean": float(divergence.mean()),
            "divergence_median": float(np.median(divergence)),
            "divergence_99": float(np.quantile(divergence, 0.99)),
            "same_first": self._agreed / len(divergence),
            "perplexity_reference": reference,
            "perplexity": found,
        }


def _predict_texts(task: dict[str, Any], texts: list[dict[str, Any]], stream: Any, file: BinaryIO) -> None:
    import llama_cpp

    model, context = open_model(task, None)
    vocabulary = llama_cpp.llama_model_get_vocab(model)
    size = llama_cpp.llama_vocab_n_tokens(vocabulary)
    pieces = cut_pieces(vocabulary, texts, task["chunk"], task["tokens"])
    batch = llama_cpp.llama_batch_init(max((len(piece) for piece in pieces), default=1), 0, 1)
    total, done, comparison = sum(len(piece) for piece in pieces), 0, PredictionComparison()
    for piece in pieces:
        evaluate(context, batch, piece)
        found = log_probabilities(context, len(piece), size)
        if task["write"]:
            with explain_write_errors(Path(file.name), temporary.ELSEWHERE):
                file.write(found.tobytes())
                file.flush()
        else:
            reference = np.frombuffer(file.read(found.nbytes), np.float32).reshape(found.shape)
            comparison.add(piece, reference, found)
        done += len(piece)
        send_progress(stream, done=done, total=total)
    compared = {} if task["write"] or not pieces else comparison.result()
    send_progress(stream, finished=len(pieces), **compared)


def _main() -> None:
    task, texts, stream = task_and_texts()
    with stream, Path(task["predictions"]).open("wb" if task["write"] else "rb") as file:
        _predict_texts(task, texts, stream, file)


if __name__ == "__main__":
    run_task(_main)
