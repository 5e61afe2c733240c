"""Minus, times and micro of fonts without Unicode arrive as such, or as a sign that nobody takes for another."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from leads_local.documents import reader
from leads_local.documents.evidence import find_evidence
from leads_local.documents.quotes import find_quote
from tests.documents.conftest import passage

PLAIN = "Of 84 patients 41 were given a placebo and 43 the drug, and nobody was lost before the end of the trial."


def written(folder: Path, font: str, encoding: str, line: bytes, table: str = "") -> str:
    """The text of a page with one line in which /F2, a font of this name and encoding, sets some signs."""
    pdf = pymupdf.open()
    page = pdf.new_page()
    page.insert_text((72, 72), "x", fontname="helv")
    page.insert_text((72, 72), "x", fontname="cour")
    fonts = {one[4]: one[0] for one in page.get_fonts()}
    pdf.update_object(fonts["cour"], f"<</Type/Font/Subtype/Type1/BaseFont/ABCDEF+{font}/Encoding{encoding}>>")
    if table:
        pdf.update_object(new := pdf.get_new_xref(), "<<>>")
        pdf.update_stream(new, f"begincmap\n{table}\nendcmap".encode())
        pdf.xref_set_key(fonts["cour"], "ToUnicode", f"{new} 0 R")
    lines = b"".join(b"BT /helv 11 Tf 72 %d Td (%s) Tj ET\n" % (600 - 14 * n, PLAIN.encode()) for n in range(3))
    page.clean_contents()
    pdf.update_stream(page.get_contents()[0], b"BT 72 700 Td " + line + b" ET\n" + lines)
    pdf.save(path := folder / "signs.pdf")
    document = reader.read(path)
    assert not document.problem and not document.notice
    return " ".join(one.text for one in document.passages)


def test_signs_stay_known_when_the_file_has_to_be_put_together_again(tmp_path: Path) -> None:
    written(tmp_path, "AdvP7DA6", "/WinAnsiEncoding", CHANGE)
    with pymupdf.open(tmp_path / "signs.pdf") as pdf:
        pdf.fullcopy_page(0)
        pdf.fullcopy_page(0)
        content = pdf[1].get_contents()[0]
        data = pdf.tobytes()
    at = data.index(f"\n{content} 0 obj".encode())
    (path := tmp_path / "hurt.pdf").write_bytes(data[: at + 1] + b"?" * 9 + data[at + 10 :])
    document = reader.read(path)
    assert document.rebuilt
    texts = {one.page: one.text for one in document.passages if "mean change" in one.text}
    assert set(texts) >= {1, 3} and all("of 5 μg." in text for text in texts.values())


def mixed(*parts: tuple[str, bytes]) -> bytes:
    return b" ".join(b"/%s 11 Tf (%s) Tj" % (font.encode(), text) for font, text in parts)


CHANGE = mixed(
    ("helv", b"The mean change was "), ("cour", b"\\001"), ("helv", b"2.03, of 5 "), ("cour", b"m"), ("helv", b"g.")
)


@pytest.mark.parametrize(
    ("font", "encoding", "expected"),
    [
        ("AdvP4C4E74", "<</Type/Encoding/Differences[1/C0 109/C2]>>", "was −2.03, of 5 ×g."),
        ("AdvP7DA6", "<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[1/C99]>>", "was \ufffd2.03, of 5 μg."),
        ("UniversalGreekwithMathPi", "<</Type/Encoding/Differences[1/H11002 109/H9262]>>", "was −2.03, of 5 μg."),
        ("Odd", "<</Type/Encoding/Differences[1/C0 109/C22]>>", "was \ufffd2.03, of 5 \ufffdg."),
    ],
)
def test_signs_by_font_and_glyph(tmp_path: Path, font: str, encoding: str, expected: str) -> None:
    assert expected in written(tmp_path, font, encoding, CHANGE)


def test_a_fonts_own_table_is_kept_and_completed(tmp_path: Path) -> None:
    encoding = "<</Type/Encoding/Differences[1/C0 109/C2]>>"
    table = "1 beginbfchar\n<01> <2265>\nendbfchar"
    assert "was ≥2.03, of 5 ×g." in written(tmp_path, "AdvP4C4E74", encoding, CHANGE, table)
    told = "1 beginbfrange\n<01> <02> [<FFFD> <0020>]\nendbfrange\n1 beginbfchar\n<6D> <006D>\nendbfchar"
    encoding = "<</Type/Encoding/Differences[1/H11002 109/m]>>"
    assert "was −2.03, of 5 μg." in written(tmp_path, "AdvP7DA6", encoding, CHANGE, told)


def test_nothing_is_found_to_the_letter_beside_a_sign_that_can_not_be_read() -> None:
    unsure = passage("The mean change was \ufffd2.03 points (95 % CI \ufffd3.1 to 1.2) in 84 patients.")
    sure = passage("The mean change was −2.03 points (95 % CI −3.1 to 1.2) in 84 patients.")
    assert find_quote("in 84 patients", [sure]).match == "exact"
    assert find_quote("in 84 patients", [unsure]).match == "normalised"
    assert not find_quote("2.03 points", [unsure]).found and not find_quote("2.03", [unsure]).found
    assert not find_evidence("2.03", ["change"], [unsure]).found
    assert not find_evidence("-2.03", ["change"], [unsure]).found
    assert find_evidence("-2.03", ["change"], [sure]).found
    assert find_evidence("1.2", ["change"], [unsure]).match == "normalised"
