"""Makes the demo checkpoint: random weights of the architecture that config.json in this folder describes, with the Mistral v3 tokenizer.

It stands in for a trained demo model and lets the whole way run on any machine: what it answers is noise, and leads_local.json says so.
The weights come from a fixed seed, so that everyone has the same file. The tokenizer is copied from the package mistral-common.

    python models/demo/make_checkpoint.py && python -m convert models/demo --quant Q8_0
"""

from __future__ import annotations

import importlib.util
import json
import math
import shutil
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from convert.names import weights  # noqa: E402
from convert.sentencepiece import read as read_tokenizer  # noqa: E402
from convert.settings import read_settings  # noqa: E402

SEED = 20240917
SPREAD = 0.2  # standard deviation of the weights: wide enough that one token stands out from the rest
LOUDER = 3.0  # how much wider the output weights of the tokens are that end a text, so that the noise stops after some words
ENDINGS = ('"', '."', '",', '"}', '"]')


def main() -> int:
    tokenizer = find_tokenizer()
    if tokenizer is None:
        print("The demo checkpoint needs the package mistral-common for its tokenizer: pip install mistral-common", file=sys.stderr)
        return 2
    shutil.copyfile(tokenizer, HERE / "tokenizer.model")
    settings = read_settings(HERE)
    shapes = {weight.source: weight.shape for weight in weights(settings, output=not settings.tied)}
    part = HERE / "model.safetensors.part"
    write_weights(part, shapes, ending_tokens(HERE / "tokenizer.model"))
    part.replace(HERE / "model.safetensors")
    numbers = sum(math.prod(shape) for shape in shapes.values())
    print(f"{HERE}: {len(shapes)} tensors, {numbers / 1e6:.1f} million random numbers", file=sys.stderr)
    return 0


def find_tokenizer() -> Path | None:
    """The SentencePiece model that mistral-common carries, found without importing the package."""
    spec = importlib.util.find_spec("mistral_common")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "data" / "mistral_instruct_tokenizer_240323.model.v3"
    return path if path.is_file() else None


def ending_tokens(tokenizer: Path) -> list[int]:
    """The ids of the tokens that close a JSON string."""
    pieces = read_tokenizer(tokenizer).pieces
    return [number for number, piece in enumerate(pieces) if piece.text.decode() in ENDINGS]


def write_weights(path: Path, shapes: dict[str, tuple[int, ...]], endings: list[int]) -> None:
    """A safetensors file of BF16 tensors: norms are one, everything else is random, the output for ``endings`` louder."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + 2 * math.prod(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    source = np.random.default_rng(SEED)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in shapes.items():
            values = np.ones(shape, np.float32) if len(shape) == 1 else source.standard_normal(shape, np.float32) * np.float32(SPREAD)
            if name == "lm_head.weight":
                values[endings] *= np.float32(LOUDER)
            bits = values.view(np.uint32)
            file.write(((bits + (0x7FFF + ((bits >> 16) & 1))) >> 16).astype("<u2").tobytes())  # rounded to nearest even


if __name__ == "__main__":
    sys.exit(main())
