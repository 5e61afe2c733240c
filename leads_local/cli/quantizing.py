"""``convert imatrix`` and ``convert compare`` over the prompts of a review: made here, and handed to the converter as
token ids.

Nothing of the texts is written to disk: they go from the review through two pipes, and what is kept are sums and
shares.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from leads_local import files
from leads_local.cli.arguments import PATH, load_settings, open_model
from leads_local.cli.converter_process import run_converter
from leads_local.cli.model_jobs import pack_for
from leads_local.cli.progress import bar
from leads_local.cli.reviews import reading
from leads_local.engine import installed
from leads_local.errors import ModelError
from leads_local.tasks import prompts, style_probe


def _limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--gpu-layers",
            type=click.IntRange(0, 10_000),
            default=0,
            show_default=True,
            help="Layers to put on the GPU.",
        ),
        click.option("--threads", type=click.IntRange(0, 1024), default=0, help="Threads [default: all processors]."),
        click.option(
            "--prompts",
            "prompt_pack",
            default="",
            help="Name of the prompt pack [default: the model's own, else 'default'].",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("model", type=PATH)
@click.option("--from", "review", type=PATH, required=True, help="The review whose records and papers are asked about.")
@click.option("--out", type=PATH, default=None, help="File to write [default: MODEL.imatrix.gguf].")
@click.option(
    "--tokens", type=click.IntRange(1, 10**9), default=200_000, show_default=True, help="Tokens to read at most."
)
@_limit_options
def imatrix(
    model: Path, review: Path, out: Path | None, tokens: int, threads: int, gpu_layers: int, prompt_pack: str
) -> int:
    """Make an importance matrix of MODEL from the prompts about a review's own records and papers."""
    place = () if out is None else ("--out", str(out))
    limits = ("--tokens", str(tokens), "--threads", str(threads), "--gpu-layers", str(gpu_layers))
    return run_converter(
        "imatrix", str(model), "--from", "-", *place, *limits, lines=_prompt_lines(review, model, tokens, prompt_pack)
    )


@click.command()
@click.argument("reference", type=PATH)
@click.argument("file", type=PATH)
@click.option("--from", "review", type=PATH, required=True, help="The review whose screening is compared.")
@click.option(
    "--records", type=click.IntRange(1, 10**6), default=100, show_default=True, help="Records to screen with both."
)
@click.option(
    "--tokens",
    type=click.IntRange(1, 10**9),
    default=2048,
    show_default=True,
    help="Tokens to compare predictions over.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_limit_options
def compare(
    reference: Path,
    file: Path,
    review: Path,
    records: int,
    tokens: int,
    as_json: bool,
    threads: int,
    gpu_layers: int,
    prompt_pack: str,
) -> int:
    """Tell how often FILE decides otherwise than REFERENCE about a review's records, and how far its predictions are
    from its."""
    from leads_local.evaluation.quantization import compare_decisions

    before, after = (_judge_with(model, review, records, gpu_layers, prompt_pack) for model in (reference, file))
    found = json.dumps(asdict(compare_decisions(before, after)))
    limits = (
        "--tokens",
        str(tokens),
        "--threads",
        str(threads),
        "--gpu-layers",
        str(gpu_layers),
        *(("--json",) if as_json else ()),
    )
    lines = _prompt_lines(review, reference, tokens, prompt_pack)
    return run_converter(
        "compare", str(reference), str(file), "--from", "-", "--decisions", found, *limits, lines=lines
    )


REVIEW_COMMANDS = {"imatrix": imatrix, "compare": compare}


def _prompt_lines(review: Path, model: Path, tokens: int, prompt_pack: str) -> Iterator[str]:
    """The review's prompts as the converter reads them: token ids, until there are enough."""
    from leads_local.engine.encoding import encode
    from leads_local.evaluation.quantization import alternate_prompts as prompts_of

    pack = prompts.choose(prompt_pack, installed.describe(model).prompt_pack)
    seen = 0
    with reading(review) as opened:
        for ids in encode(model, prompts_of(opened, pack)):
            yield json.dumps({"ids": ids})
            seen += len(ids)
            if seen >= tokens:
                return


def _judge_with(model: Path, review: Path, records: int, gpu_layers: int, prompt_pack: str) -> dict[str, Any]:
    from leads_local.evaluation.quantization import ask_decisions, first_screening_requests
    from leads_local.records import Stage

    files.require_file(model, "a GGUF file", "Give the path of a GGUF file.", ModelError)
    with reading(review) as opened, open_model(load_settings(model=str(model), gpu_layers=gpu_layers)) as engine:
        requests = first_screening_requests(opened, pack_for(engine, prompt_pack, style_probe.SCREENING), records)
        count = len(opened.criteria(Stage.ABSTRACT))
        return dict(
            bar(
                model.name,
                iterable=ask_decisions(engine, requests, count),
                total=len(requests),
                unit="record",
                leave=False,
            )
        )
