"""Reads a tokenizer.json whose model is SentencePiece-like BPE with byte fallback, as Mistral's and Llama 2's are.

llama.cpp's "llama" tokenizer merges by the score of the result, a tokenizer.json by the rank of the pair. The score of
a piece is therefore minus the rank of the first pair that makes it: the order of merging stays the same. Kinds of
tokenizers for which that is not so, or that change the text first, are refused with what was found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ConvertError
from .sentencepiece import BYTE, CONTROL, NORMAL, UNKNOWN, USER_DEFINED, Piece
from .settings import read_json

BYTE_NAME = re.compile(r"<0x[0-9A-Fa-f]{2}>")
SPACE = "▁"
LONGEST_PIECE = 256  # characters; real pieces have 16 or so
UNREACHABLE = -1e9  # a piece that no pair makes; llama.cpp joins the pairs with the highest score first
SUPPORTED = (
    "Supported is BPE with byte fallback, as in Mistral and Llama 2 checkpoints, and byte-level BPE, as in Llama 3 "
    "checkpoints; "
    "with a tokenizer.model beside a file of the first kind, that is used."
)


@dataclass(frozen=True, slots=True)
class JsonTokenizer:
    """``pieces`` by id; ``adds`` says whether bos and eos are put around a text, where the file says so."""

    pieces: tuple[Piece, ...]
    space_prefix: bool
    adds: dict[str, bool]


def read(path: Path) -> JsonTokenizer:
    """Raises ConvertError for a file that is damaged or a tokenizer that llama.cpp's "llama" kind can't do."""
    found = read_json(path)
    model = object_at(path, found, "model")
    if model.get("type") != "BPE" or model.get("byte_fallback") is not True or model.get("ignore_merges"):
        kind = f"{model.get('type')!r}" + ("" if model.get("byte_fallback") else " without byte fallback")
        raise ConvertError(f"{path}: the tokenizer is {kind}.", SUPPORTED)
    if model.get("dropout") or model.get("continuing_subword_prefix") or model.get("end_of_word_suffix"):
        raise ConvertError(f"{path}: the tokenizer uses dropout, a prefix or a suffix for parts of words.", SUPPORTED)
    return JsonTokenizer(
        _pieces(path, found, model),
        space_prefix(path, found),
        template_adds(found),
    )


def object_at(path: Path, parent: dict[str, Any], key: str) -> dict[str, Any]:
    """``parent[key]``. Raises ConvertError when that is no JSON object."""
    value = parent.get(key)
    if not isinstance(value, dict):
        raise ConvertError(f"{path}: {key!r} should be a JSON object.", "Copy or download this file again.")
    return value


def _pieces(path: Path, found: dict[str, Any], model: dict[str, Any]) -> tuple[Piece, ...]:
    ids = object_at(path, model, "vocab")
    added = added_tokens(path, found)
    numbered = all(type(number) is int for number in ids.values()) and len(set(ids.values())) == len(ids)
    texts = {number: text for text, number in ids.items()} if numbered else {}
    texts |= {number: text for number, (text, _) in added.items()}
    if not numbered or sorted(texts) != list(range(len(texts))):
        raise ConvertError(
            f"{path}: the tokens are not numbered from 0 without gaps.", "Copy or download this file again."
        )
    scores = _scores(path, model.get("merges"), ids)
    unknown = model.get("unk_token")
    pieces = []
    for number in range(len(texts)):
        text = texts[number]
        if text == unknown:
            kind = UNKNOWN
        elif number in added:
            pieces.append(added_piece(*added[number], scores.get(text, 0.0)))
            continue
        else:
            kind = BYTE if BYTE_NAME.fullmatch(text) else NORMAL
        default = 0.0 if kind != NORMAL or len(text) == 1 else UNREACHABLE
        pieces.append(Piece(text.encode("utf-8", "replace"), scores.get(text, default), kind))
    return tuple(pieces)


def added_tokens(path: Path, found: dict[str, Any]) -> dict[int, tuple[str, bool]]:
    """id → (text, is special) of the tokens that are looked for before anything else."""
    added = {}
    for entry in _json_list_at(found, "added_tokens"):
        number, text = (entry.get("id"), entry.get("content")) if isinstance(entry, dict) else (None, None)
        if type(number) is not int or not isinstance(text, str) or number < 0:
            raise ConvertError(f"{path}: an added token has no id or no text.", "Copy or download this file again.")
        added[number] = (text, entry.get("special") is True)
    return added


def added_piece(text: str, special: bool, score: float) -> Piece:
    """An added token: control, or else text, with the spaces that llama.cpp looks for in texts."""
    if special or _looks_special(text):
        return Piece(text.encode("utf-8", "replace"), score, CONTROL)
    return Piece(text.replace(SPACE, " ").encode("utf-8", "replace"), score, USER_DEFINED)


def _looks_special(text: str) -> bool:
    """Some checkpoints forget to mark their control tokens; llama.cpp's converter knows these by their looks."""
    pairs = (("<|", "|>"), ("<｜", "｜>"), ("<unused", ">"))
    return text in ("<pad>", "<mask>") or any(text.startswith(start) and text.endswith(end) for start, end in pairs)


def _scores(path: Path, merges: object, ids: dict[str, Any]) -> dict[str, float]:
    if not isinstance(merges, list):
        raise ConvertError(f"{path}: the tokenizer has no list of merges.", "Copy or download this file again.")
    scores: dict[str, float] = {}
    pairs: set[tuple[str, str]] = set()
    for rank, merge in enumerate(merges):
        pair = merge.split(" ") if isinstance(merge, str) else merge
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise ConvertError(f"{path}: merge {rank} is not a pair of texts.", "Copy or download this file again.")
        scores.setdefault(pair[0] + pair[1], -float(rank))
        pairs.add((pair[0], pair[1]))
    _check_complete(path, scores, pairs, ids)
    return scores


def _check_complete(path: Path, scores: dict[str, float], pairs: set[tuple[str, str]], ids: dict[str, Any]) -> None:
    """llama.cpp joins any two pieces that make a third; so every such pair must be among the merges, as where they came
    from scores."""
    for text in scores:
        for cut in range(1, min(len(text), LONGEST_PIECE)):
            left, right = text[:cut], text[cut:]
            if left in ids and right in ids and (left, right) not in pairs:
                raise ConvertError(
                    f"{path}: the tokenizer does not join {left!r} and {right!r} although it knows {text!r}, but "
                    "llama.cpp would.",
                    SUPPORTED,
                )


def space_prefix(path: Path, found: dict[str, Any]) -> bool:
    """Whether a space is put before the text. Refuses whatever else would happen to the text before it is split."""
    changes, splitter = list_steps(found, "normalizer", "normalizers"), found.get("pre_tokenizer")
    prefix = False
    for step in changes:
        kind = step.get("type") if isinstance(step, dict) else None
        if kind == "Prepend" and step.get("prepend") == SPACE:
            prefix = True
        elif kind != "Replace" or step.get("pattern") != {"String": " "} or step.get("content") != SPACE:
            raise ConvertError(
                f"{path}: the tokenizer changes the text first ({kind}), which llama.cpp would not do.", SUPPORTED
            )
    if splitter is None and changes:
        return prefix
    if (
        isinstance(splitter, dict)
        and splitter.get("type") == "Metaspace"
        and splitter.get("replacement", SPACE) == SPACE
    ):
        if splitter.get("split") is not False:
            raise ConvertError(
                f"{path}: the tokenizer splits the text at spaces first, which llama.cpp would not do.", SUPPORTED
            )
        return bool(splitter.get("prepend_scheme", "always") != "never")
    kind = splitter.get("type") if isinstance(splitter, dict) else "nothing"
    raise ConvertError(f"{path}: the tokenizer splits the text with {kind}.", SUPPORTED)


def _json_list_at(parent: dict[str, Any], key: str) -> list[Any]:
    value = parent.get(key)
    return value if isinstance(value, list) else []


def list_steps(found: dict[str, Any], part: str, several: str) -> list[Any]:
    """The steps of a part of the file, which is one step or holds a list of them under ``several``; none when there is
    no such part."""
    value = found.get(part)
    return (_json_list_at(value, several) or [value]) if isinstance(value, dict) else []


def template_adds(found: dict[str, Any]) -> dict[str, bool]:
    """Whether the file's own template puts a special token before ("bos") and after ("eos") a text; empty when it has
    no template.

    With "sep", always False, where a pair of texts has something between them: llama.cpp's converter says so, and
    nothing else asks.
    """
    for step in list_steps(found, "post_processor", "processors"):
        single = step.get("single") if isinstance(step, dict) and step.get("type") == "TemplateProcessing" else None
        if isinstance(single, list) and len(single) > 1 and all(isinstance(item, dict) for item in single):
            around = {"bos": "SpecialToken" in single[0], "eos": "SpecialToken" in single[-1]}
            return around | ({"sep": False} if _separates(step.get("pair")) else {})
    return {}


def _separates(pair: object) -> bool:
    """Whether a template for two texts puts a special token between them."""
    if not isinstance(pair, list) or not all(isinstance(item, dict) for item in pair):
        return False
    texts = [place for place, item in enumerate(pair) if "Sequence" in item]
    return len(texts) == 2 and texts[1] - texts[0] > 1
