"""Tries a file's tokenizer, in llama.cpp, against the checkpoint's own files in the programs that they were made for.

Those programs (sentencepiece, tokenizers) are not needed by anything else here; without them the check says that it
could not be made. It compares ids, not text: a model was trained on ids.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from . import bpe_json, byte_level
from .corpus import TOKENIZER_TEXTS
from .native import ask_llama_cpp
from .settings import read_json


class Reference(NamedTuple):
    """``knows`` says whether the package has a token of this text."""

    encode: Callable[[str], list[int]]
    knows: Callable[[str], bool]


def check_tokenizer(model: Path, folder: Path, added: Sequence[str] = ()) -> tuple[bool | None, str]:
    """(whether all ids are the same, a sentence); None when neither package is here. Each of ``added``, the tokens that
    are text, is tried behind a word."""
    found_here = (("sentencepiece", _sentencepiece(folder)), ("tokenizers", _tokenizers(folder)))
    references = {name: reference for name, reference in found_here if reference}
    if not references:
        return None, "Neither sentencepiece nor tokenizers is installed: pip install sentencepiece tokenizers"
    texts, spaced = (*TOKENIZER_TEXTS, *(f"trial{token}" for token in added)), not _is_byte_level(folder)
    answer = ask_llama_cpp("tokenize", model, texts=list(texts))
    ids = dict(zip(texts, answer["ids"], strict=True))
    for name, reference in references.items():
        for text in TOKENIZER_TEXTS:
            expected = reference.encode(text)
            if (not spaced or _is_comparable(name, text, folder)) and ids[text] != expected:
                return False, _difference(text, ids[text], expected, name)
    for token in added:
        text, knowing = f"trial{token}", [name for name, one in references.items() if one.knows(token)]
        said = [references[name].encode(text) for name in knowing]
        if said and ids[text] not in said:  # a tokenizer.json beside another file may call the token special
            return False, _difference(text, ids[text], said[0], knowing[0])
    broken = [
        text
        for text, again in zip(texts, answer["texts"], strict=True)
        if again != text and not (spaced and _differs_in_spaces(text, again))
    ]
    if broken:
        return False, f"{broken[0][:60]!r} does not come back from its tokens as it was."
    return (
        True,
        f"{len(texts)} texts have the same tokens by {' and '.join(references)}, and come back as they were.",
    )


def _difference(text: str, found: list[int], expected: list[int], name: str) -> str:
    return f"{text[:60]!r} is {found[:12]} in llama.cpp, but {expected[:12]} by {name}."


def _is_byte_level(folder: Path) -> bool:
    file = folder / "tokenizer.json"
    return file.is_file() and byte_level.is_byte_level(read_json(file))


def _differs_in_spaces(text: str, again: str) -> bool:
    """Whether ``again`` is ``text`` for a tokenizer that writes spaces as a sign of its own, and one before the
    text."""
    return again.strip() == text.replace(bpe_json.SPACE, " ").strip()


def _sentencepiece(folder: Path) -> Reference | None:
    file = folder / "tokenizer.model"
    if not file.is_file() or _is_byte_level(folder) or importlib.util.find_spec("sentencepiece") is None:
        return None
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_proto=file.read_bytes())  # its name may be no Unicode
    return Reference(
        lambda text: list(processor.encode(text)),
        lambda token: processor.piece_to_id(token.replace(" ", bpe_json.SPACE)) != processor.unk_id(),
    )


def _tokenizers(folder: Path) -> Reference | None:
    file = folder / "tokenizer.json"
    if not file.is_file() or importlib.util.find_spec("tokenizers") is None:
        return None
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(file.read_text(encoding="utf-8"))
    tokenizer.encode_special_tokens = True
    return Reference(
        lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids),
        lambda token: tokenizer.token_to_id(token) is not None,
    )


def _is_comparable(name: str, text: str, folder: Path) -> bool:
    """A tokenizer.json may put no space before a text that begins with one; llama.cpp always does, and prompts don't
    begin so."""
    if name != "tokenizers" or not text.startswith((" ", bpe_json.SPACE)):
        return True
    return read_json(folder / "tokenizer.json").get("pre_tokenizer") is None
