"""The tokenizer of a checkpoint as llama.cpp wants it, from whichever files the checkpoint has.

tokenizer.model is preferred: its scores are the tokenizer's own. tokenizer.json alone is enough when it is of the same
kind, and when it is byte-level BPE nothing else counts. Tokens that tokenizer_config.json adds are laid over all, and
the vocabulary always has exactly as many tokens as the model has embedding rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import bpe_json, byte_level, sentencepiece
from .errors import ConvertError
from .sentencepiece import UNUSED, USER_DEFINED, Piece
from .settings import ModelSettings, read_json

SPECIAL = ("bos", "eos", "unk", "pad")
FILES = ("tokenizer.model", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
ADDED_SCORE, PADDING_SCORE = -1000.0, -10000.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``pieces`` by token id; ``special`` are ids of bos, eos, unk, pad; ``template`` is the chat template, or None.

    ``model`` and ``pre`` are llama.cpp's names of the kind; ``merges`` are the byte-level kind's, which has no scores
    and puts no space before a text (``space_prefix`` is None where nothing is said about it).
    """

    model: str
    pre: str
    pieces: tuple[Piece, ...]
    merges: tuple[str, ...]
    space_prefix: bool | None
    special: dict[str, int]
    adds: dict[str, bool]
    template: str | None
    notices: tuple[str, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a tokenizer's own files say, before tokenizer_config.json is laid over it."""

    pieces: tuple[Piece, ...]
    added: dict[int, tuple[str, bool]]
    space_prefix: bool | None
    adds: dict[str, bool]
    ids: dict[str, int] = field(default_factory=dict)
    pre: str = ""
    merges: tuple[str, ...] = ()
    notice: str = ""


def read_vocabulary(folder: Path, settings: ModelSettings) -> Vocabulary:
    """Raises ConvertError when there is no tokenizer or it can't be carried over exactly."""
    config_file = folder / "tokenizer_config.json"
    config = read_json(config_file) if config_file.is_file() else {}
    found = _own_files(folder)
    pieces = list(found.pieces)
    notices = _apply_added_tokens(pieces, found.added | _read_added_tokens(config_file, config), settings.vocabulary)
    _check_unique(folder, pieces)
    wanted = config.get("add_prefix_space")
    template, template_notices = _template(folder, config)
    files = tuple(file for file in (folder / name for name in FILES) if file.is_file())
    special = _special(pieces, config, settings, found.ids)
    if found.pre and (wanted is True or "eos" not in special):
        problem = "a space is put before the text" if wanted is True else "no token ends an answer (eos_token)"
        raise ConvertError(
            f"{config_file}: {problem}, which llama.cpp can't do with this kind of tokenizer.", byte_level.SUPPORTED
        )
    return Vocabulary(
        model="gpt2" if found.pre else "llama",
        pre=found.pre or "default",
        pieces=tuple(pieces),
        merges=found.merges,
        space_prefix=wanted if isinstance(wanted, bool) else found.space_prefix,
        special=special,
        adds=_adds(config, found),
        template=template,
        notices=notices + template_notices + ((found.notice,) if found.notice else ()),
        files=files,
    )


def _own_files(folder: Path) -> _Found:
    model_file, json_file = folder / "tokenizer.model", folder / "tokenizer.json"
    described = read_json(json_file) if json_file.is_file() else {}
    if byte_level.is_byte_level(described):
        words = byte_level.read(json_file, described)
        return _Found(
            words.pieces, words.added, None, words.adds, pre=words.pre, merges=words.merges, notice=words.notice
        )
    if model_file.is_file():
        model = sentencepiece.read(model_file)
        later = bpe_json.added_tokens(json_file, described)
        added = {number: token for number, token in later.items() if number >= len(model.pieces)}
        return _Found(
            _mark_user_defined(model.pieces), added, model.space_prefix, bpe_json.template_adds(described), model.ids
        )
    if json_file.is_file():
        tokenizer = bpe_json.read(json_file)
        return _Found(tokenizer.pieces, {}, tokenizer.space_prefix, tokenizer.adds)
    raise ConvertError(
        f"{folder}: there is no tokenizer.", "Copy tokenizer.model or tokenizer.json of the checkpoint into the folder."
    )


def _mark_user_defined(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """User-defined pieces as llama.cpp looks for them: whole, before anything is merged, as sentencepiece does."""
    return tuple(
        bpe_json.added_piece(p.text.decode("utf-8"), False, p.score) if p.kind == USER_DEFINED else p for p in pieces
    )


def _check_unique(folder: Path, pieces: list[Piece]) -> None:
    """llama.cpp ends its process over a file in which two tokens are written the same."""
    seen: dict[bytes, int] = {}
    for number, piece in enumerate(pieces):
        if (first := seen.setdefault(piece.text, number)) != number:
            text = piece.text.decode("utf-8", "replace")
            raise ConvertError(
                f"{folder}: the tokens {first} and {number} are both {text!r}.",
                "Copy or download the tokenizer's files again.",
            )


def _read_added_tokens(path: Path, config: dict[str, Any]) -> dict[int, tuple[str, bool]]:
    added = {}
    entries = config.get("added_tokens_decoder") or {}
    if not isinstance(entries, dict):
        raise ConvertError(
            f"{path}: added_tokens_decoder should be a JSON object.", "Copy or download this file again."
        )
    for key, entry in entries.items():
        text = entry.get("content") if isinstance(entry, dict) else None
        if not key.isdecimal() or len(key) > 9 or not isinstance(text, str):
            raise ConvertError(
                f"{path}: the added token {key!r} has no number or no text.", "Copy or download this file again."
            )
        added[int(key)] = (text, entry.get("special") is True)
    return added


def _apply_added_tokens(pieces: list[Piece], added: dict[int, tuple[str, bool]], size: int) -> tuple[str, ...]:
    """Make ``pieces`` exactly ``size`` long, with the added tokens in their places; what was left out is said."""
    dropped = max(len(pieces), 1 + max(added, default=-1)) - size
    del pieces[size:]
    pieces += [Piece(f"[PAD{number}]".encode(), PADDING_SCORE, UNUSED) for number in range(len(pieces), size)]
    for number, (text, special) in added.items():
        if number >= size:
            continue
        pieces[number] = bpe_json.added_piece(text, special, ADDED_SCORE)
    return (
        (f"The tokenizer has {dropped} more tokens than the model knows; they were left out.",) if dropped > 0 else ()
    )


def _special(
    pieces: list[Piece], config: dict[str, Any], settings: ModelSettings, ids: dict[str, int]
) -> dict[str, int]:
    """Token ids by role: what tokenizer_config.json names, else what config.json numbers, else what the tokenizer says
    itself."""
    by_text = {piece.text: number for number, piece in reversed(list(enumerate(pieces)))}
    found = {}
    for role in SPECIAL:
        entry = config.get(f"{role}_token")
        text = entry.get("content") if isinstance(entry, dict) else entry
        number = by_text.get(text.encode("utf-8", "replace")) if isinstance(text, str) else None
        for candidate in (number, settings.token_ids.get(role), ids.get(role)):
            if candidate is not None and candidate < len(pieces):
                found[role] = candidate
                break
    return found


def _adds(config: dict[str, Any], found: _Found) -> dict[str, bool]:
    said = {role: value for role in ("bos", "eos") if isinstance(value := config.get(f"add_{role}_token"), bool)}
    return {"bos": not found.pre, "eos": False} | said | found.adds


def _template(folder: Path, config: dict[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    """The chat template: a file of its own goes before tokenizer_config.json, as where the checkpoint was trained."""
    file = folder / "chat_template.jinja"
    if file.is_file():
        try:
            return file.read_text(encoding="utf-8"), ()
        except (OSError, UnicodeDecodeError) as error:
            raise ConvertError(
                f"{file}: the chat template can't be read.", "Copy or download this file again."
            ) from error
    found = config.get("chat_template")
    if isinstance(found, list):
        named = {entry.get("name"): entry.get("template") for entry in found if isinstance(entry, dict)}
        found = named.get("default")
    if isinstance(found, str):
        return found, ()
    return None, ("The checkpoint has no chat template; prompts can't be put to it as it was trained.",)
