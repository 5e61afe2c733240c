"""The plan fits or is refused with the sum; it never asks for more than there is, and uses what the user set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.config import Settings
from leads_local.engine.header import GgufHeader
from leads_local.engine.memory_plan import (
    GIB,
    STREAM_CELLS,
    Gpu,
    Machine,
    MemoryNeed,
    explain_shortage,
    make_plan,
    memory_needed,
    read_machine,
)
from leads_local.errors import ModelError

SEVEN = {
    "general.architecture": "llama",
    "llama.context_length": 32768,
    "llama.block_count": 32,
    "llama.embedding_length": 4096,
    "llama.feed_forward_length": 14336,
    "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 8,
    "llama.vocab_size": 32768,
}


def seven(size: int = 4_370_000_000) -> GgufHeader:
    """The header of a 7B model of LEADS's shape in Q4_K_M."""
    return GgufHeader(Path("leads.gguf"), size, dict(SEVEN), {"all": size})


def test_cache_of_a_known_model() -> None:
    assert (
        memory_needed(seven(), 32768, 256, 128, "f16").cache == 4 * GIB
    )  # 2 * 32 layers * 8 heads * 128 * 2 bytes * 32768
    assert memory_needed(seven(), 32768, 256, 128, "q8_0").cache == int(4 * GIB * 17 / 32)
    assert memory_needed(seven(), 4096, 256, 128, "f16", gpu_layers=33).weights == 0


@given(
    gib=st.floats(1, 80),
    cores=st.integers(1, 64),
    context=st.sampled_from([0, 2048, 8192, 32768]),
    sequences=st.sampled_from([0, 1, 6]),
)
def test_never_more_than_there_is(gib: float, cores: int, context: int, sequences: int) -> None:
    available = int(gib * GIB)
    computer = Machine(available, int(available * 1.2), cores)
    try:
        made = make_plan(seven(), Settings(context=context, sequences=sequences), computer)
    except ModelError as error:
        assert error.exit_code == 3 and "leads.gguf" in error.message and "GiB" in error.message
        return
    assert made.memory.total < available
    assert made.context == (context or made.context) <= made.cells
    assert made.sequences == (sequences or made.sequences) and made.slots > made.sequences
    assert made.threads == cores and made.gpu_layers == 0 and made.cells % 256 == 0


def test_threads_are_those_that_were_asked_for() -> None:
    big = Machine(64 * GIB, 64 * GIB, 8)
    assert [make_plan(seven(), Settings(threads=threads), big).threads for threads in (0, 3, 12)] == [8, 3, 12]


def test_more_memory_is_never_worse() -> None:
    contexts = []
    for gib in range(6, 40, 2):
        contexts.append(make_plan(seven(), Settings(), Machine(gib * GIB, gib * GIB, 4)).context)
    assert contexts == sorted(contexts) and contexts[0] >= 1024 and contexts[-1] == 32768


def test_streams_are_as_many_as_run_well_together_and_fit() -> None:
    made = [make_plan(seven(), Settings(), Machine(gib * GIB, 16 * GIB, 4)) for gib in (8, 11, 15)]
    assert [one.streams - 1 for one in made] == [8, 24, 32]
    for one in made:
        apart = memory_needed(
            seven(), one.streams * STREAM_CELLS, one.batch, one.outputs, "f16", flash=False, streams=one.streams
        )
        shared = memory_needed(seven(), one.cells, one.batch, one.outputs, "f16", flash=False)
        assert one.memory == max(apart, shared, key=lambda memory: memory.total)
    assert make_plan(seven(), Settings(sequences=6), Machine(15 * GIB, 16 * GIB, 4)).streams == 7
    assert make_plan(seven(), Settings(sequences=3), Machine(15 * GIB, 16 * GIB, 4)).streams == 0
    assert make_plan(seven(), Settings(context=1024), Machine(15 * GIB, 16 * GIB, 4)).streams == 0


def test_a_refusal_shows_the_sum() -> None:
    with pytest.raises(ModelError) as caught:
        make_plan(seven(), Settings(), Machine(3 * GIB, 8 * GIB, 4))
    message = caught.value.message
    assert "4.1 GiB for its weights" in message and "of 8.0 GiB" in message and "does not fit" in message
    with pytest.raises(ModelError, match=r"32,768 tokens; 40,000"):
        make_plan(seven(), Settings(context=40000), Machine(99 * GIB, 99 * GIB, 4))


def test_a_context_that_was_asked_for_may_use_a_smaller_cache_type() -> None:
    tight = Machine(int(6.6 * GIB), 8 * GIB, 4)
    assert make_plan(seven(), Settings(context=16384, sequences=1), tight).cache_type == "q8_0"


def test_a_context_for_one_screening_request_comes_before_the_exact_cache() -> None:
    """On 8 GB, all that a smaller context could do is refuse every question."""
    made = {
        gib: make_plan(seven(), Settings(), Machine(int(gib * GIB), 8 * GIB, 4)) for gib in (4.9, 5.0, 5.1, 5.2, 5.3)
    }
    assert {gib: (one.context, one.cache_type) for gib, one in made.items()} == {
        4.9: (1024, "q8_0"), 5.0: (2048, "q8_0"), 5.1: (2048, "q8_0"), 5.2: (2048, "f16"), 5.3: (3072, "f16"),
    }  # fmt: skip
    said = {
        gib: explain_shortage(seven(), Settings(), Machine(int(gib * GIB), 8 * GIB, 4), one)
        for gib, one in made.items()
    }
    assert [gib for gib, text in said.items() if text] == [4.9]
    assert (
        "1,792 tokens" in said[4.9]
        and "memory for 1,024 only: 2,048 need 4.29 GiB" in said[4.9]
        and "4.26 of 8.0 GiB" in said[4.9]
    )


def test_a_small_context_is_said_to_be_set_or_the_model_s_own() -> None:
    big, asked = Machine(64 * GIB, 64 * GIB, 4), Settings(context=1024)
    assert "the context is set to 1,024" in explain_shortage(seven(), asked, big, make_plan(seven(), asked, big))
    small = replace(seven(), metadata={**SEVEN, "llama.context_length": 1024})
    made = make_plan(small, Settings(), big)
    assert "the model was made for a context of 1,024" in explain_shortage(small, Settings(), big, made)
    assert explain_shortage(small, Settings(), big, made, 1024) == ""


@settings(deadline=None)
@given(gib=st.floats(4.5, 8), least=st.integers(300, 40_000))
def test_what_the_prompts_need_at_the_least_comes_before_the_exact_cache(gib: float, least: int) -> None:
    """A shortage is told exactly where the least does not fit, and no smaller cache would have held it."""
    computer = Machine(int(gib * GIB), 8 * GIB, 4)
    try:
        made = make_plan(seven(), Settings(), computer, least)
    except ModelError:
        return
    short = explain_shortage(seven(), Settings(), computer, made, least)
    assert bool(short) == (made.context < least)
    if short and least <= 32768:
        assert f"up to about {least:,} tokens" in short and f"memory for {made.context:,} only" in short
        enough = min(
            context for context in (32768, 24576, 16384, 12288, 8192, 6144, 4096, 3072, 2048, 1024) if context >= least
        )
        with pytest.raises(ModelError):
            make_plan(seven(), Settings(context=enough, sequences=1), computer)


def test_gpu_layers() -> None:
    big = Machine(64 * GIB, 64 * GIB, 8, Gpu())
    assert make_plan(seven(), Settings(), big).gpu_layers == 33
    assert make_plan(seven(), Settings(gpu_layers=10), big).gpu_layers == 10
    assert make_plan(seven(), Settings(gpu_layers=0), big).gpu_layers == 0
    assert make_plan(seven(), Settings(gpu_layers=99), big).gpu_layers == 33


def test_only_what_fits_goes_to_the_gpu() -> None:
    layers = [
        make_plan(
            seven(), Settings(context=8192, sequences=4), Machine(64 * GIB, 64 * GIB, 8, Gpu(gib * GIB))
        ).gpu_layers
        for gib in (1, 3, 5, 24)
    ]
    assert layers == sorted(layers) and layers[0] < 8 < layers[1] < layers[2] <= layers[3] == 33


@pytest.mark.parametrize("gib", [8, 16, 24, 64])
def test_what_is_on_a_gpu_that_shares_the_memory_counts_in_full(gib: int) -> None:
    """A Mac: three quarters of its memory is what the system lets the GPU have."""
    available = int(0.75 * gib * GIB)
    mac = Machine(available, gib * GIB, 8, Gpu(available, shares=True))
    made = make_plan(seven(), Settings(), mac)
    assert made.shared and made.gpu_layers > 0
    assert made.memory.total < available
    assert made.memory.weights == 4_370_000_000
    assert made.memory.cache == memory_needed(seven(), made.cells, 512, 64, made.cache_type).cache
    on_processor = memory_needed(seven(), made.cells, made.batch, made.outputs, made.cache_type, flash=made.flash)
    assert made.memory.buffers > on_processor.buffers  # both sides have some


def test_a_mac_without_the_memory_is_refused_and_a_card_of_the_same_size_is_not() -> None:
    short = {shares: Machine(4 * GIB, 8 * GIB, 8, Gpu(6 * GIB, shares)) for shares in (True, False)}
    assert make_plan(seven(), Settings(), short[False]).memory.weights < 2_000_000_000
    with pytest.raises(ModelError, match="what is on the GPU among it, which shares this memory") as caught:
        make_plan(seven(), Settings(), short[True])
    assert "4.1 GiB for its weights" in caught.value.message
    alone = Machine(4 * GIB, 8 * GIB, 8)
    with pytest.raises(ModelError) as caught:
        make_plan(seven(), Settings(), alone)
    assert "GPU" not in caught.value.message


def test_what_the_system_lets_the_gpu_have_is_a_second_bound() -> None:
    roomy = [Machine(48 * GIB, 64 * GIB, 8, Gpu(gib * GIB, shares=True)) for gib in (2, 4, 24)]
    made = [make_plan(seven(), Settings(context=8192, sequences=4), one) for one in roomy]
    assert [one.gpu_layers for one in made] == sorted(one.gpu_layers for one in made)
    assert made[0].gpu_layers < made[1].gpu_layers < made[2].gpu_layers == 33
    assert {one.memory.weights for one in made} == {4_370_000_000}


def test_a_matrix_that_is_input_and_output_is_there_twice_on_a_mac() -> None:
    tied = replace(seven(), tensors={"token_embd.weight": 100, "blk.0.ffn_up.weight": 1000})
    apart = replace(tied, tensors={**tied.tensors, "output.weight": 100})
    weights = [
        memory_needed(one, 4096, 512, 64, "f16", layers, shared=True).weights
        for one in (tied, apart)
        for layers in (33, 32)
    ]
    assert weights == [1200, 1100, 1200, 1200]


def test_this_machine_is_read() -> None:
    found = read_machine()
    assert 0 < found.available <= found.total and found.cores >= 1
    assert MemoryNeed(1, 2, 3, 4).total == 10
