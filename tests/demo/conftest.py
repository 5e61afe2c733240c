"""The sample review, unpacked and read once for all tests on it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from leads_local import demo
from leads_local.citations.source import SourceFile, read_file
from leads_local.demo import source
from leads_local.demo.source import SamplePaper
from leads_local.documents import reader
from leads_local.records import Document


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> demo.UnpackedFiles:
    return demo.unpack(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def sources(unpacked: demo.UnpackedFiles) -> tuple[SourceFile, ...]:
    return tuple(read_file(path) for path in unpacked.citations)


@pytest.fixture(scope="session")
def papers() -> tuple[SamplePaper, ...]:
    return source.load_papers()


@pytest.fixture(scope="session")
def documents(unpacked: demo.UnpackedFiles) -> Mapping[str, Document]:
    """What our own reader makes of each paper, by file name."""
    return {path.name: reader.read(path) for path in unpacked.papers}
