"""The engine behind its protocol: every request gets one reply, whatever happens to the child; nothing outlives its
parent."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from convert import convert
from leads_local import paths
from leads_local.config import Settings
from leads_local.engine import Engine, header, memory_plan, worker
from leads_local.engine.host import ChildEngine, open_engine
from leads_local.engine.runner import EvaluationError
from leads_local.engine.types import FinishReason, Request
from leads_local.errors import ModelError
from tests.checkpoints import make_checkpoint
from tests.engine.conftest import Bench
from tests.engine.test_llama import REQUESTS, SCHEMA, TIE
from tests.patience import patience
from tests.sleepy import LIMIT, SleepyClock, needs_stops, program_alone, stop_meanwhile, whole_group

LONG = {"type": "string", "minLength": 4000}


@pytest.fixture(scope="module")
def engine(tiny: Path) -> Iterator[Engine]:
    with open_engine(Settings(model=str(tiny), sequences=6, context=4096, threads=1)) as opened:
        yield opened


def fresh(tiny: Path, stuck_after: float = 60.0) -> ChildEngine:
    return open_engine(Settings(model=str(tiny), sequences=3, context=4096, threads=1), stuck_after=stuck_after)


def test_replies_are_those_of_single_requests(engine: Engine, bench: Bench) -> None:
    replies = {reply.id: reply for reply in engine.run(REQUESTS)}
    assert sorted(replies) == sorted(r.id for r in REQUESTS)
    for request in REQUESTS:
        reply, work = replies[request.id], bench.answer([request], sequences=1)[request.id]
        assert (reply.prompt_tokens, reply.finish) == (len(work.prompt), work.finish)
        if reply.text != bench.text(work.output):
            assert min(reply.margin or 0, work.margin or 0) < TIE
        else:
            assert (reply.output_tokens, reply.forced_tokens) == (len(work.output), work.forced)
        if request.schema:
            assert reply.ok and len(json.loads(reply.text)["evaluations"]) == 2 and reply.margin is not None
        assert reply.seconds > 0


def test_the_probabilities_of_the_words_of_an_enum_are_given(engine: Engine) -> None:
    words = ("YES", "PARTIAL", "NO", "UNCERTAIN")
    for reply in engine.run(REQUESTS[1:4]):
        places = [choice for choice in reply.choices if any(text in ("YES", "Y") for text, _ in choice)]
        said = [row["eligibility"] for row in json.loads(reply.text)["evaluations"]]
        assert len(places) == len(said) == 2
        for choice, word in zip(places, said, strict=True):
            assert sum(part for _, part in choice) == pytest.approx(1, abs=1e-4)
            assert all(any(other.startswith(text) for other in words) for text, _ in choice)
            assert word.startswith(max(choice, key=lambda pair: pair[1])[0])


def test_a_question_that_is_split_gets_one_reply(engine: Engine) -> None:
    alone = {reply.id: reply for reply in engine.run(REQUESTS[1:4])}
    (reply,) = engine.run([Request("whole", "unused", split=tuple(REQUESTS[1:4]))])
    rows = [row for request in REQUESTS[1:4] for row in json.loads(alone[request.id].text)["evaluations"]]
    assert (reply.id, reply.ok) == ("whole", True)
    assert len(json.loads(reply.text)["evaluations"]) == len(rows) == len(reply.choices)
    if min(one.margin or 0 for one in (reply, *alone.values())) > TIE:
        assert json.loads(reply.text)["evaluations"] == rows
    assert reply.prompt_tokens == sum(one.prompt_tokens for one in alone.values())


def test_tokens_are_counted_without_special_ones(engine: Engine, bench: Bench) -> None:
    texts = ["", "one", "</s>[INST]", "more words " * 50]
    assert engine.count_tokens(texts) == [len(bench.model.tokenize(text)) for text in texts]
    assert engine.count_tokens([]) == []


def test_requests_are_read_lazily(engine: Engine) -> None:
    given = []

    def requests() -> Iterator[Request]:
        for number in range(100):
            given.append(number)
            yield Request(str(number), f"Prompt {number}", SCHEMA)

    run = engine.run(requests())
    next(run)
    assert len(given) <= 2 * engine.model.sequences + 1
    run.close()
    assert len(list(engine.run(REQUESTS[:2]))) == 2


def test_errors_belong_to_their_request(engine: Engine) -> None:
    bad = [
        Request("long", "word " * 9000),
        Request("schema", "x", {"type": "nonsense"}),
        Request("object", "x", {"enum": [object()]}),
        Request("fine", "x", SCHEMA),
        Request("cut", "x", SCHEMA, 5),
    ]
    replies = {reply.id: reply for reply in engine.run(bad)}
    assert {name: reply.finish for name, reply in replies.items()} == {
        "long": FinishReason.ERROR, "schema": FinishReason.ERROR, "object": FinishReason.ERROR,
        "fine": FinishReason.STOP, "cut": FinishReason.LENGTH,
    }  # fmt: skip
    assert (
        "context of 4,096" in replies["long"].error
        and "nonsense" in replies["schema"].error
        and "JSON" in replies["object"].error
    )
    assert replies["cut"].output_tokens == 5


def test_cancel_ends_everything_soon(engine: Engine) -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    requests = [Request(str(i), f"{i} " * 500, LONG, 4000) for i in range(40)]
    began = time.monotonic()
    replies = list(engine.run(iter(requests), cancel))
    assert time.monotonic() - began < patience(5)
    assert sorted(reply.id for reply in replies) == sorted(request.id for request in requests)
    assert sum(reply.finish is FinishReason.CANCELLED for reply in replies) >= 35
    assert [reply.error for reply in engine.run(REQUESTS[1:3])] == ["", ""]


def test_two_runs_at_the_same_time(engine: Engine) -> None:
    found: dict[str, list[str]] = {"a": [], "b": []}

    def work(name: str) -> None:
        found[name] = [
            reply.id for reply in engine.run(Request(f"{name}{i}", f"Prompt {i}", SCHEMA) for i in range(15))
        ]

    threads = [threading.Thread(target=work, args=(name,)) for name in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience(60))
    assert {name: sorted(ids) for name, ids in found.items()} == {
        name: sorted(f"{name}{i}" for i in range(15)) for name in found
    }


def test_two_engines_give_the_same(engine: Engine, tiny: Path) -> None:
    with fresh(tiny) as other:
        one, two = ({r.id: r for r in e.run(REQUESTS)} for e in (engine, other))
    for name, reply in one.items():
        assert reply.text == two[name].text or min(reply.margin or 0, two[name].margin or 0) < TIE


CULPRIT = "the words that end it"
_STRANGE_WORKER = """
import os, signal, sys, time
from leads_local.engine import worker
add = worker.Worker._add
def strange(self, message):
    if {culprit!r} in message["prompt"]:
        print("GGML_ASSERT(a) failed", file=sys.stderr, flush=True)
        {act}
    add(self, message)
worker.Worker._add = strange
worker.main()
"""


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Children that do something when they see CULPRIT in a prompt."""
    real = subprocess.Popen

    def prepare(act: str) -> None:
        script = tmp_path / "strange_worker.py"
        script.write_text(_STRANGE_WORKER.format(culprit=CULPRIT, act=act))
        monkeypatch.setattr(subprocess, "Popen", lambda command, **rest: real([sys.executable, str(script)], **rest))

    return prepare


def questions(*culprits: int) -> list[Request]:
    return [Request(str(i), f"{i} {CULPRIT if i in culprits else 'fine'}", SCHEMA, 200) for i in range(12)]


def test_what_a_killed_child_had_is_answered_by_the_next(tiny: Path) -> None:
    """Every request ends well and once, with the answer that it would have had."""
    requests = [Request(str(i), f"{i} " * 300, {"type": "string", "minLength": 150}, 200) for i in range(9)]
    with fresh(tiny) as engine:
        pid = engine.pid
        run = engine.run(requests)
        replies = [next(run)]
        os.kill(pid, signal.SIGKILL)
        replies += run
        assert engine.pid != pid
        assert sorted(reply.id for reply in replies) == sorted(request.id for request in requests)
        assert {(reply.finish, reply.error) for reply in replies} <= {
            (FinishReason.STOP, ""),
            (FinishReason.LENGTH, ""),
        }
        alone = {reply.id: reply for request in requests for reply in engine.run([request])}
    for reply in replies:
        assert reply.text == alone[reply.id].text or min(reply.margin or 0, alone[reply.id].margin or 0) < TIE


@pytest.mark.parametrize("culprits", [(0,), (5,), (2, 9), (3, 4)])
def test_a_request_that_ends_the_child_fails_alone(
    tiny: Path, strange: Callable[[str], None], culprits: tuple[int, ...]
) -> None:
    strange("os.abort()")
    with fresh(tiny) as engine:
        replies = list(engine.run(questions(*culprits)))
    assert sorted(reply.id for reply in replies) == sorted(str(i) for i in range(12))
    failed = {int(reply.id): reply.error for reply in replies if not reply.ok}
    assert set(failed) == set(culprits)
    assert all(
        "twice" in error and "SIGABRT" in error and "GGML_ASSERT(a) failed" in error for error in failed.values()
    )


def test_a_request_over_which_the_child_hangs_fails_alone(tiny: Path, strange: Callable[[str], None]) -> None:
    strange("time.sleep(600)")
    silence = patience(3.0)
    with fresh(tiny, stuck_after=silence) as engine:
        failed = {reply.id: reply.error for reply in engine.run(questions(4)) if not reply.ok}
    assert set(failed) == {"4"}
    assert f"no sign of life for {silence:.0f} seconds" in failed["4"] and "SIGKILL" not in failed["4"]


def test_children_that_die_without_an_answer_are_not_started_for_ever(
    tiny: Path, strange: Callable[[str], None]
) -> None:
    strange("os.abort()")
    given: list[str] = []
    with fresh(tiny) as engine, pytest.raises(ModelError, match="ended 3 times"):
        for reply in engine.run(questions(*range(12))):
            given.append(reply.error)
    assert len(given) == 2 and all("twice" in error for error in given)


def test_cancel_does_not_wait_for_a_child_that_hangs_or_is_started_again(
    tiny: Path, strange: Callable[[str], None]
) -> None:
    strange("time.sleep(600)")
    for signal_ in (None, signal.SIGKILL):
        cancel = threading.Event()
        with fresh(tiny) as engine:
            threading.Timer(1.0, cancel.set).start()
            if signal_:
                threading.Timer(0.9, os.kill, (engine.pid, signal_)).start()
            began = time.monotonic()
            replies = list(engine.run(questions(4), cancel))
            assert time.monotonic() - began < 1.0 + patience(1.5)
        assert sorted(reply.id for reply in replies) == sorted(str(i) for i in range(12))
        assert FinishReason.CANCELLED in {reply.finish for reply in replies} and not any(
            reply.error for reply in replies
        )


def test_a_child_that_dies_while_a_request_is_composed_is_noticed(tiny: Path) -> None:
    """What was with the dead child is asked again at once, not when silence has become suspicious, and its successor is
    left alone."""
    with fresh(tiny) as engine:

        def requests() -> Iterator[Request]:
            yield from (
                Request(f"lost {i}", f"{i} " * 500, {"type": "string", "minLength": 400}, 500) for i in range(2)
            )
            os.kill(engine.pid, signal.SIGKILL)
            while not engine._child.ended:
                time.sleep(0.01)
            yield REQUESTS[0]

        replies = list(engine.run(requests()))
        assert [reply.id for reply in replies] == ["lost 0", "lost 1", REQUESTS[0].id]
        assert not any(reply.error for reply in replies)
        assert [reply.error for reply in engine.run(REQUESTS[1:3])] == ["", ""]


def test_a_child_that_dies_between_two_looks_is_noticed(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lives when it is asked whether it does, and another one is there when the next request is sent."""
    with fresh(tiny) as engine:
        living, looks = engine._living_child, 0

        def look(cancel: threading.Event | None = None) -> Any:
            nonlocal looks
            looks += 1
            if looks == 3:
                os.kill(engine.pid, signal.SIGKILL)
                while not engine._child.ended:
                    time.sleep(0.01)
            return living(cancel)

        monkeypatch.setattr(engine, "_living_child", look)
        requests = [Request(str(i), f"{i} " * 300, {"type": "string", "minLength": 150}, 200) for i in range(4)]
        began = time.monotonic()
        replies = list(engine.run(requests))
        assert looks > 3 and time.monotonic() - began < patience(30)
        assert sorted((reply.id, reply.error) for reply in replies) == [(str(i), "") for i in range(4)]


def test_a_stuck_child_is_noticed(tiny: Path) -> None:
    silence = patience(3.0)
    with fresh(tiny, stuck_after=silence) as engine:
        os.kill(engine.pid, signal.SIGSTOP)
        time.sleep(silence + 0.2)  # silence without work is no reason
        began = time.monotonic()
        replies = {
            reply.id: reply for reply in engine.run([REQUESTS[0], Request("more than a pipe holds", "word " * 60000)])
        }
        assert silence - 0.1 < time.monotonic() - began < silence + patience(6)
        assert replies[REQUESTS[0].id].error == "" and "context" in replies["more than a pipe holds"].error
        assert [reply.error for reply in engine.run(REQUESTS[1:3])] == ["", ""]


def test_sleep_is_no_silence_of_the_child(tiny: Path, computer: SleepyClock) -> None:
    """Windows' clock goes on while the lid is closed: the child has not been silent for a night, and no answer took
    one."""
    with fresh(tiny, stuck_after=patience(20)) as engine:
        pid, replies = engine.pid, []
        for reply in engine.run([Request(str(i), f"{i} " * 300, LONG, 400) for i in range(6)]):
            replies.append(reply)
            computer.sleep()
        assert engine.pid == pid
    assert len(replies) == 6 and not any(reply.error for reply in replies)


def test_sleep_while_the_model_is_loaded_is_no_stop_of_it(tiny: Path, computer: SleepyClock) -> None:
    slept: list[float] = []

    def sleep_once(part: float) -> None:
        if not slept:
            slept.append(part)
            computer.sleep()

    with open_engine(Settings(model=str(tiny), sequences=3, threads=1), sleep_once, stuck_after=patience(20)) as engine:
        assert slept and engine.model.sha256


_ASKING = """
import sys
from pathlib import Path
from leads_local import awake_clock
from leads_local.config import Settings
from leads_local.engine.host import open_engine
from leads_local.engine.types import Request
awake_clock._LONGEST_GAP = 1.0
with open_engine(Settings(model=sys.argv[1], sequences=2, threads=1), stuck_after=float(sys.argv[2])) as engine:
    pid = engine.pid
    requests = [Request(str(i), f"{i} " * 300, {"type": "string", "minLength": 4000}, 400) for i in range(6)]
    for number, reply in enumerate(engine.run(requests)):
        Path(sys.argv[3]).touch()
        print(reply.error or "good", "same" if engine.pid == pid else "new", reply.seconds < float(sys.argv[2]))
"""


@needs_stops
@pytest.mark.parametrize("who", [whole_group, program_alone])
def test_a_program_that_was_stopped_keeps_its_model(
    tiny: Path, tmp_path: Path, who: Callable[[psutil.Process], list[int]]
) -> None:
    begun = tmp_path / "begun"
    said = stop_meanwhile(_ASKING, tiny, LIMIT, begun, begun=begun, who=who)
    assert said.splitlines() == ["good same True"] * 6


def test_the_child_ends_with_close_and_with_its_parent(tiny: Path) -> None:
    engine = fresh(tiny)
    pid = engine.pid
    engine.close()
    engine.close()
    assert not psutil.pid_exists(pid)
    with pytest.raises(ModelError, match="closed"):
        list(engine.run(REQUESTS[:1]))
    code = (
        "import sys, time; from leads_local.config import Settings; from leads_local.engine.host import open_engine; "
        "from leads_local.engine.types import Request; e = open_engine(Settings(model=sys.argv[1], sequences=2)); "
        "print(e.pid, flush=True); "
        "list(e.run([Request('1', 'x ' * 900, {'type': 'string', 'minLength': 9000}, 5000)]))"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tiny)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.2)
        parent.kill()
    child.wait(patience(5))


def test_a_child_without_memory_for_streams_answers_from_one_cache(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(worker.Context):
        def __init__(self, model: worker.Model, *, unified: bool = True, **given: Any) -> None:
            if not unified:
                raise EvaluationError("no memory")
            super().__init__(model, unified=unified, **given)

    monkeypatch.setattr(worker, "Context", Refusing)
    here = worker.Worker(worker.Pipe(io.BytesIO()), tiny, Settings(sequences=4, context=4096, threads=1))
    assert here._plan.streams == 5
    here._add({"n": 1, "prompt": "word", "schema": None, "max_tokens": 3})
    ended = [sequence for _ in range(9) for sequence in here._scheduler.step()]
    assert [(sequence.id, sequence.error, len(sequence.output)) for sequence in ended] == [(1, "", 3)]


def test_states_are_kept_by_the_layout_of_the_cache(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without flash attention llama.cpp holds the values transposed."""
    made: list[bool] = []
    monkeypatch.setattr(worker, "DiskPrefixCache", lambda *_, transposed: made.append(transposed))
    monkeypatch.setattr(worker, "_WORTH_KEEPING", 0)
    found, settings = header.read(tiny), Settings(sequences=4, context=2048, threads=1)
    here = worker.Worker(worker.Pipe(io.BytesIO()), tiny, settings)
    assert made == [not here._plan.flash]
    for flash in (True, False):
        here._plan = replace(here._plan, flash=flash)
        here._make_policy(found)
    assert made[1:] == [False, True]


def test_nothing_printed_in_the_child_gets_into_the_pipe(tmp_path: Path) -> None:
    code = (
        "import os, sys; from leads_local.engine import worker; real = worker.headers.read\n"
        "def noisy(path):\n    print('noise', flush=True); os.write(1, b'more noise\\n'); os.system('echo and "
        "more'); return real(path)\n"
        "worker.headers.read = noisy; worker.main()"
    )
    first = json.dumps({"path": str(tmp_path / "none.gguf"), "settings": {}}) + "\n"
    done = subprocess.run([sys.executable, "-c", code], input=first, capture_output=True, text=True, timeout=60)
    assert [json.loads(line)["op"] for line in done.stdout.splitlines()] == ["failed"]
    assert done.stderr.count("noise") == 2 and "and more" in done.stderr


def test_unusable_models_are_one_sentence(tiny: Path, tmp_path: Path) -> None:
    data = tiny.read_bytes()
    (tmp_path / "cut.gguf").write_bytes(data[: len(data) // 2])
    (tmp_path / "other.gguf").write_bytes(b"<html></html>" * 50)
    (tmp_path / "wrong.gguf").write_bytes(
        data.replace(b"llama.block_count\x04\x00\x00\x00\x02", b"llama.block_count\x04\x00\x00\x00\x03")
    )
    for name, words in (
        ("cut", "cut short"),
        ("other", "not a GGUF"),
        ("none", "no such file"),
        ("wrong", "can't load this model"),
    ):
        with pytest.raises(ModelError, match=words) as caught:
            open_engine(Settings(model=str(tmp_path / f"{name}.gguf")))
        assert f"{name}.gguf" in caught.value.message and caught.value.hint and caught.value.exit_code == 3
        assert "\n" not in caught.value.message
    with pytest.raises(ModelError, match="No model is set"):
        open_engine(Settings())
    assert "blk.2.attn_norm.weight" in paths.log_file().read_text()


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_child_is_heard_out_where_there_is_no_folder_for_a_log(tiny: Path, tmp_path: Path, homeless: None) -> None:
    (wrong := tmp_path / "wrong.gguf").write_bytes(
        tiny.read_bytes().replace(b"block_count\x04\x00\x00\x00\x02", b"block_count\x04\x00\x00\x00\x03")
    )
    with pytest.raises(ModelError, match="can't load this model"):
        open_engine(Settings(model=str(wrong)))


def test_model_info_and_progress(tiny: Path, tmp_path: Path) -> None:
    model = tmp_path / "copy.gguf"
    shutil.copy(tiny, model)
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    entry = {
        "name": "Tiny",
        "sha256": sha256,
        "notice": "Its answers are noise.",
        "prompt_pack": "short",
        "quantization": "F32",
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {"copy.gguf": entry}}))
    parts: list[float] = []
    with open_engine(Settings(model=str(model), sequences=2, context=1024, threads=1), parts.append) as engine:
        info = engine.model
    assert parts == sorted(parts) and parts[-1] == 1.0
    assert (info.name, info.sha256, info.notice, info.prompt_pack) == (
        "Tiny",
        sha256,
        "Its answers are noise.",
        "short",
    )
    assert (info.architecture, info.quantization, info.context, info.sequences) == ("llama", "F32", 1024, 2)
    assert info.parameters > 4_000_000 and info.path == str(model)
    assert "the context is set to 1,024" in info.shortage and info.remarks == (info.notice, info.shortage)


def test_whether_a_request_has_room_is_judged_by_what_it_needs(tiny: Path) -> None:
    for needs, short in ((1024, False), (1025, True)):
        with open_engine(Settings(model=str(tiny), context=1024, threads=1), least_context=needs) as engine:
            assert bool(engine.model.shortage) is short


def test_a_manifest_about_another_file_is_not_believed(tiny: Path, tmp_path: Path) -> None:
    model = tmp_path / "copy.gguf"
    shutil.copy(tiny, model)
    entry = {"name": "Another", "size": model.stat().st_size, "sha256": "ab", "prompt_pack": "short"}
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {"copy.gguf": entry}}))
    with fresh(model) as engine:
        info = engine.model
    assert info.sha256 == hashlib.sha256(model.read_bytes()).hexdigest()
    assert info.name != "Another" and info.prompt_pack == "" and "is about another file" in info.notice


def test_without_a_manifest_the_file_says_what_it_is_for(tmp_path: Path) -> None:
    (source := make_checkpoint(tmp_path / "tiny")).joinpath("leads_local.json").write_text(
        json.dumps({"notice": "Its answers are noise.", "prompt_pack": "compact"})
    )
    model = convert(source, "Q8_0", tmp_path / "model.gguf").path
    (tmp_path / "manifest.json").unlink()
    with fresh(model) as engine:
        assert (engine.model.notice, engine.model.prompt_pack) == ("Its answers are noise.", "compact")
    entry = {"sha256": "ab", "size": model.stat().st_size, "prompt_pack": "short"}
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {"model.gguf": entry}}))
    with fresh(model) as engine:
        assert engine.model.prompt_pack == "compact" and engine.model.notice.endswith("Its answers are noise.")
        assert "is about another file" in engine.model.notice


def test_a_child_that_finds_another_model_is_not_asked(tiny: Path, tmp_path: Path) -> None:
    model = tmp_path / "m.gguf"
    shutil.copy(tiny, model)
    with fresh(model) as engine:
        assert not any(reply.error for reply in engine.run(questions()[:2]))
        data = bytearray(model.read_bytes())
        data[-1] ^= 1
        model.write_bytes(data)
        os.kill(engine.pid, signal.SIGKILL)
        with pytest.raises(ModelError, match="another model is there now"):
            list(engine.run(questions()[:2]))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of memory from /proc")
def test_memory_is_what_the_plan_said(tiny: Path) -> None:
    settings = Settings(model=str(tiny), sequences=6, context=8192, threads=1)
    said = memory_plan.make_plan(header.read(tiny), settings, memory_plan.read_machine()).memory.total
    with open_engine(settings) as engine:
        assert all(reply.ok for reply in engine.run(Request(str(i), f"{i} word " * 400, SCHEMA) for i in range(6)))
        status = Path(f"/proc/{engine.pid}/status").read_text()
    peak = 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
    assert 0.7 * said < peak < 1.05 * said  # no request is as long as the plan allows
