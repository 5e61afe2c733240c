"""Tags that were changed on the way are read as what they were; what is no tag stays as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from leads_local.citations import portions, read_parts
from leads_local.citations.odd_tags import as_usual
from leads_local.citations.source import read_text

RIS = (
    "TY  - JOUR\nTI  - Walking for knees\nAU  - Lee, A\nPY  - 2019\nAB  - We asked – 84 – adults.\nER  - \n\n"
    "TY  - JOUR\nTI  - Rowing\nAU  - Wu, B\nPY  - 2020\nAB  - Others.\nER  - \n"
)
PUBMED = (
    "PMID- 7000001\nTI  - Walking for knees\nFAU - Lee, A\nDP  - 2019 Mar\nAB  - We asked – 84 – adults.\n"
    "      ab - is no tag here\n\nPMID- 7000002\nTI  - Rowing\nFAU - Wu, B\nDP  - 2020\nAB  - Others.\n"
)
REFER = (
    "%0 Journal Article\n%T Walking for knees\n%A Lee, A\n%D 2019\n%X We asked – 84 – adults.\n\n"
    "%0 Journal Article\n%T Rowing\n%A Wu, B\n%D 2020\n%X Others.\n"
)
ISI = (
    "FN Clarivate\nVR 1.0\nPT J\nAU Lee, A\nTI Walking for knees\nPY 2019\nAB We asked – 84 – adults.\nER\n\n"
    "PT J\nAU Wu, B\nTI Rowing\nPY 2020\nAB Others.\nER\n\nEF\n"
)
DASHED = r"^([A-Z]{2}|[A-Z]{3,4})( *)- ?"
PLAIN = r"^(%[0-9A-Z]|[A-Z]{2}) ?(?=.|$)"
FORMS = {"ris": (RIS, DASHED), "nbib": (PUBMED, DASHED), "enw": (REFER, PLAIN), "wos": (ISI, r"^([A-Z]{2})(?: |$)")}
DASHES = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"


def changed(form: str, how: str) -> str:
    """The file of a form with its tags changed: in small letters, with another space, a dash, something invisible."""
    text, pattern = FORMS[form]
    space = {"no-break": "\u00a0", "tab": "\t", "thin": "\u2009", "ideographic": "\u3000"}.get(how, " ")

    def tag(match: re.Match[str]) -> str:
        told = match[0].replace(" ", space)
        if how == "small":
            return told.lower()
        return f"\u200b{told}" if how == "invisible" else told.replace("-", how) if how in DASHES else told

    return re.sub(pattern, tag, text, flags=re.MULTILINE)


WAYS = [(form, how) for form in FORMS for how in ("no-break", "tab", "thin", "ideographic", "small", "invisible")]
WAYS += [(form, dash) for form in ("ris", "nbib") for dash in DASHES]


@pytest.mark.parametrize(("form", "how"), WAYS)
def test_changed_tags_give_the_same_records(form: str, how: str) -> None:
    odd = changed(form, how)
    assert odd != FORMS[form][0]
    name, found = read_text(as_usual(odd), "export.txt")
    assert name == form and found.citations == read_text(FORMS[form][0], "export.txt")[1].citations
    assert [one.title for one in found.citations] == ["Walking for knees", "Rowing"]
    assert found.citations[0].abstract.startswith("We asked – 84 – adults.") and not found.problems


@pytest.mark.parametrize(
    "text",
    [
        *(text for text, _ in FORMS.values()),
        "AU\tTI\tSO\tPY\nLee, A\tWalking\tJ\t2019\n",
        "So we saw.\nTi is a metal.\nAu is another – and pt too.\nId est.\n",
        PUBMED.replace("Others.", "Others.\npmid – is\nfau – no\ndp – tag"),
        PUBMED.replace("Others.", "Others.\npt – is\nso – what\nau – revoir"),
    ],
)
def test_what_is_written_as_usual_or_is_no_tag_stays(text: str) -> None:
    assert as_usual(text) == text


def test_a_large_file_with_changed_tags_is_read_like_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "AT_ONCE", 10)
    (tmp_path / "large.nbib").write_text(changed("nbib", "no-break"), encoding="utf-8")
    found = [one.title for part in read_parts(tmp_path / "large.nbib") for one in part.citations]
    assert found == ["Walking for knees", "Rowing"]
