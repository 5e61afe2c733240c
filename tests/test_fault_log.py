"""A fault of ours at one file is that file's: one sentence for the user, the traceback in the log, and the rest goes
on."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local import fault_log, paths
from leads_local.errors import InputError, ReviewError


def test_a_fault_becomes_a_sentence_about_the_file() -> None:
    with pytest.raises(InputError) as caught, fault_log.faults_of_file(Path("some.ris")):
        raise ZeroDivisionError("boom")
    assert caught.value.message.startswith("some.ris: ") and "ZeroDivisionError: boom" in caught.value.message
    assert str(paths.log_file()) in caught.value.hint
    log = paths.log_file().read_text(encoding="utf-8")
    assert "Traceback" in log and "some.ris" in log and "boom" in log


@pytest.mark.parametrize("error", [InputError("a"), ReviewError("b"), KeyboardInterrupt()])
def test_what_has_a_sentence_keeps_it(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, fault_log.faults_of_file(Path("some.ris")):
        raise error
    assert caught.value is error
    assert not paths.log_file().exists()


def test_too_little_memory_is_no_fault() -> None:
    with (
        pytest.raises(InputError, match=r"some\.ris: there is not enough memory"),
        fault_log.faults_of_file(Path("some.ris")),
    ):
        raise MemoryError
    assert not paths.log_file().exists()


def test_a_log_that_can_t_be_written_is_said() -> None:
    paths.log_file().mkdir(parents=True)
    with pytest.raises(InputError) as caught, fault_log.faults_of_file(Path("some.ris")):
        raise ZeroDivisionError
    assert "the details could not be written" in caught.value.hint


def test_an_account_without_a_home_folder(homeless: None) -> None:
    with pytest.raises(InputError) as caught, fault_log.faults_of_file(Path("some.ris")):
        raise ZeroDivisionError
    assert "the details could not be written" in caught.value.hint


def test_any_text_can_be_logged() -> None:
    assert fault_log.write_traceback(ValueError("\ud800"), "x\udcff")
