"""What is as long as an answer may be is marked where people meet it: the value's text, its evidence in the UI, and the
exported table."""

from __future__ import annotations

import json
from pathlib import Path

from leads_local.engine.types import Request
from leads_local.export import sheets
from leads_local.review.review import Review
from leads_local.tasks.schemas import DESCRIPTION_LIMIT, MOST_ARMS, MOST_INTERVENTIONS
from leads_local.tui.widgets.evidence_view import EvidenceView
from tests.fake_engine import answer_for
from tests.jobs.work_fixture import engine, make, work


def full(request: Request) -> str:
    """As many arms as there may be, the first with as many interventions and as long a description."""
    assert request.schema is not None
    if request.schema.get("maxItems") != MOST_ARMS or "prefixItems" in request.schema:
        return json.dumps(answer_for(request.schema, request.prompt))
    arms = [
        {"label": f"Arm {n}", "type": "", "description": "", "interventionNames": ["walking"]} for n in range(MOST_ARMS)
    ]
    names = [f"drug {n}" for n in range(MOST_INTERVENTIONS)]
    return json.dumps([{**arms[0], "description": "d" * DESCRIPTION_LIMIT, "interventionNames": names}, *arms[1:]])


def test_a_reviewer_and_a_reader_of_the_table_see_each_mark(tmp_path: Path) -> None:
    make(tmp_path / "r.leads", records=1, papers=1)
    with Review.open(tmp_path / "r.leads") as review:
        list(work(review, "extract", engine(answer=full)))
        first = {
            one.value.part: one for one in review.values(1) if one.value.task == "arms" and one.value.item == "Arm 0"
        }
        rows = [row for row in sheets.values_sheet(review).rows() if "arms" in row and "Arm 0" in row]
    assert first["interventions"].value.text.endswith(f"drug {MOST_INTERVENTIONS - 1}; […]")
    assert first["description"].value.text.endswith("d […]")
    assert "look for further ones" in first["label"].value.note
    for part in ("interventions", "description"):
        view = EvidenceView()
        view.show(first[part], None)
        assert "[…]" in str(view.render())
    view.show(first["label"], None)
    assert "\nNote: The list of arms" in str(view.render())
    table = {row[7]: row for row in rows}
    assert "look for further ones" in str(table["label"][9])
    assert all(str(table[part][8]).endswith("[…]") for part in ("interventions", "description"))
