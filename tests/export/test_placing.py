"""An export that replaces one while its files are in use: all of the files or none, whoever has them open, and nothing
of anybody else's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from leads_local import durable, private
from leads_local.errors import InputError
from leads_local.export import about, placing, tables
from leads_local.export.tables import NAMES, Addition, export_review
from leads_local.records import Choice, Stage
from leads_local.review.review import Review


@pytest.fixture(scope="module")
def made() -> dict[int, dict[str, bytes]]:
    """The files of an export by the number of acts that the review had: what is in them is not asked here."""
    return {}


@pytest.fixture(autouse=True)
def made_once(made: dict[int, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    write = tables._write_all

    def write_as_before(review: Review, part: Path, progress: object, additions: Sequence[Addition]) -> None:
        acts = review.db.number("SELECT count(*) FROM act")
        if acts not in made:
            write(review, part, None, additions)
            made[acts] = content(part)
        for name, data in made[acts].items():
            (part / name).write_bytes(data)

    monkeypatch.setattr(tables, "_write_all", write_as_before)


@pytest.fixture
def folder(review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An export, after which every file of the next one will differ."""
    monkeypatch.setattr(durable, "PATIENCE", 0.0)
    export_review(review, tmp_path / "out")
    review.decide(4, Stage.FULLTEXT, Choice.INCLUDE, reviewer="Eve")
    return tmp_path / "out"


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def refused(review: Review, folder: Path) -> str:
    """What a person reads of an export that is refused; it has changed nothing."""
    before = content(folder)
    with pytest.raises(InputError) as caught:
        export_review(review, folder)
    assert content(folder) == before
    return str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_open_leaves_all_as_they_were(windows: None, review: Review, folder: Path, name: str) -> None:
    with (folder / name).open("rb"):
        assert refused(review, folder) == (
            f"{folder / name} can't be replaced. It is probably open in another program: close it there and try again."
        )
    export_review(review, folder)
    assert set(content(folder)) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_so_does_one_that_is_opened_while_the_next_is_written(
    windows: None, review: Review, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knew of it when the work began."""
    held: list[object] = []
    write = tables._write_all

    def open_meanwhile(*arguments: object) -> None:
        write(*arguments)  # type: ignore[arg-type]
        held.append((folder / name).open("rb"))

    monkeypatch.setattr(tables, "_write_all", open_meanwhile)
    assert str(folder / name) in refused(review, folder)
    held[0].close()  # type: ignore[attr-defined]


def fail_at(name: str, monkeypatch: pytest.MonkeyPatch, kept: tuple[str, ...] = ()) -> None:
    """The move of this file to its place fails, and so does putting back those that are ``kept``."""
    replace = durable.replace

    def refuse(source: Path, target: Path) -> None:
        back = source.parent.name == "before"
        written = target.parent.name.startswith(".export")  # beside its place, before any move
        if source != target and not written and target.name in (kept if back else (name,)):
            raise PermissionError(13, "Access is denied", str(target))
        replace(source, target)

    monkeypatch.setattr(durable, "replace", refuse)


@pytest.mark.parametrize("name", NAMES)
def test_a_move_that_fails_takes_those_before_it_back(
    windows: None, review: Review, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "prisma.csv").unlink()
    fail_at(name, monkeypatch)
    assert str(folder / name) in refused(review, folder)


def test_what_can_not_even_be_taken_back_is_kept_under_another_name(
    review: Review, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(folder)
    fail_at("evidence.csv", monkeypatch, kept=("review.xlsx",))
    with pytest.raises(InputError, match=r"The earlier ones are kept there as review\.before\.xlsx\."):
        export_review(review, folder)
    after = content(folder)
    assert after.pop("review.before.xlsx") == before["review.xlsx"] != after["review.xlsx"]
    assert {name: after[name] for name in NAMES if name != "review.xlsx"} == {
        name: before[name] for name in NAMES if name != "review.xlsx"
    }


@pytest.mark.parametrize(("sign", "program"), [(".~lock.review.xlsx#", "LibreOffice"), ("~$review.xlsx", "Excel")])
def test_a_spreadsheet_program_that_has_it_open_is_named(review: Review, folder: Path, sign: str, program: str) -> None:
    """Also where the system would let it be replaced: what is saved there later would be the old tables."""
    (folder / sign).write_bytes(b",anna,laptop,29.11.2026 09:00,file:///;")
    said = refused(review, folder)
    assert said.startswith(f"{folder / 'review.xlsx'} can't be replaced: it is open in {program}. Close it there")
    assert f"delete the file {sign} beside it" in said
    (folder / sign).unlink()
    export_review(review, folder)


def test_a_file_that_is_marked_as_read_only_on_windows(windows: None, review: Review, folder: Path) -> None:
    (folder / "values.csv").chmod(0o444)
    assert "values.csv can't be replaced: it is marked as read-only." in refused(review, folder)


def test_a_moments_look_by_another_program_is_waited_for(
    windows: None, review: Review, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As virus scanners and search do with every new file."""
    monkeypatch.setattr(durable, "PATIENCE", 10.0)
    look = (folder / "records.csv").open("rb")
    monkeypatch.setattr(durable.time, "sleep", lambda seconds: look.close())
    export_review(review, folder)
    assert look.closed and set(content(folder)) == set(NAMES)


def test_nothing_of_anybody_else_is_replaced(review: Review, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "records.csv").write_text("PubMed's export")
    (mine / "README.txt").write_text("My notes on this review, by leads-local's side.")
    (mine / "notes.txt").write_text("mine")
    before = content(mine)
    with pytest.raises(InputError, match=r"holds records\.csv, README\.txt, which no export has written"):
        export_review(review, mine)
    assert content(mine) == before
    (mine / "README.txt").unlink()
    (mine / "records.csv").unlink()
    export_review(review, mine)
    assert set(content(mine)) == {*NAMES, "notes.txt"}


def test_a_killed_move_can_be_finished_by_the_next_export(
    review: Review, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page comes first, so that the folder is known as an export's at any moment."""
    part, out = folder / "part", folder.parent / "first"
    part.mkdir()
    out.mkdir()
    for name in NAMES:
        (folder / name).rename(part / name)
    moved: list[Path] = []
    monkeypatch.setattr(durable, "replace", lambda source, target: moved.append(target))
    placing.move_into_place(part, out, NAMES)
    assert moved[0] == out / about.PAGE and len(moved) == len(NAMES)


@pytest.mark.parametrize("name", ["con", "aux.csv", "ends.", "ends ", "a:b", "x" * 230])
def test_a_folder_that_windows_can_not_have_is_refused_before_the_work(
    windows: None, review: Review, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_write_all", lambda *_: pytest.fail("worked for nothing"))
    with pytest.raises(InputError) as caught:
        export_review(review, tmp_path / name)
    assert caught.value.message.startswith(f"{tmp_path / name} can't be written to: ")
    assert "Windows" in caught.value.message and caught.value.hint == "Choose another folder."
    assert not (tmp_path / name).exists()


def test_a_place_that_is_a_file_or_a_folder_is_named(review: Review, folder: Path) -> None:
    (folder / "review.xlsx").unlink()
    (folder / "review.xlsx").mkdir()
    with pytest.raises(InputError, match=r"review\.xlsx can't be replaced: it is a folder"):
        export_review(review, folder)
    with pytest.raises(InputError, match=r"records\.csv can't be written to: it is a file"):
        export_review(review, folder / "records.csv")


@pytest.fixture
def left_over(windows: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder that could not be removed, since a file in it was open."""
    monkeypatch.setattr(durable, "PATIENCE", 0.0)
    with private.temporary_folder(".export", tmp_path) as made:
        stream = (made / "table.csv").open("wb")
    assert made.is_dir()
    stream.close()
    return made


def test_a_temporary_folder_that_was_in_use_goes_with_the_next(left_over: Path, tmp_path: Path) -> None:
    with private.temporary_folder(".export", tmp_path) as made:
        assert [path.name for path in tmp_path.iterdir()] == [made.name]
    assert not list(tmp_path.iterdir())
