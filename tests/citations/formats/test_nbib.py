"""PubMed text: four columns, continued lines, records that begin with their number."""

from __future__ import annotations

import pytest

from leads_local.citations.formats.nbib import read
from leads_local.records import Citation

RECORD = """
PMID- 31000001
OWN - NLM
DP  - 2019 Mar
TI  - A trial of something that needs
      more than one line.
PG  - 11-9
LID - 10.1000/Jt.2019 [doi]
AB  - BACKGROUND: First line
      IL-6 - second line.
FAU - Ngata, Mere
AU  - Ngata M
AD  - Somewhere
FAU - Okoye, Ude
AU  - Okoye U
CN  - TRIAL Group
AU  - Lone L
LA  - eng
PT  - Journal Article
PT  - Randomized Controlled Trial
TA  - J Trials
JT  - Journal of trials
VI  - 4
IP  - 2
MH  - *Walking
OT  - steps; strides
AID - S0-1 [pii]
"""


def test_the_fields_of_a_record() -> None:
    (citation,) = read(RECORD).citations
    assert citation == Citation(
        title="A trial of something that needs more than one line.",
        abstract="BACKGROUND: First line IL-6 - second line.",
        authors=("Ngata, Mere", "Okoye, Ude", "TRIAL Group", "Lone L"),
        year=2019,
        journal="Journal of trials",
        volume="4",
        issue="2",
        pages="11-9",
        doi="10.1000/jt.2019",
        pmid="31000001",
        language="eng",
        kind="Journal Article; Randomized Controlled Trial",
        keywords=("*Walking", "steps", "strides"),
        extra=(
            ("OWN", "NLM"),
            ("DP", "2019 Mar"),
            ("LID", "10.1000/Jt.2019 [doi]"),
            ("AU (short)", "Ngata M"),
            ("AD", "Somewhere"),
            ("AU (short)", "Okoye U"),
            ("TA", "J Trials"),
            ("AID", "S0-1 [pii]"),
        ),
        number=1,
    )


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("joint", ["", "\n", "\n\n"])
def test_records_are_counted_by_their_number_however_they_are_separated(count: int, joint: str) -> None:
    text = joint.join(RECORD.replace("31000001", str(31000001 + n)) for n in range(count))
    assert [citation.pmid for citation in read(text).citations] == [str(31000001 + n) for n in range(count)]


def test_doubled_line_ends_do_not_cut_records_apart() -> None:
    (citation,) = read(RECORD.replace("\n", "\n\n")).citations
    assert (citation.title, len(citation.authors)) == ("A trial of something that needs more than one line.", 4)


def test_a_line_that_is_no_field_is_kept_in_a_problem() -> None:
    parsed = read("PMID- 1\nTI  - a\nSO  no dash\n")
    assert [(p.line, p.raw, p.whole) for p in parsed.problems] == [(3, "SO  no dash", False)]
    assert parsed.citations[0].title == "a"


def test_labels_without_values_are_a_problem() -> None:
    parsed = read("PMID- \nTI  - \n\nPMID- 2\nTI  - b\n")
    assert [citation.pmid for citation in parsed.citations] == ["2"]
    assert [problem.whole for problem in parsed.problems] == [True]
