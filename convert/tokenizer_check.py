"""Tries a file's tokenizer, in llama.cpp, against the checkpoint's own files in the programs that they were made for.

Those programs (sentencepiece, tokenizers) are not needed by anything else here; without them the check says that it
could not be made. It compares ids, not text: a model was trained on ids.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

from . import bpe_json, byte_level
from .corpus import TOKENIZER_TEXTS
from .native import ask_llama_cpp
from .settings import read_json

Encode = Callable[[str], list[int]]


def check_tokenizer(model: Path, folder: Path) -> tuple[bool | None, str]:
    """(whether all ids are the same, a sentence); None when neither package is here."""
    references = {
        name: encode
        for name, encode in (
            ("sentencepiece", _sentencepiece_encoder(folder)),
            ("tokenizers", _tokenizers_encoder(folder)),
        )
        if encode
    }
    if not references:
        return None, "Neither sentencepiece nor tokenizers is installed: pip install sentencepiece tokenizers"
    answer, spaced = ask_llama_cpp("tokenize", model, texts=list(TOKENIZER_TEXTS)), not _is_byte_level(folder)
    for name, encode in references.items():
        for text, found in zip(TOKENIZER_TEXTS, answer["ids"], strict=True):
            if (not spaced or _is_comparable(name, text, folder)) and found != encode(text):
                return False, f"{text[:60]!r} is {found[:12]} in llama.cpp, but {encode(text)[:12]} by {name}."
    broken = [
        text
        for text, again in zip(TOKENIZER_TEXTS, answer["texts"], strict=True)
        if again != text and not (spaced and _differs_in_spaces(text, again))
    ]
    if broken:
        return False, f"{broken[0][:60]!r} does not come back from its tokens as it was."
    return (
        True,
        f"{len(TOKENIZER_TEXTS)} texts have the same tokens by {' and '.join(references)}, and come back as they were.",
    )


def _is_byte_level(folder: Path) -> bool:
    file = folder / "tokenizer.json"
    return file.is_file() and byte_level.is_byte_level(read_json(file))


def _differs_in_spaces(text: str, again: str) -> bool:
    """Whether ``again`` is ``text`` for a tokenizer that writes spaces as a sign of its own, and one before the
    text."""
    return again.strip() == text.replace(bpe_json.SPACE, " ").strip()


def _sentencepiece_encoder(folder: Path) -> Encode | None:
    file = folder / "tokenizer.model"
    if not file.is_file() or _is_byte_level(folder) or importlib.util.find_spec("sentencepiece") is None:
        return None
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(str(file))
    return lambda text: list(processor.encode(text))


def _tokenizers_encoder(folder: Path) -> Encode | None:
    file = folder / "tokenizer.json"
    if not file.is_file() or importlib.util.find_spec("tokenizers") is None:
        return None
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.encode_special_tokens = True
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids)


def _is_comparable(name: str, text: str, folder: Path) -> bool:
    """A tokenizer.json may put no space before a text that begins with one; llama.cpp always does, and prompts don't
    begin so."""
    if name != "tokenizers" or not text.startswith((" ", bpe_json.SPACE)):
        return True
    return read_json(folder / "tokenizer.json").get("pre_tokenizer") is None
