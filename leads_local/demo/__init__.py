"""The sample review that comes with the program: a question, citations, papers and the right answers, all of them
invented.

It lets a newcomer go the whole way without data of their own, and gives tests of the whole way answers that are known.
No trial, person or journal in it exists, and no sentence of it may ever be used to train the model that is shown on it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from leads_local.demo import unpacking
from leads_local.demo.typeset import typeset_papers
from leads_local.errors import InputError
from leads_local.records import Criterion, Question
from leads_local.tasks import forms

__all__ = ["DemoReview", "UnpackedFiles", "find_checkpoint", "load", "unpack"]


@dataclass(frozen=True, slots=True)
class DemoReview:
    """``criteria`` are the reviewer's own, beyond PICO; ``citations`` are the names of the citation files."""

    title: str
    question: Question
    criteria: tuple[Criterion, ...]
    form: forms.Form
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnpackedFiles:
    """Where the sample files lie: the citation files, the folder of the papers, the papers in it, the extraction
    form."""

    citations: tuple[Path, ...]
    folder: Path
    papers: tuple[Path, ...]
    form: Path


def load() -> DemoReview:
    """The sample review's question, criteria and form."""
    source = resources.files("leads_local.demo")
    told = tomllib.loads((source / "review.toml").read_text(encoding="utf-8"))
    with resources.as_file(source / told["form"]) as path:
        form = forms.load(path)
    return DemoReview(
        title=told["title"],
        question=Question(title=told["title"], **told["question"]),
        criteria=tuple(Criterion(one["name"], one["text"]) for one in told["criteria"]),
        form=form,
        citations=tuple(told["citations"]),
    )


def find_checkpoint() -> Path | None:
    """The folder of the demo model's weights: inside this package in a wheel, ``models/demo`` in a checkout; None where
    neither is there."""
    places = (Path(__file__).parents[level] / "models" / "demo" for level in (1, 2))
    return next((place.resolve() for place in places if (place / "model.safetensors").is_file()), None)


def unpack(folder: Path) -> UnpackedFiles:
    """Writes the citation files and the form into ``folder`` and the papers' PDFs into ``folder/papers``.

    Files of these names are replaced. Raises InputError when the folder can't be written to, or a file is open in
    another program.
    """
    unpacking.check_folder(folder)
    review = load()
    source = resources.files("leads_local.demo")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (*review.citations, "form.toml"):
            unpacking.put_file(folder / name, (source / name).read_bytes())
    except OSError as error:
        raise InputError(
            f"The sample review can't be written to {folder}: {error.strerror or error}.",
            "Choose a folder that you may write to.",
        ) from error
    papers = typeset_papers(folder / "papers")
    return UnpackedFiles(
        tuple(folder / name for name in review.citations), folder / "papers", tuple(papers), folder / "form.toml"
    )
