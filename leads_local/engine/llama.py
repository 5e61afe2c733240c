"""llama.cpp, and nothing else: the only importer of ``llama_cpp``.

Runs in the model's child process only, because ggml ends the whole process where it asserts. Everything here is
mechanism: a file becomes a ``Model``, a model a ``Context`` that evaluates rows of tokens. Which rows is the
scheduler's business. Invariants: text from outside is tokenized with special tokens unparsed; logits handed out are a
view that the next ``evaluate`` overwrites.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import llama_cpp
import llama_cpp._ctypes_extensions as _loading
import llama_cpp._ggml as _ggml
import numpy as np
from numpy.typing import NDArray

from leads_local.engine.cores import matrix_unit_is_doubtful
from leads_local.engine.memory_plan import Gpu
from leads_local.engine.runner import CacheFull, CacheGap, EvaluationAborted, EvaluationError
from leads_local.engine.vocabulary import SpaceGuard, Vocabulary

_CACHE_TYPES = {"f16": 1, "q8_0": 8}  # ggml_type
# From this many rows on, ggml's attention on CPUs works on tiles of rows, for all cells that any row of the tile may
# see. One token each of many sequences makes that nearly all cells; measured: 856 ms for 16 + 112 rows over 16,600
# cells, 273 ms over few, 195 + 260 ms apart.
_TILE = 64
_PRIVATE = range(0xE000, 0xF900)  # code points that mean nothing by themselves
_TOKENIZE = ctypes.CFUNCTYPE(
    ctypes.c_int32,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_int32,
    ctypes.c_void_p,
    ctypes.c_int32,
    ctypes.c_bool,
    ctypes.c_bool,
)  # llama_tokenize
_GPU, _INTEGRATED_GPU = 1, 2  # ggml_backend_dev_type


def find_gpu() -> Gpu | None:
    """What llama.cpp would put layers on: all GPUs with memory of their own, else one that shares the computer's; None
    when it was built for none or there is none."""
    found = list(_gpus()) if llama_cpp.llama_supports_gpu_offload() else []
    used = [one for one in found if not one.shares] or found[:1]
    return Gpu(sum(one.free for one in used), used[0].shares) if used else None


def _gpus() -> Iterator[Gpu]:
    """Each GPU that llama.cpp knows. Functions are looked up in the library that has them: on Windows one does not
    answer for those that it is linked with."""
    registry, base = _ggml.libggml, _loading.load_shared_library("ggml-base", _ggml.libggml_base_path)
    registry.ggml_backend_dev_count.restype = ctypes.c_size_t
    registry.ggml_backend_dev_get.restype = ctypes.c_void_p
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    for number in range(registry.ggml_backend_dev_count()):
        device = ctypes.c_void_p(registry.ggml_backend_dev_get(ctypes.c_size_t(number)))
        kind = base.ggml_backend_dev_type(device)
        if kind in (_GPU, _INTEGRATED_GPU):
            base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            # Metal says "GPU" of all that it has. Apple's own share the memory; a card in an old Mac is taken to, too.
            yield Gpu(free.value, kind == _INTEGRATED_GPU or sys.platform == "darwin")


def route_log(write: Callable[[str], None]) -> None:
    """Send llama.cpp's warnings and errors, and nothing less, to ``write``; the reference is kept for the life of the
    process."""
    global _log
    level_seen = [0]

    def log(level: int, text: bytes, _data: Any) -> None:
        level_seen[0] = level if level != 5 else level_seen[0]  # 5 goes on with the line before
        if level_seen[0] in (3, 4):
            write(text.decode("utf-8", "replace"))

    _log = llama_cpp.llama_log_callback(log)
    llama_cpp.llama_log_set(_log, ctypes.c_void_p(0))


_log: Any = None


class Model:
    """A loaded GGUF file: weights and vocabulary."""

    def __init__(
        self,
        path: Path,
        gpu_layers: int = 0,
        progress: Callable[[float], None] | None = None,
        *,
        vocabulary_only: bool = False,
    ) -> None:
        """Load ``path``; ``progress`` gets the part done, 0 to 1. Raises EvaluationError when llama.cpp refuses the
        file.

        With ``vocabulary_only`` no weights are loaded, and it can't be evaluated.
        """
        llama_cpp.llama_backend_init()
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers, params.vocab_only = gpu_layers, vocabulary_only
        params.use_extra_bufts = not matrix_unit_is_doubtful()
        params.load_mode = (
            llama_cpp.LLAMA_LOAD_MODE_NONE
        )  # mapped, weights that the CPU wants in another order are in memory twice

        def report(part: float, _data: Any) -> bool:
            if progress:
                progress(part)
            return True

        params.progress_callback = loading = llama_cpp.llama_progress_callback(report)
        self._model = llama_cpp.llama_model_load_from_file(os.fsencode(path), params)
        del loading
        if not self._model:
            raise EvaluationError("llama.cpp could not load the file")
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self.size = int(llama_cpp.llama_vocab_n_tokens(self._vocab))
        self._apart: SpaceGuard | None = None
        self._tokenizer = llama_cpp.llama_cpp._lib.llama_tokenize
        self.vocabulary = self._read_vocabulary()

    @property
    def pointer(self) -> Any:
        return self._model

    @property
    def parameters(self) -> int:
        return int(llama_cpp.llama_model_n_params(self._model))

    def _read_vocabulary(self) -> Vocabulary:
        vocab = self._vocab
        attributes = [int(llama_cpp.llama_vocab_get_attr(vocab, i)) for i in range(self.size)]
        control = {i for i, attribute in enumerate(attributes) if attribute & llama_cpp.LLAMA_TOKEN_ATTR_CONTROL}
        defined = {
            i for i, attribute in enumerate(attributes) if attribute & llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED
        } - control
        bos, eos = int(llama_cpp.llama_vocab_bos(vocab)), int(llama_cpp.llama_vocab_eos(vocab))
        ends = frozenset(i for i in control | defined if llama_cpp.llama_vocab_is_eog(vocab, i))
        control |= ends | ({bos} & defined)  # by what they do, whatever the file calls them
        spaced = (
            int(llama_cpp.llama_vocab_type(vocab)) == llama_cpp.LLAMA_VOCAB_TYPE_SPM
            and self.piece(self.tokenize("a")[0])[:1] == b" "
        )
        if spaced and defined - control:
            self._keep_apart(frozenset(defined - control))
        return Vocabulary(
            pieces=tuple(self.piece(i) for i in range(self.size)),
            special={llama_cpp.llama_vocab_get_text(vocab, i).decode("utf-8", "replace"): i for i in sorted(control)},
            bos=bos,
            eos=eos,
            ends=ends,
            adds_bos=bool(llama_cpp.llama_vocab_get_add_bos(vocab)),
            adds_space=spaced,
            pointer=vocab,
            tokenize_pointer=int(ctypes.cast(self._tokenizer, ctypes.c_void_p).value or 0),
        )

    def _keep_apart(self, defined: frozenset[int]) -> None:
        """Let no space be put behind a token that is text, neither where this program tokenizes nor where llguidance
        does."""
        pieces = b"\0".join(self.piece(i) for i in range(self.size))
        stop = next(sign for sign in (chr(code).encode() for code in _PRIVATE) if sign not in pieces)
        longest_first = sorted((self.piece(i) for i in defined), key=len, reverse=True)
        self._apart = SpaceGuard(
            re.compile(b"|".join(map(re.escape, longest_first))), defined, stop, self._ids(stop, False)
        )

        def tokenize(_vocab: int, text: int, size: int, ids: int, room: int, _around: bool, special: bool) -> int:
            found = self._ids(ctypes.string_at(text, size), special)
            if len(found) > room:
                return -len(found)
            ctypes.memmove(
                ids, (llama_cpp.llama_token * len(found))(*found), len(found) * ctypes.sizeof(llama_cpp.llama_token)
            )
            return len(found)

        self._tokenizer = _TOKENIZE(tokenize)

    def piece(self, token: int) -> bytes:
        """The bytes that ``token`` stands for, special tokens as their text."""
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = int(llama_cpp.llama_token_to_piece(self._vocab, token, buffer, size, 0, True))
            if length >= 0:
                return buffer.raw[:length]
            size = -length

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        """Token ids of ``text`` without BOS or EOS. ``special`` parses special tokens: for text of a template only,
        never from outside."""
        return self._ids(text.encode("utf-8", "replace"), special)

    def _ids(self, raw: bytes, special: bool) -> list[int]:
        raw = self._apart.put_in(raw) if self._apart else raw
        room = len(raw) + 2
        while True:
            ids = (llama_cpp.llama_token * room)()
            count = int(llama_cpp.llama_tokenize(self._vocab, raw, len(raw), ids, room, False, special))
            if count >= 0:
                return self._apart.taken_out(ids[:count]) if self._apart else ids[:count]
            room = -count

    def close(self) -> None:
        if self._model:
            llama_cpp.llama_model_free(self._model)
            self._model = None


class Context:
    """A KV cache over one model and the buffers of one batch. Implements ``runner.Runner``.

    The cache is ``unified`` for all sequences, or each has a stream of its own. Unified, a cell is shared without a
    copy, and any sequence may be long; but attention looks at every cell for every row: for 16 sequences of 1,200
    tokens the mask alone takes as long on a CPU as the layer's matrices. Streams look at their own cells only. Without
    ``flash_attention`` attention is matrices too: on CPUs that is up to twice as fast where most cells are to be looked
    at, as for the questions about one paper, and takes memory for rows times cells.
    """

    def __init__(
        self,
        model: Model,
        *,
        cells: int,
        sequences: int,
        batch: int,
        threads: int,
        cache_type: str = "f16",
        flash_attention: bool = True,
        unified: bool = True,
        outputs: int = 0,
        mixing: int | None = None,
    ) -> None:
        """A cache of ``cells`` for ``sequences`` slots, steps of up to ``batch`` tokens of which ``outputs`` (0: all)
        give logits.

        ``mixing`` is for ``Runner.mixing``; None is what suits a CPU.
        """
        params = llama_cpp.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = cells, batch, batch
        params.n_seq_max, params.kv_unified = sequences, unified
        params.n_outputs_max = self.outputs = min(outputs or batch, batch)
        params.n_threads = params.n_threads_batch = threads
        params.type_k = params.type_v = _CACHE_TYPES[cache_type]
        params.flash_attn_type = (
            llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED if flash_attention else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        params.no_perf = True
        self.apart = not unified
        if mixing is None:
            mixing = 0 if self.apart else _TILE - 1 if flash_attention else batch
        self.mixing = mixing
        self._stop = ctypes.create_string_buffer(2)
        self._set_abort(params)
        self._context = llama_cpp.llama_init_from_model(model.pointer, params)
        if not self._context:
            raise EvaluationError("llama.cpp could not make a context of this size")
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._windowed = (
            int(llama_cpp.llama_model_n_swa(model.pointer)) > 0
        )  # may forget what is out of every layer's sight
        self.cells = int(llama_cpp.llama_n_ctx(self._context))
        self.slots, self.batch_size, self.vocabulary_size = sequences, batch, model.size
        self._make_buffers(batch)

    def _set_abort(self, params: Any) -> None:
        """Let llama.cpp ask C's ``strlen`` of a buffer whether to stop ("" is no), so that its threads never call into
        Python."""
        libc = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)
        params.abort_callback = ctypes.cast(libc.strlen, llama_cpp.ggml_abort_callback)
        params.abort_callback_data = ctypes.cast(self._stop, ctypes.c_void_p)

    def _make_buffers(self, batch: int) -> None:
        self._tokens = np.zeros(batch, np.int32)
        self._positions = np.zeros(batch, np.int32)
        self._slots = np.zeros(batch, np.int32)
        self._wanted = np.zeros(batch, np.int8)
        self._ones = np.ones(batch, np.int32)
        self._slot_pointers = self._slots.ctypes.data + np.arange(batch, dtype=np.uint64) * np.uint64(4)
        self._batch = llama_cpp.llama_batch(
            0,
            ctypes.cast(self._tokens.ctypes.data, ctypes.POINTER(llama_cpp.llama_token)),
            None,
            ctypes.cast(self._positions.ctypes.data, ctypes.POINTER(llama_cpp.llama_pos)),
            ctypes.cast(self._ones.ctypes.data, ctypes.POINTER(ctypes.c_int32)),
            ctypes.cast(self._slot_pointers.ctypes.data, ctypes.POINTER(ctypes.POINTER(llama_cpp.llama_seq_id))),
            ctypes.cast(self._wanted.ctypes.data, ctypes.POINTER(ctypes.c_int8)),
        )

    def evaluate(
        self, tokens: Sequence[int], positions: Sequence[int], slots: Sequence[int], wanted: Sequence[bool]
    ) -> NDArray[np.float32]:
        """See ``runner.Runner.evaluate``."""
        self._check_beginnings(positions, slots)
        count = len(tokens)
        self._tokens[:count], self._positions[:count] = tokens, positions
        self._slots[:count], self._wanted[:count] = slots, wanted
        self._batch.n_tokens = count
        code = int(llama_cpp.llama_decode(self._context, self._batch))
        if code == 1:
            raise CacheFull("no room in the KV cache")
        if code == 2:
            raise EvaluationAborted("stopped")
        if code:
            raise EvaluationError(f"The model could not work on this request (llama_decode returned {code}).")
        rows = int(np.count_nonzero(self._wanted[:count]))
        if not rows:
            return np.empty((0, self.vocabulary_size), np.float32)
        pointer = llama_cpp.llama_get_logits(self._context)
        address = ctypes.cast(pointer, ctypes.c_void_p).value or 0
        view = (ctypes.c_float * (rows * self.vocabulary_size)).from_address(address)
        return np.ctypeslib.as_array(view).reshape(rows, self.vocabulary_size)

    def _check_beginnings(self, positions: Sequence[int], slots: Sequence[int]) -> None:
        """llama.cpp notices a gap after what it holds of a sequence, but not a beginning that is missing altogether."""
        expected: dict[int, int] = {}
        for position, slot in zip(positions, slots, strict=True):
            held = expected[slot] if slot in expected else self.held(slot)
            if position != held:
                raise CacheGap(slot, position, held)
            expected[slot] = held + 1

    def held(self, slot: int) -> int:
        first, last = (
            int(look(self._memory, slot))
            for look in (llama_cpp.llama_memory_seq_pos_min, llama_cpp.llama_memory_seq_pos_max)
        )
        return last + 1 if first <= 0 or self._windowed else 0

    def copy(self, source: int, target: int, end: int) -> None:
        if self.apart:  # between streams llama.cpp copies all or nothing
            llama_cpp.llama_memory_seq_cp(self._memory, source, target, -1, -1)
            llama_cpp.llama_memory_seq_rm(self._memory, target, end, -1)
        else:
            llama_cpp.llama_memory_seq_cp(self._memory, source, target, 0, end)

    def remove(self, slot: int, start: int) -> None:
        llama_cpp.llama_memory_seq_rm(self._memory, slot, start, -1)

    def state_size(self, slot: int) -> int:
        return int(llama_cpp.llama_state_seq_get_size(self._context, slot))

    def save(self, slot: int, file: Path) -> bool:
        nothing = (llama_cpp.llama_token * 1)()
        return bool(llama_cpp.llama_state_seq_save_file(self._context, os.fsencode(file), slot, nothing, 0))

    def restore(self, slot: int, file: Path) -> bool:
        nothing, count = (llama_cpp.llama_token * 1)(), ctypes.c_size_t()
        if llama_cpp.llama_state_seq_load_file(self._context, os.fsencode(file), slot, nothing, 1, ctypes.byref(count)):
            return True
        self.remove(slot, 0)
        return False

    def stop(self, now: bool) -> None:
        """Make the evaluation that is running, and all later ones, end at the next node of the graph; ``stop(False)``
        takes it back."""
        self._stop[0] = b"x" if now else b"\0"

    @property
    def closed(self) -> bool:
        return self._context is None

    def close(self) -> None:
        if self._context:
            llama_cpp.llama_free(self._context)
            self._context = None
