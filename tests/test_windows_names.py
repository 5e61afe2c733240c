"""What Windows takes as a name, what it does not, and how files are found that have such names all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

import pytest

from leads_local import files, windows_names
from leads_local.citations import read_file
from leads_local.errors import InputError

RECORD = "TY  - JOUR\nTI  - Ginger tea for nausea after surgery\nPY  - 2011\nER  -\n"


def long_folder(place: Path, characters: int = 280) -> Path:
    """A folder in ``place`` whose path has that many characters at least."""
    folder = place
    while len(str(folder)) < characters:
        folder /= "a folder whose name is long, as reviewers like them"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("aux.csv", "device"),
        ("CON", "device"),
        ("lpt1", "device"),
        ("com².x", "device"),
        ("nul .txt", "device"),
        ("ends.", "ends with a dot"),
        ("ends ", "ends with a space"),
        ("a:b", "has a : in it"),
        ("who?", r"has a \? in it"),
        ("tab\t", "control character"),
    ],
)
def test_a_name_that_windows_refuses_is_named_with_the_reason(windows: None, name: str, why: str) -> None:
    import re

    for path in (Path(name), Path("out") / name, Path("/there") / name / "deeper"):
        said = windows_names.why_not(path)
        assert said.startswith(f"“{name}” ") and re.search(why, said)


@pytest.mark.parametrize("name", ["console", "auxiliary.pdf", "com10.pdf", ".hidden", "ä ö.pdf", "..", ".", "a.b"])
def test_other_names_are_taken(windows: None, name: str) -> None:
    assert windows_names.why_not(Path("there") / name) == ""


def test_elsewhere_every_name_is_taken_and_no_path_is_changed(tmp_path: Path) -> None:
    for path in (tmp_path / "aux.", tmp_path / ("x" * 200) / ("y" * 200)):
        assert windows_names.why_not(path) == ""
        assert windows_names.exact(path) is path


def test_the_length_is_counted_as_windows_does_and_with_what_comes_behind(windows: None) -> None:
    assert windows_names.length("a\U0001f600") == 3
    assert windows_names.why_not(Path("/" + "x" * 258)) == ""
    assert "has 260 characters, and Windows has room for 259" in windows_names.why_not(Path("/" + "x" * 259))
    assert "with the 9 of the files in it, has 260" in windows_names.why_not(Path("/" + "x" * 250), room=9)


@pytest.mark.parametrize(
    ("path", "exact"),
    [
        ("C:\\papers\\aux.pdf", "\\\\?\\C:\\papers\\aux.pdf"),
        ("\\\\server\\share\\p.pdf", "\\\\?\\UNC\\server\\share\\p.pdf"),
    ],
)
def test_the_exact_path_is_the_same_file_for_windows(path: str, exact: str) -> None:
    assert windows_names.exact_text(path) == exact
    assert PureWindowsPath(exact).name == PureWindowsPath(path).name
    assert str(PureWindowsPath(exact)) == exact and PureWindowsPath(exact).is_absolute()


def test_only_what_would_fail_is_reached_by_its_exact_path(windows: None, tmp_path: Path) -> None:
    assert files.on_disk(tmp_path / "a.pdf") == tmp_path / "a.pdf"
    for path in (tmp_path / "aux.pdf", tmp_path / "ends." / "a.pdf", tmp_path / ("x" * 250)):
        exact = files.on_disk(path)
        assert str(exact) == f"\\\\?\\{path}"
        assert files.on_disk(exact) == exact


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Path]:
    """A file of citations in a folder whose path is too long; made before the system becomes Windows."""
    file = long_folder(tmp_path) / "export.ris"
    file.write_text(RECORD)
    yield file


def test_a_path_that_is_too_long_is_said_where_it_is_not_read(far: Path, windows: None) -> None:
    with pytest.raises(FileNotFoundError):
        far.open("rb")
    said = files.why_unreadable(far)
    assert f"its path has {len(str(far))} characters, and Windows has room for 259" in said
    assert "shorter path" in said
    assert files.why_unreadable(far.with_name("none.ris")) == "there is no such file"


def test_citations_are_read_however_long_their_path_is(far: Path, windows: None) -> None:
    read = read_file(far)
    assert (read.path, [citation.year for citation in read.citations]) == (str(far), [2011])
    with pytest.raises(InputError) as caught:
        read_file(far.with_name("none.ris"))
    assert caught.value.message == f"{far.with_name('none.ris')}: there is no such file."


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Smith 2020: a trial?", "Smith 2020_ a trial_"),
        ("a/b\\c\x00\n d", "a_b_c__ d"),
        ("aux.pdf", "_aux.pdf"),
        ("ends. . ", "ends"),
        ("...", "_"),
        ("", "_"),
        ("x" * 100, "x" * 80),
        ("\U0001f600" * 50, "\U0001f600" * 40),
    ],
)
def test_any_text_makes_a_name_that_every_system_takes(windows: None, text: str, name: str) -> None:
    assert windows_names.portable_name(text) == name
    assert not windows_names.why_no_part(name)
