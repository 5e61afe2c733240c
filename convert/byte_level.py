"""Reads a tokenizer.json whose model is byte-level BPE, as Llama 3's and its fine-tunes' are; llama.cpp calls it
"gpt2".

Before it merges, such a tokenizer splits the text by an expression. llama.cpp has some of these under names, and a GGUF
file can only give the name: KNOWN holds those for which the same token ids come out, and everything else is refused.
Whether a word that is a token as a whole is taken as such before merging (``ignore_merges``) belongs to the name, too.

A vocabulary that was learned from texts need not know all 256 bytes: those that never stand in UTF-8 can't be asked
for, and those of control characters or of characters that nobody has defined are passed over by both programs. Any
other byte that is missing is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .bpe_json import added_tokens, list_steps, object_at, template_adds
from .errors import ConvertError
from .sentencepiece import NORMAL, UNUSED, Piece

LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| "
    r"?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN_2 = LLAMA_3.replace(r"\p{N}{1,3}", r"\p{N}")
NON_UTF8_BYTES = frozenset({0xC0, 0xC1, *range(0xF5, 0x100)})  # bytes that are no part of any text in UTF-8
CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\r") | {0x7F}
UNASSIGNED_LEAD_BYTES = frozenset(
    {0xF1, 0xF2}
)  # these begin the characters U+40000 to U+BFFFF, of which Unicode has none
SplitStep = tuple[str, str]
AGAIN = "Copy or download this file again."


@dataclass(frozen=True, slots=True)
class PreTokenizer:
    """``name`` is llama.cpp's; ``steps`` are tokenizer.json's, each with what it splits by."""

    name: str
    steps: tuple[SplitStep, ...]
    ignore_merges: bool
    about: str


PRE_TOKENIZERS = (
    PreTokenizer("llama-bpe", (("Split", LLAMA_3), ("ByteLevel", "")), True, "Llama 3"),
    PreTokenizer(
        "smaug-bpe", (("Split", LLAMA_3), ("ByteLevel", "")), False, "Llama 3's expression, merged throughout"
    ),
    PreTokenizer("qwen2", (("Split", QWEN_2), ("ByteLevel", "")), False, "Qwen 2's expression"),
    PreTokenizer("gpt-2", (("ByteLevel", "words"),), False, "GPT-2"),
    PreTokenizer("smollm", (("Digits", "each"), ("ByteLevel", "words")), False, "SmolLM"),
)
SUPPORTED = (
    "Of byte-level tokenizers these are supported: "
    + ", ".join(f"{known.about} ({known.name})" for known in PRE_TOKENIZERS)
    + "."
)


@dataclass(frozen=True, slots=True)
class ByteLevelTokenizer:
    """``pieces`` by id; ``added`` (id → text, is special) are laid over them; ``merges`` are "left right"; ``adds`` as
    in bpe_json.

    ``notice`` says what it can't write, if that can stand in a text.
    """

    pre: str
    pieces: tuple[Piece, ...]
    added: dict[int, tuple[str, bool]]
    merges: tuple[str, ...]
    adds: dict[str, bool]
    notice: str


def is_byte_level(found: dict[str, Any]) -> bool:
    """Whether this tokenizer.json turns the text into bytes before it merges."""
    return any(
        isinstance(step, dict) and step.get("type") == "ByteLevel"
        for step in list_steps(found, "pre_tokenizer", "pretokenizers")
    )


def read(path: Path, found: dict[str, Any]) -> ByteLevelTokenizer:
    """Raises ConvertError for a file that is damaged or a tokenizer for which llama.cpp would give other ids."""
    model = object_at(path, found, "model")
    if model.get("type") != "BPE":
        raise ConvertError(f"{path}: the tokenizer is {model.get('type')!r}.", SUPPORTED)
    if model.get("dropout") or model.get("continuing_subword_prefix") or model.get("end_of_word_suffix"):
        raise ConvertError(f"{path}: the tokenizer uses dropout, a prefix or a suffix for parts of words.", SUPPORTED)
    if found.get("normalizer") is not None:
        raise ConvertError(
            f"{path}: the tokenizer changes the text first (normalizer), which llama.cpp would not do.", SUPPORTED
        )
    pre = _pre_tokenizer(path, found, ignore_merges=model.get("ignore_merges") is True)
    ids = object_at(path, model, "vocab")
    added = _check_added_tokens(path, found)
    pieces, notice = _pieces(path, ids, added), _check_missing_bytes(path, model, ids)
    silent = any(
        isinstance(step, dict) and step.get("type") == "ByteLevel"
        for step in list_steps(found, "post_processor", "processors")
    )
    adds = ({"bos": False, "eos": False} if silent else {}) | template_adds(found)
    return ByteLevelTokenizer(pre.name, pieces, added, _merges(path, model.get("merges"), ids), adds, notice)


def _pre_tokenizer(path: Path, found: dict[str, Any], *, ignore_merges: bool) -> PreTokenizer:
    described = tuple(_describe_step(path, step) for step in list_steps(found, "pre_tokenizer", "pretokenizers"))
    for known in PRE_TOKENIZERS:
        if (known.steps, known.ignore_merges) == (described, ignore_merges):
            return known
    shown = ", then ".join(f"{kind} {what}".strip() for kind, what in described)
    merging = "taking whole words first" if ignore_merges else "merging throughout"
    raise ConvertError(
        f"{path}: the tokenizer splits the text in a way that is not known ({shown[:300]}; {merging}).", SUPPORTED
    )


def _describe_step(path: Path, step: object) -> SplitStep:
    """A step's kind and what it splits by; whatever else it does is refused, as llama.cpp has no word for it."""
    if not isinstance(step, dict):
        raise ConvertError(f"{path}: a step of the pre_tokenizer is no JSON object.", AGAIN)
    kind, pattern = step.get("type"), step.get("pattern")
    if (
        kind == "Split"
        and isinstance(pattern, dict)
        and step.get("behavior") == "Isolated"
        and step.get("invert") is not True
    ):
        return "Split", str(pattern.get("Regex", pattern))
    if kind == "ByteLevel" and not step.get("add_prefix_space"):
        return "ByteLevel", "words" if step.get("use_regex", True) else ""
    if kind == "Digits" and step.get("individual_digits") is True:
        return "Digits", "each"
    return str(kind), str({key: value for key, value in step.items() if key != "type"})


def _check_added_tokens(path: Path, found: dict[str, Any]) -> dict[int, tuple[str, bool]]:
    """The added tokens. A special one that is written like a word is refused: llama.cpp would find it in the text of a
    paper."""
    entries = found.get("added_tokens")
    for entry in entries if isinstance(entries, list) else ():
        text = entry.get("content") if isinstance(entry, dict) else None
        if not isinstance(text, str):
            continue
        special = entry.get("special") is True
        if special and _is_word(text):
            problem = f"the special token {text!r} is written like a word, and llama.cpp would find it in texts"
            raise ConvertError(f"{path}: {problem}.", SUPPORTED)
        if not special and (entry.get("lstrip") or entry.get("rstrip") or entry.get("single_word")):
            problem = f"the added token {text!r} depends on what stands around it, which llama.cpp does not look at"
            raise ConvertError(f"{path}: {problem}.", SUPPORTED)
    return added_tokens(path, found)


def _is_word(text: str) -> bool:
    """Whether the expressions above could give ``text`` as one piece of a longer text: letters after one sign, digits,
    or signs only."""
    letters = text[1:] if text[:1] and not text[0].isalnum() else text
    return text.isascii() and (
        letters.isalpha() or text.isdigit() or not any(sign.isalnum() or sign.isspace() for sign in text)
    )


def _check_missing_bytes(path: Path, model: dict[str, Any], ids: dict[str, Any]) -> str:
    """A notice about bytes that have no token, "" when there is nothing to say. Raises ConvertError when texts would
    lose words."""
    missing = {byte for byte, sign in enumerate(byte_signs()) if sign not in ids} - NON_UTF8_BYTES
    if needed := sorted(missing - CONTROLS - UNASSIGNED_LEAD_BYTES):
        shown = ", ".join(f"0x{byte:02X}" for byte in needed[:8]) + (" …" if len(needed) > 8 else "")
        raise ConvertError(
            f"{path}: the tokenizer has no token for {len(needed)} of the bytes that texts are made of ({shown}).",
            SUPPORTED,
        )
    if missing and model.get("unk_token") is not None:
        problem = "gives a token of its own to bytes that it has no token for (unk_token), which llama.cpp passes over"
        raise ConvertError(f"{path}: the tokenizer {problem}.", SUPPORTED)
    controls = ", ".join(f"U+{byte:04X}" for byte in sorted(missing & CONTROLS))
    return f"The tokenizer has no token for the control characters {controls}; texts lose them." if controls else ""


def _pieces(path: Path, ids: dict[str, Any], added: dict[int, tuple[str, bool]]) -> tuple[Piece, ...]:
    size = len(ids) + len(added)
    if not all(type(number) is int and 0 <= number < 2 * size for number in ids.values()) or len(
        set(ids.values())
    ) != len(ids):
        raise ConvertError(f"{path}: the tokens are not numbered one by one.", AGAIN)
    pieces = [Piece(f"[PAD{number}]".encode(), 0.0, UNUSED) for number in range(1 + max(ids.values(), default=-1))]
    for text, number in ids.items():
        pieces[number] = Piece(text.encode("utf-8", "replace"), 0.0, NORMAL)
    return tuple(pieces)


def byte_signs() -> list[str]:
    """The characters that stand for the bytes 0 to 255: themselves where they can be seen, else those from 256 on."""
    seen = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in seen]
    return [chr(byte) if byte in seen else chr(256 + others.index(byte)) for byte in range(256)]


def _merges(path: Path, merges: object, ids: dict[str, Any]) -> tuple[str, ...]:
    if not isinstance(merges, list) or not merges:
        raise ConvertError(f"{path}: the tokenizer has no list of merges.", AGAIN)
    found = []
    for rank, merge in enumerate(merges):
        pair = merge.split(" ") if isinstance(merge, str) else merge
        if (
            not isinstance(pair, list)
            or len(pair) != 2
            or not all(isinstance(part, str) and part and " " not in part for part in pair)
        ):
            raise ConvertError(f"{path}: merge {rank} is not a pair of texts.", AGAIN)
        if not {pair[0], pair[1], pair[0] + pair[1]} <= ids.keys():
            raise ConvertError(f"{path}: merge {rank} joins or makes what is no token.", AGAIN)
        found.append(f"{pair[0]} {pair[1]}")
    return tuple(found)
