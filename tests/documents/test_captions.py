"""A caption is known in any spelling; a sentence that begins with its words is none."""

from __future__ import annotations

import pytest

from leads_local.documents.captions import FIGURE, TABLE, caption_key, is_caption, kind_of, mentioned
from tests.documents.conftest import printed


@pytest.mark.parametrize(
    "text",
    [
        *("Table 1. Baseline", "TABLE 1 Baseline", "TA B L E 1 Baseline", "T A B L E 2 Baseline", "Table 1a Baseline"),
        *("eTable 1. Baseline", "Supplementary Table S1. Baseline", "Table A.2 Baseline", "Table IV. Baseline"),
        *("Tabelle 1 Merkmale", "Tab. 1 Merkmale", "Tableau 1. Données", "Tabla 1. Datos", "Tabela 1 - Dados"),
        *("Table 1 | Baseline", "Table 3", "表 1 基线资料"),
    ],
)
def test_captions_of_tables(text: str) -> None:
    assert kind_of(text) == TABLE and is_caption(printed(50, 100, text))


@pytest.mark.parametrize(
    "text", ["Table 2 shows the results", "Tables were made", "Tablets 20 mg", "Tabulated 3 times"]
)
def test_sentences_are_none(text: str) -> None:
    assert not is_caption(printed(50, 100, text))


def test_a_figure_is_no_table_and_a_mention_finds_its_caption() -> None:
    assert kind_of("Figure 2. Flow") == kind_of("Abbildung 2 Ablauf") == FIGURE
    assert mentioned("as Tables 2 and Fig. 3 show") == ["table2", "figure3"]
    assert caption_key("TA B L E 2 Results") == "table2" and caption_key("Figure 3a. Flow") == "figure3"


def test_several_are_mentioned_together_and_supplementary_ones_are_others() -> None:
    assert mentioned("Tables 1, 2 and 4; Figs. 1–3") == ["table1", "table2", "table4", "figure1", "figure2", "figure3"]
    assert mentioned("Table 1, 95 of them; Fig. 2A and B") == ["table1", "figure2"]
    assert mentioned("Supplementary Table 1, Table S1, eTable 1") == ["tables1"] * 3
    assert caption_key("Supplementary Table 1. All") == caption_key("Table S1. All") == "tables1"
