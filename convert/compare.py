"""How much a quantized file differs from another one over the same texts, in numbers that say what it means for
answers.

Divergence is Kullback and Leibler's, in nats per token, of the file's predictions from the reference's: 0 is no
difference. "Same first" is how often both would write the same next token; with greedy decoding that is what makes
answers differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import manifest, temporary
from .errors import ConvertError
from .gguf_reader import read_gguf
from .pipeline import count_processors
from .place import check_room
from .texts import ReportTokens, SampleText, run_program

CHUNK = 512  # tokens evaluated together


@dataclass(frozen=True, slots=True)
class Difference:
    """``tokens`` were compared. Divergences in nats per token; ``same_first`` is a share; perplexities are over the
    texts themselves."""

    tokens: int
    divergence_mean: float
    divergence_median: float
    divergence_99: float
    same_first: float
    perplexity_reference: float
    perplexity: float

    @property
    def perplexity_ratio(self) -> float:
        """Above 1 when the file predicts the texts worse than the reference does."""
        return self.perplexity / self.perplexity_reference


def compare(
    reference: Path,
    file: Path,
    texts: Sequence[SampleText],
    report: ReportTokens = lambda *_: None,
    *,
    tokens: int = 2048,
    threads: int = 0,
    gpu_layers: int = 0,
) -> Difference:
    """Run both files over the first ``tokens`` of ``texts``, one after the other. Raises ConvertError when they are not
    comparable.

    The reference's predictions lie in a temporary folder meanwhile: four bytes for each token of text and token of the
    vocabulary.
    """
    vocabularies = [read_gguf(path).metadata.get("tokenizer.ggml.tokens") for path in (reference, file)]
    if vocabularies[0] != vocabularies[1] or not isinstance(vocabularies[0], list):
        raise ConvertError(
            f"{reference} and {file} have different tokens.", "Compare two files of the same checkpoint."
        )
    with temporary.folder() as folder:
        check_room(folder / "predictions", 4 * tokens * len(vocabularies[0]), "Take fewer with --tokens.")
        task: dict[str, Any] = {
            "predictions": str(folder / "predictions"),
            "chunk": CHUNK,
            "tokens": tokens,
            "threads": threads or count_processors(),
            "gpu_layers": gpu_layers,
        }

        def run(model: Path, *, write: bool, before: int) -> dict[str, Any]:
            given = task | {"model": str(model), "write": write}
            return run_program("predictions", model, given, texts, lambda a, b: report(before * b + a, 2 * b))

        run(reference, write=True, before=0)
        answer = run(file, write=False, before=1)
    return Difference(**{name: answer[name] for name in Difference.__slots__})


def record_difference(reference: Path, file: Path, found: Difference, decisions: dict[str, Any] | None = None) -> bool:
    """Put the difference, and what it did to decisions, into the manifest entry of ``file``. False when there is no
    such entry."""
    value = asdict(found) | {"reference": reference.name} | ({"decisions": decisions} if decisions else {})
    return manifest.annotate(file, f"compared with {reference.name}", value)
