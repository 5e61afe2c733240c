"""ZIPs of exports: each file a source of its own, nothing written, nothing that grows without limit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from leads_local import files
from leads_local.app.citations import describe_import, import_files
from leads_local.app.sources import describe_sources
from leads_local.citations import archives, zip_parts
from leads_local.errors import InputError
from leads_local.review.review import Review
from tests.citations import workbook_files

RIS = "TY  - JOUR\nTI  - {}\nAB  - Adults.\nER  - \n\n"


def packed(*parts: tuple[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return out.getvalue()


def told(review: Review, paths: Sequence[Path]) -> list[str]:
    return [
        line
        for file in import_files(review, paths, lambda number, file: None)
        for line in describe_import(file, files.shown_name(file.path)).lines
    ]


def test_each_file_of_a_zip_is_a_source_and_is_known_when_it_comes_again(review: Review, tmp_path: Path) -> None:
    workbook = workbook_files.xlsx({"R": [["Title"], ["C"]]})
    parts = [("a.ris", RIS.format("A")), ("old/b.csv", "Title,Year\nB,2001\n"), ("c.xlsx", workbook)]
    (tmp_path / "all.zip").write_bytes(
        packed(*parts, ("read me.txt", "Hello."), ("__MACOSX/._a.ris", b"\0\5\x16\7"), ("old/", ""))
    )
    said = told(review, [tmp_path / "all.zip"])
    assert review.counts().identified == 3
    assert [files.name_of(path) for path, _ in review.counts().sources] == [
        "all.zip/a.ris",
        "all.zip/old/b.csv",
        "all.zip/c.xlsx",
    ]
    assert [line for line in said if "read me.txt: this is no citation export" in line] and len(said) == 4
    assert describe_sources(review.sources(), {}).lines[1].startswith("2: all.zip/old/b.csv: 1 record (csv, ")
    (tmp_path / "a.ris").write_text(RIS.format("A"))
    again = told(review, [tmp_path / "all.zip", tmp_path / "a.ris"])
    assert review.counts().identified == 3
    assert sum("imported before" in line for line in again) == 4
    withdrawn = review.withdraw(review.find_source("all.zip/old/b.csv").sha256, "", withdrawn=True)
    assert withdrawn.withdrawn and review.counts().identified == 2


def test_a_name_in_a_zip_is_only_a_name(tmp_path: Path) -> None:
    names = ("../../up.ris", "/etc/abs.ris", "C:\\Users\\win.ris", "a/./b/../c.ris", "..", ".hidden", "x/.git/y.ris")
    (tmp_path / "odd.zip").write_bytes(packed(*((name, RIS.format(name)) for name in names)))
    found = [files.name_of(str(one.path)) for one in archives.members(tmp_path / "odd.zip")]
    assert found == ["odd.zip/up.ris", "odd.zip/etc/abs.ris", "odd.zip/Users/win.ris", "odd.zip/a/b/c.ris"]


def only(path: Path) -> archives.Member:
    (found,) = archives.members(path)
    return found


def test_a_zip_in_a_zip_is_named_and_not_opened(review: Review, tmp_path: Path) -> None:
    (tmp_path / "out.zip").write_bytes(packed(("in.zip", packed(("a.ris", RIS))), ("b.ris", RIS.format("B"))))
    said = told(review, [tmp_path / "out.zip"])
    assert "in.zip is a ZIP file in a ZIP file. Unpack it" in said[0] and "out.zip/b.ris: 1 record read" in said[1]


def test_a_zip_with_a_password_says_so_for_each_file(review: Review, tmp_path: Path) -> None:
    data = bytearray(packed(("a.ris", RIS)))
    for sign, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(sign) + place] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    assert "locked.zip/a.ris needs a password" in told(review, [tmp_path / "locked.zip"])[0].replace("\\", "/")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (packed(("a.ris", RIS))[:40], "is a damaged ZIP file"),
        (packed(), "holds no files"),
        (packed(("__MACOSX/a", "")), "holds no files"),
        (packed(("a.ris", bytes(11_000_000))), "far more than an export holds"),
        (packed(*((f"{number}.ris", "") for number in range(1_001))), "holds 1,001 files; at most 1,000"),
    ],
    ids=["cut", "empty", "nothing of ours", "too large", "too many"],  # the bytes hold the time
)
def test_a_zip_that_can_t_be_used_is_refused_as_a_whole(review: Review, tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "bad.zip").write_bytes(data)
    (line,) = told(review, [tmp_path / "bad.zip"])
    assert why in line and review.counts().identified == 0


def test_a_part_that_is_larger_than_it_says_is_not_unpacked_on(tmp_path: Path) -> None:
    data = bytearray(packed(("a.ris", RIS * 100)))
    for sign, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        start = data.index(sign) + place
        data[start : start + 4] = (10).to_bytes(4, "little")
    (tmp_path / "lies.zip").write_bytes(data)
    with pytest.raises(InputError, match=r"lies\.zip.a\.ris can't be unpacked"):
        only(tmp_path / "lies.zip").read()


def test_a_part_that_would_be_unpacked_at_once_whatever_it_says_is_named(review: Review, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "some.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.ris", RIS.format("A"))
        archive.writestr("b.ris", RIS.format("B"), zipfile.ZIP_DEFLATED)
    first, second = told(review, [tmp_path / "some.zip"])
    assert "a.ris is packed in another way" in first and "b.ris: 1 record read" in second


def test_all_parts_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_parts, "MOST_UNPACKED", 100)
    (tmp_path / "much.zip").write_bytes(packed(("a.ris", "x" * 60), ("b.ris", "x" * 60)))
    with pytest.raises(InputError, match="much"):
        only(tmp_path / "much.zip")


def test_what_is_larger_than_the_memory_is_refused(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "large.zip").write_bytes(packed(("a.ris", RIS * 100)))
    monkeypatch.setattr("leads_local.memory.available_bytes", lambda: 0)
    for smallest, name in ((1_000, "large.zip/a.ris"), (10, "large.zip")):
        monkeypatch.setattr("leads_local.citations.source._SMALL_FILE", smallest)
        (line,) = told(review, [tmp_path / "large.zip"])
        assert f"{name}: reading its" in line.replace("\\", "/")


def test_documents_of_programs_are_no_archives(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook_files.xlsx({"R": []}))
    (tmp_path / "a.docx").write_bytes(packed(("word/document.xml", "")))
    (tmp_path / "a.zip").write_bytes(packed(("a.ris", RIS)))
    assert [archives.is_archive(tmp_path / name) for name in ("a.xlsx", "a.docx", "none.zip", "a.zip")] == [
        False, False, False, True,
    ]  # fmt: skip
