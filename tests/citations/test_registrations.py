"""Registration numbers are found however they are written, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from leads_local.citations import registrations
from leads_local.records import Citation


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("ClinicalTrials.gov NCT01234567.", "NCT01234567"),
        ("nct 01234567", "NCT01234567"),
        ("(NCT: 01234567)", "NCT01234567"),
        ("https://clinicaltrials.gov/study/NCT01234567", "NCT01234567"),
        ("ISRCTN-12345678", "ISRCTN12345678"),
        ("EudraCT number 2008\u2013001234\u201312", "EudraCT 2008-001234-12"),
        ("CTIS 2023-501234-12-00", "EUCT 2023-501234-12"),
        ("ACTRN12605000123456p", "ACTRN12605000123456"),
        ("DRKS-ID: DRKS00012345", "DRKS00012345"),
        ("ChiCTR-TRC-12002345", "ChiCTR12002345"),
        ("ChiCTR1900021234", "ChiCTR1900021234"),
        ("UMIN-CTR UMIN000012345", "UMIN000012345"),
        ("jRCTs031180123", "jRCTs031180123"),
        ("JapicCTI-121234", "JapicCTI-121234"),
        ("CTRI/2019/01/012345", "CTRI/2019/01/012345"),
        ("IRCT20190101042001N1", "IRCT20190101042001N1"),
        ("KCT0001234", "KCT0001234"),
        ("TCTR20190101001", "TCTR20190101001"),
        ("PACTR201901123456789", "PACTR201901123456789"),
        ("RBR-5r33f8", "RBR-5r33f8"),
        ("RPCEC00000123", "RPCEC00000123"),
        ("SLCTR/2011/004", "SLCTR/2011/004"),
        ("LBCTR2019010123", "LBCTR2019010123"),
        ("NTR 1234", "NTR1234"),
    ],
)
def test_each_register(written: str, number: str) -> None:
    assert registrations.find(f"Registered as {written}, in 2019") == (number,)


@pytest.mark.parametrize(
    "text",
    ["", "NCT0123456", "NCT012345678", "XNCT01234567", "PMID 12345678", "CRD42019123456", "2019-123456", "CENTRAL"],
)
def test_what_is_none(text: str) -> None:
    assert registrations.find(text) == ()


def test_each_once_in_their_order() -> None:
    text = "ISRCTN12345678 and NCT01234567; again isrctn 12345678"
    assert registrations.find(text) == ("ISRCTN12345678", "NCT01234567")


def test_all_fields_of_a_record_are_looked_at() -> None:
    numbers = [f"NCT0000000{n}" for n in range(5)]
    title, abstract, keyword, url, extra = numbers
    citation = Citation(title=title, abstract=abstract, keywords=(keyword,), urls=(url,), extra=(("SI", extra),))
    assert registrations.find_in_citation(citation) == tuple(numbers)
