"""The same model on a GPU and on the processor gives the same answers up to ties; needs a GPU build of llama.cpp and a
device."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.config import Settings
from leads_local.engine.host import open_engine
from leads_local.engine.llama import find_gpu
from tests.engine.test_llama import REQUESTS

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not find_gpu(), reason="the installed llama.cpp has no GPU backend, or finds no GPU"),
]
_TIE = 0.05  # a GPU rounds otherwise than a processor


@pytest.mark.parametrize("layers", [-1, 1])
def test_gpu_layers_change_no_answer(tiny: Path, layers: int) -> None:
    answers = []
    for number in (0, layers):
        with open_engine(Settings(model=str(tiny), context=4096, sequences=6, threads=1, gpu_layers=number)) as engine:
            assert engine.model.gpu_layers == (0 if number == 0 else 3 if number < 0 else 1)
            answers.append({reply.id: reply for reply in engine.run(REQUESTS)})
    for name, reply in answers[0].items():
        other = answers[1][name]
        assert other.error == "" and (reply.text == other.text or min(reply.margin or 0, other.margin or 0) < _TIE)
