"""The list of recent reviews: latest first, each once, none that is gone, and never an error."""

from pathlib import Path

from leads_local import paths
from leads_local.tui import recent


def make(folder: Path, name: str) -> Path:
    file = folder / name
    file.write_bytes(b"")
    return file


def test_latest_first_each_once(tmp_path: Path) -> None:
    a, b = make(tmp_path, "a.leads"), make(tmp_path, "ä b.leads")
    for path in (a, b, a):
        recent.remember(path)
    assert recent.recent_reviews() == [a, b]


def test_what_is_gone_is_not_listed_and_the_list_has_an_end(tmp_path: Path) -> None:
    files = [make(tmp_path, f"{n}.leads") for n in range(20)]
    for file in files:
        recent.remember(file)
    files[-1].unlink()
    assert recent.recent_reviews() == files[-2:-13:-1]


def test_a_damaged_or_unwritable_list_is_no_error(tmp_path: Path) -> None:
    assert recent.recent_reviews() == []
    paths.recent_file().mkdir(parents=True)
    recent.remember(make(tmp_path, "a.leads"))
    assert recent.recent_reviews() == []
    paths.recent_file().rmdir()
    paths.recent_file().write_bytes(b"\xff\xfe\x00")
    assert recent.recent_reviews() == []
