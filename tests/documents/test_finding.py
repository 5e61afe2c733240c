"""Every PDF of a folder is found, and what may be one and can't be had is named with the reason."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from leads_local import files
from leads_local.documents import finding, reader
from leads_local.documents.finding import find_pdfs
from leads_local.errors import InputError
from tests.documents.conftest import Typeset
from tests.documents.test_reader import BODY
from tests.test_windows_names import long_folder

LINKS = pytest.mark.skipif(os.name == "nt", reason="links need a right there")
NOT_ROOT = pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="an administrator may list every folder")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "papers"
    (made / "more").mkdir(parents=True)
    for name in ("b.pdf", "more/C.PDF"):
        (made / name).write_bytes(b"x")
    return made


def passed_over(folder: Path) -> dict[str, str]:
    found = find_pdfs(folder)
    assert [path.name for path in found.papers] == ["b.pdf", "C.PDF"]
    return {str(one.path.relative_to(folder)): one.why for one in found.passed_over}


def test_a_folder_of_papers_alone_passes_nothing_over(folder: Path) -> None:
    (folder / "notes.txt").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "Thumbs.db").write_bytes(b"x")
    assert passed_over(folder) == {}


def refuse_to_list(refused: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def scan(path: Path) -> object:
        if Path(path) == refused:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)


def test_a_folder_that_can_not_be_listed_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "closed").mkdir()
    refuse_to_list(folder / "closed", monkeypatch)
    assert passed_over(folder) == {"closed": "this folder can't be listed: Permission denied"}


@NOT_ROOT
def test_a_folder_without_rights_is_named(folder: Path) -> None:
    (folder / "closed").mkdir()
    (folder / "closed").chmod(0)
    try:
        assert passed_over(folder) == {"closed": "this folder can't be listed: Permission denied"}
    finally:
        (folder / "closed").chmod(0o700)


@LINKS
def test_a_link_that_leads_nowhere_is_named_with_its_target(folder: Path, tmp_path: Path) -> None:
    for name in ("a.pdf", "a folder on a disk that is not there", ".lock"):
        (folder / name).symlink_to(tmp_path / "gone")
    nothing = f"it is a link to {tmp_path / 'gone'}, and nothing is there"
    assert passed_over(folder) == {"a.pdf": nothing, "a folder on a disk that is not there": nothing}


@LINKS
def test_a_link_out_of_the_folder_is_named_and_one_within_it_is_read_once(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "d.pdf").write_bytes(b"x")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "again").symlink_to(folder / "more")
    (folder / "more" / "loop").symlink_to(folder)
    assert passed_over(folder) == {
        "linked": f"this is a link to the folder {tmp_path / 'elsewhere'}; name that, too",
    }
    assert [path.name for path in find_pdfs(folder / "linked").papers] == ["d.pdf"]


@LINKS
def test_a_link_to_itself_is_named_and_a_link_to_a_paper_is_read(folder: Path) -> None:
    (folder / "itself.pdf").symlink_to(folder / "itself.pdf")
    (folder / "z.pdf").symlink_to(folder / "b.pdf")
    found = find_pdfs(folder)
    assert [path.name for path in found.papers] == ["b.pdf", "C.PDF", "z.pdf"]
    assert [one.path.name for one in found.passed_over] == ["itself.pdf"]


@pytest.mark.parametrize("ending", ["crdownload", "part", "partial", "opdownload", "download"])
def test_a_download_that_has_not_finished_is_named(folder: Path, ending: str) -> None:
    (folder / f"a.pdf.{ending}").write_bytes(b"%PDF")
    (folder / "safari.pdf.download").mkdir()
    (folder / "safari.pdf.download" / "safari.pdf").write_bytes(b"%PDF")
    found = passed_over(folder)
    assert set(found.values()) == {"this download has not finished"}
    assert sorted(found) == [f"a.pdf.{ending}", "safari.pdf.download"]


def test_what_a_mac_leaves_on_a_disk_is_no_paper(folder: Path) -> None:
    for name in ("._b.pdf", "._c.pdf", "._notes.txt", ".hidden.pdf"):
        (folder / name).write_bytes(b"\0\5\26\7")
    for name in ("__MACOSX", ".Trashes", "$RECYCLE.BIN"):
        (folder / name).mkdir()
        (folder / name / "old.pdf").write_bytes(b"x")
    found = find_pdfs(folder)
    assert [path.name for path in found.papers] == ["b.pdf", "C.PDF"]
    companions, hidden = found.passed_over
    assert companions.expected and "2 × “._….pdf”" in companions.why
    assert hidden.expected and hidden.why == "passed over what is hidden: .hidden.pdf"


def test_a_paper_that_icloud_keeps_is_named(folder: Path) -> None:
    (folder / ".a.pdf.icloud").write_bytes(b"bplist00")
    assert passed_over(folder) == {".a.pdf.icloud": files.ONLY_ONLINE}


class Elsewhere:
    """What a file's ``stat`` tells, with the marks of one that a sync service keeps."""

    def __init__(self, found: os.stat_result, **marks: int) -> None:
        self._found, self.__dict__["marks"] = found, marks

    def __getattr__(self, name: str) -> object:
        marks = self.__dict__["marks"]
        return marks[name] if name in marks else getattr(self.__dict__["_found"], name)


MARKS = {
    "windows, on access": {"st_file_attributes": 0x400020},
    "windows, on opening": {"st_file_attributes": 0x40020},
    "windows, offline": {"st_file_attributes": 0x1020},
    "mac": {"st_flags": 0x40000000},
}


def keep_elsewhere(name: str, marks: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Mark what has this name, and list what is opened from now on."""
    stat, opened = Path.stat, []

    def told(self: Path, *, follow_symlinks: bool = True) -> object:
        found = stat(self, follow_symlinks=follow_symlinks)
        return Elsewhere(found, **marks) if self.name == name else found

    def watched(self: Path, *arguments: object, **options: object) -> object:
        opened.append(self.name)
        raise OSError(5, "this would have been fetched")

    monkeypatch.setattr(Path, "stat", told)
    monkeypatch.setattr(Path, "open", watched)
    return opened


@pytest.mark.parametrize("marks", MARKS.values(), ids=MARKS)
def test_a_file_that_is_only_online_is_never_opened(
    folder: Path, marks: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.pdf").write_bytes(b"%PDF-1.4")
    opened = keep_elsewhere("a.pdf", marks, monkeypatch)
    assert passed_over(folder) == {"a.pdf": files.ONLY_ONLINE}
    assert reader.read(folder / "a.pdf").problem == f"a.pdf: {files.ONLY_ONLINE}."
    assert reader.digest_or_empty(folder / "a.pdf") == ""
    with pytest.raises(InputError, match="only online"):
        find_pdfs(folder / "a.pdf")
    assert opened == []


def test_what_only_the_listing_tells_is_heeded_for_files_and_folders(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows has "recall on open" in no other place."""
    online = SimpleNamespace(st_file_attributes=0x40020)
    for name, is_folder in (("a.pdf", False), ("cloud", True)):
        entry = SimpleNamespace(
            name=name, is_symlink=lambda: False, stat=lambda **_: online, is_dir=lambda it=is_folder: it
        )
        walk = finding._Walk(folder)
        assert not walk._is_to_be_listed(folder / name, entry)  # type: ignore[arg-type]
        assert [(one.path.name, one.why) for one in walk.passed_over] == [(name, files.ONLY_ONLINE)]


def test_a_place_that_may_not_be_looked_into_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(InputError, match="it can't be read: Permission denied"):
        find_pdfs(folder)


def test_where_nothing_can_be_read_the_reasons_are_said(folder: Path) -> None:
    for path in (folder / "b.pdf", folder / "more" / "C.PDF"):
        path.rename(path.with_name(f"{path.name}.part"))
    with pytest.raises(InputError) as caught:
        find_pdfs(folder)
    assert str(folder / "b.pdf.part") in caught.value.message and "not finished" in caught.value.message
    assert caught.value.message.startswith(f"{folder} holds no PDF files that can be read: ")


def test_a_paper_behind_a_long_path_or_a_devices_name_is_read(
    typeset: Typeset, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """On Windows, which lists them and opens neither by the path that a person sees."""
    paper = typeset(BODY).read_bytes()
    top = tmp_path / "review"
    places = [long_folder(top) / "a.pdf", top / "aux.pdf", top / "ends." / "b.pdf"]
    for place in places:
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(paper)
    request.getfixturevalue("windows")
    found = find_pdfs(top)
    assert (set(found.papers), found.passed_over) == (set(places), ())
    for place in found.papers:
        with pytest.raises(OSError):
            place.open("rb")
        document = reader.read(place)
        assert (document.path, document.problem) == (str(place), "")
        assert document.passages and document.sha256 == reader.digest_or_empty(place) != ""


def test_a_name_that_is_no_unicode_is_like_any_other(typeset: Typeset, tmp_path: Path) -> None:
    plain = typeset(BODY)
    path = tmp_path / os.fsdecode(b"Studie_M\xfcller.pdf")
    try:
        path.write_bytes(plain.read_bytes())
    except OSError:
        pytest.skip("this disk has Unicode names only")
    document = reader.read(path)
    assert (document.problem, document.passages) == ("", reader.read(plain).passages)
    assert document.path == f"{tmp_path.as_uri()}/Studie_M%FCller.pdf"
    assert files.name_of(document.path) == "Studie_M\N{REPLACEMENT CHARACTER}ller.pdf"
    path.write_bytes(b"")
    assert reader.read(path).problem.startswith("Studie_M\N{REPLACEMENT CHARACTER}ller.pdf: the file is empty")
