"""Names that a review can't have are refused before anything is made; other spellings of one are found."""

from __future__ import annotations

import os
import unicodedata
from datetime import datetime, timedelta
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from leads_local.errors import InputError, ReviewError
from leads_local.records import Question
from leads_local.review import backups, connection, leftovers, naming, opening
from leads_local.review.checking import check_file
from leads_local.review.review import Review
from tests.simulated_windows import kernel

QUESTION = Question(population="adults")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("NUL.leads", "“NUL.leads” is the name of a device"),
        ("com1.knee.leads", "“com1.knee.leads” is the name of a device"),
        ("aux", "“aux” is the name of a device"),
        ("knee.leads.", "ends with a dot"),
        ("knee.leads ", "ends with a space"),
        ("knee:copy.leads", "has a : in it"),
        ("knee?.leads", "has a ? in it"),
        ("kn\tee.leads", "has a control character in it"),
    ],
)
def test_a_name_that_is_none_on_windows_is_refused(windows: None, tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(ReviewError, match="can't be the name of a review") as caught:
        Review.create(tmp_path / name, QUESTION)
    assert why in caught.value.message
    assert list(tmp_path.iterdir()) == []
    with Review.create(tmp_path / "knee.leads", QUESTION) as review:
        with pytest.raises(InputError, match="can't be the name of a copy") as refused:
            review.back_up(tmp_path / name)
        assert why in refused.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["knee.leads"]


@pytest.mark.parametrize("name", ["NULL.leads", "Üben #1 (50%) & co.leads", "com.leads", ".leads", "a..leads"])
def test_other_names_are_names_on_windows(windows: None, tmp_path: Path, name: str) -> None:
    Review.create(tmp_path / name, QUESTION).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_signs_of_windows_are_names_elsewhere(tmp_path: Path) -> None:
    Review.create(tmp_path / "who: a|b?.leads", QUESTION).close()


def deep_folder(tmp_path: Path, length: int) -> Path:
    """A folder whose path is as long as that."""
    folder = tmp_path
    while (missing := length - len(str(folder))) > 0:
        part = min(missing - 1, 100 if missing > 104 else missing - 1)
        folder = folder / ("d" * part)
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("longest", [259, 512], ids=["Windows", "elsewhere"])
def test_where_a_review_is_made_all_that_will_lie_beside_it_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, longest: int
) -> None:
    if longest == 259:
        request.getfixturevalue("windows")
        monkeypatch.setitem(kernel.ANSWERS, "RtlAreLongPathsEnabled", lambda: 0)
    lengths = []
    real = connection.sqlite_uri

    def noted(path: PurePath) -> str:
        lengths.append(len(str(path)) + len("-journal"))
        return real(path)

    monkeypatch.setattr(connection, "sqlite_uri", noted)
    room = longest - len(naming._LONGEST_BESIDE)
    folder = deep_folder(tmp_path, room - len("/knee.leads"))
    with pytest.raises(ReviewError, match="too long by 1 characters"):
        Review.create(folder / "knees.leads", QUESTION)
    assert list(folder.iterdir()) == []
    with Review.create(folder / "knee.leads", QUESTION) as review:
        old = (datetime.now() - timedelta(days=2)).timestamp()
        os.utime(review.path, (old, old))
        backups.back_up_daily(review.db)
        assert review.db.notices == []
        copy = review.back_up()
        review.db.copy_to(copy.with_name("2026-01-01-000000-with-unfinished-changes-9.leads"))
    backups.restore(folder / "knee.leads", copy)
    assert check_file(folder / "knee.leads").sound
    assert len(backups.list_copies(folder / "knee.leads")) == 4
    assert max(lengths) == longest


def test_a_review_without_room_for_a_journal_is_read_and_says_so(
    windows: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was moved deep into other folders; SQLite would fail at the first decision."""
    made = Review.create(tmp_path / "knee.leads", QUESTION)
    made.close()
    folder = deep_folder(tmp_path, 259 - len("/knee.leads"))
    deep = made.path.rename(folder / "knee.leads")
    monkeypatch.setitem(kernel.ANSWERS, "RtlAreLongPathsEnabled", lambda: 0)
    with Review.open(deep) as review:
        assert "too long by 8 characters" in review.read_only
        with pytest.raises(ReviewError, match="too long by 8 characters"):
            review.record_event("x", "y")
    with pytest.raises(ReviewError, match=r"can't be opened: its name .* too long by 1 characters"):
        Review.open(folder / "knees.leads")


def test_a_path_that_sqlite_has_no_room_for_is_named(tmp_path: Path) -> None:
    Review.create(tmp_path / "knee.leads", QUESTION).close()
    folder = deep_folder(tmp_path, 512 - len("/knee.leads-journal"))
    with Review.open((tmp_path / "knee.leads").rename(folder / "knee.leads")) as review:
        review.record_event("x", "y")
    deeper = (folder / "knee.leads").rename(folder / "knees.leads")
    with pytest.raises(ReviewError, match=r"can't be opened: its name .* too long by 1 characters"):
        Review.open(deeper)


def test_longer_paths_are_taken_where_windows_allows_them(windows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    long = Path("/") / ("d" * 200) / "knee.leads"
    for allowed in (0, 1):
        monkeypatch.setitem(kernel.ANSWERS, "RtlAreLongPathsEnabled", lambda allowed=allowed: allowed)
        assert bool(naming.why_unfit(long)) == (not allowed)


def test_a_name_that_leaves_no_room_for_what_lies_beside_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="its name is too long"):
        Review.create(tmp_path / f"{'ü' * 110}.leads", QUESTION)
    assert list(tmp_path.iterdir()) == []
    review = Review.create(tmp_path / f"{'ü' * 102}.leads", QUESTION)
    leftovers.path_beside(review.path, naming._LONGEST_ENDING).touch()
    review.close()


# ---------------------------------------------------------------- spellings

MAC, USUAL = (unicodedata.normalize(form, "Müller") for form in ("NFD", "NFC"))


@pytest.mark.parametrize(("there", "typed"), [(MAC, USUAL), (USUAL, MAC)])
def test_a_review_is_found_whichever_way_its_umlauts_are_written(tmp_path: Path, there: str, typed: str) -> None:
    (tmp_path / there).mkdir()
    made = Review.create(tmp_path / there / f"{there}.leads", QUESTION)
    copy = made.back_up()
    made.close()
    path = tmp_path / typed / f"{typed}.leads"
    with Review.open(path) as review:
        assert review.path == made.path
    assert [one.path for one in backups.list_copies(path)] == [copy]
    assert check_file(path).copies
    backups.restore(path, copy)
    assert opening.upgrade(path, lambda db: db.path) is None
    with pytest.raises(ReviewError, match="already exists"):
        Review.create(path, QUESTION)
    assert [one.name for one in tmp_path.iterdir()] == [there]
    assert sorted(one.name for one in made.path.parent.iterdir()) == [f"{there}.leads", f"{there}.leads.copies"]


def test_of_two_spellings_that_are_there_each_is_itself(tmp_path: Path) -> None:
    for name in (MAC, USUAL):
        (tmp_path / f"{name}.leads").touch()
    for name in (MAC, USUAL):
        assert naming.find_spelling(tmp_path / f"{name}.leads").name == f"{name}.leads"


def test_what_is_nowhere_is_said_to_be_nowhere(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="no such review file"):
        Review.open(tmp_path / "nö" / f"{USUAL}.leads")


# ---------------------------------------------------------------- how SQLite takes them


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (r"\\nas\home\knee pain #1.leads", "file:////nas/home/knee%20pain%20%231.leads"),
        (r"C:\Users\Jörg Müller\50%?.leads", "file:///C%3A/Users/J%C3%B6rg%20M%C3%BCller/50%25%3F.leads"),
        ("\\\\?\\C:\\long\\knee.leads", "file:///%5C%5C%3F%5CC%3A%5Clong%5Cknee.leads"),
        ("\\\\?\\UNC\\nas\\home\\knee.leads", "file:///%5C%5C%3F%5CUNC%5Cnas%5Chome%5Cknee.leads"),
    ],
)
def test_a_path_of_windows_as_sqlite_takes_it(path: str, uri: str) -> None:
    assert connection.sqlite_uri(PureWindowsPath(path)) == uri


@pytest.mark.parametrize(
    "name", ["a#b?c=d&e%41.leads", "back\\slash.leads", "Jörg Müller.leads", "\udcff.leads", "'\n"]
)
def test_a_review_of_any_name_is_opened_and_no_other(tmp_path: Path, name: str) -> None:
    with Review.create(tmp_path / name, QUESTION) as review:
        copy = review.back_up()
    with Review.open(tmp_path / name) as review:
        review.record_event("x", "y")
    assert check_file(tmp_path / name).sound
    backups.restore(tmp_path / name, copy)
    assert {path.name for path in tmp_path.iterdir()} == {name, f"{name}.copies"}


def test_a_path_with_two_slashes_is_no_share_here() -> None:
    assert connection.sqlite_uri(PurePosixPath("//srv/knee.leads")) == "file:////srv/knee.leads"
