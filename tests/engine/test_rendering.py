"""A chat template is a program from outside: it gets the time and memory that a template needs, and then it is
ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from leads_local.engine import rendering
from leads_local.engine.child import child_environment
from leads_local.engine.rendering import Unrenderable, render
from leads_local.engine.template import TemplateUnusable, derive_style
from tests.launcher import launcher
from tests.patience import patience
from tests.sleepy import SleepyClock

TEXT = "{{ messages[0].content }}"
HARMFUL = {
    "loops in loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}" + TEXT,
    "loops over texts": "{% for a in 'x' * 10**5 %}{% for b in 'x' * 10**5 %}{% endfor %}{% endfor %}" + TEXT,
    "a long range": "{{ range(10**9) | list }}" + TEXT,
    "ten gigabytes": "{{ 'x' * 10**10 }}" + TEXT,
    "a power": "{% set x = 10 ** (10**9) %}" + TEXT,
    "doubling": "{% set n = namespace(s='x') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}",
    "doubling by "
    "join": "{% set n = namespace(s='x') %}{% for i in range(99) %}{% set n.s = [n.s, n.s] | join %}{% endfor %}{{ "
    "n.s }}",
    "center": "{{ 'x' | center(10**9) }}" + TEXT,
    "indent": "{{ ('x\n' * 1000) | indent(10**8) }}" + TEXT,
    "wordwrap": "{{ ('x ' * 10**7) | wordwrap(1) }}" + TEXT,
    "percent": "{{ '%0999999999d' % 1 }}" + TEXT,
    "format": "{{ '{:>9999999999}'.format(1) }}" + TEXT,
    "replace": "{{ ('x' * 10**4).replace('x', 'y' * 10**6) }}" + TEXT,
    "lorem ipsum": "{{ lipsum(n=10**8) }}" + TEXT,
    "batch": "{{ [1] | batch(10**9, 0) | list | length }}" + TEXT,
    "slice": "{{ [1] | slice(10**9) | list | length }}" + TEXT,
    "macros": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}" + TEXT,
    "macros without end": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}" + TEXT,
    "brackets": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}" + TEXT,
    "a long text": TEXT + "{% for i in range(9999) %}{{ 'x' * 200 }}{% endfor %}",
    "a long template": TEXT + "{# x #}" * 200_000,
}


@pytest.mark.parametrize("template", HARMFUL.values(), ids=HARMFUL)
def test_what_would_take_all_time_or_memory_is_ended(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "WORK_SECONDS", 0.5)
    begun = time.monotonic()
    before = time.process_time() + sum(psutil.Process().cpu_times()[2:4])
    with pytest.raises(Unrenderable) as caught:
        render(template, ["hello"], {})
    used = time.process_time() + sum(psutil.Process().cpu_times()[2:4]) - before
    assert used < 3 and time.monotonic() - begun < patience(50)  # on a clock it may take long where others work, too
    assert str(caught.value) and "\n" not in str(caught.value)


def test_the_memory_of_the_child_is_bounded() -> None:
    templates = [HARMFUL[name] for name in ("ten gigabytes", "center", "doubling", "doubling by join")]
    code = (
        "import resource\nfrom leads_local.engine import rendering\n"
        f"for template in {templates!r}:\n"
        "    try: rendering.render(template, ['hello'], {})\n"
        "    except rendering.Unrenderable: pass\n"
        "    else: raise SystemExit(template)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    if sys.platform != "linux":
        pytest.skip("the largest size of a child is asked of Linux here")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=child_environment()
    )
    assert int(done.stdout) < 300 << 10


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit the memory of a process by themselves")
def test_the_system_limits_the_child_should_nobody_watch_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering._Watch, "_run", lambda self: None)
    with pytest.raises(Unrenderable, match="more work than a chat template needs"):
        render(HARMFUL["center"], ["hello"], {})
    with pytest.raises(Unrenderable, match="more work than a chat template needs"):
        render(HARMFUL["loops in loops"], ["hello"], {})


def test_the_parent_watches_where_the_system_sets_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def unlimited(command: list[str], **options: object) -> object:
        code = "from leads_local.engine import rendering\nrendering._limit = lambda memory: None\nrendering._main()"
        return start([command[0], "-c", code], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(rendering.subprocess, "Popen", unlimited)
    assert render(TEXT, ["hello"], {}) == ["hello"]
    for name in ("loops in loops", "doubling", "doubling by join"):
        with pytest.raises(Unrenderable, match="more work than a chat template needs"):
            render(HARMFUL[name], ["hello"], {})


def _beginning(code: str, monkeypatch: pytest.MonkeyPatch, program: str = sys.executable) -> None:
    """Have the child run ``code`` before it renders."""
    start = subprocess.Popen
    code = f"from leads_local.engine import rendering\n{code}\nrendering._main()"
    monkeypatch.setattr(
        rendering.subprocess, "Popen", lambda command, **options: start([program, "-c", code], **options)
    )


def test_a_loop_is_ended_by_its_own_work(monkeypatch: pytest.MonkeyPatch) -> None:
    used = sum(psutil.Process().cpu_times()[2:4])
    with pytest.raises(Unrenderable, match="more work than a chat template needs"):
        render(HARMFUL["loops in loops"], ["hello"], {})
    assert 1.5 < sum(psutil.Process().cpu_times()[2:4]) - used < 6


@pytest.mark.parametrize("held", ["mmap.mmap(-1, 250 << 20)", "mmap.mmap(-1, 2 << 30)", "b'x' * (150 << 20)"])
def test_what_was_held_before_does_not_count(held: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _beginning(f"import mmap\nkept = {held}", monkeypatch)
    assert render(TEXT + "{{ 'x' * 10**5 }}" + "{# a comment #}" * 20_000, ["hello"], {}) == ["hello" + "x" * 10**5]
    for name in ("center", "doubling"):
        with pytest.raises(Unrenderable, match="more work than a chat template needs"):
            render(HARMFUL[name], ["hello"], {})


def test_waiting_for_a_processor_is_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "WORK_SECONDS", 0.2)
    slow = (
        "import time\nrendered = rendering._rendered\nrendering._rendered = lambda *a, **b: time.sleep(2.5) or "
        "rendered(*a, **b)"
    )
    _beginning(slow, monkeypatch)
    assert render(TEXT, ["hello"], {}) == ["hello"]
    monkeypatch.setattr(rendering, "WAIT_SECONDS", 1)
    with pytest.raises(Unrenderable, match="more work than a chat template needs"):
        render(TEXT, ["hello"], {})


@pytest.mark.parametrize("limit", ["START_SECONDS", "WAIT_SECONDS"])
def test_sleep_is_no_work(limit: str, monkeypatch: pytest.MonkeyPatch, computer: SleepyClock) -> None:
    """The computer sleeps while Python starts in the child, and while the template is rendered."""
    place = "rendering._limit" if limit == "START_SECONDS" else "rendering._rendered"
    slow = f"import time\ndone = {place}\n{place} = lambda *a, **b: time.sleep(2.5) or done(*a, **b)"
    _beginning(slow, monkeypatch)
    monkeypatch.setattr(rendering, limit, patience(15))
    threading.Timer(1.0, computer.sleep).start()
    assert render(TEXT, ["hello"], {}) == ["hello"]


@pytest.mark.skipif(os.name == "nt", reason="the launcher here is a shell script")
def test_the_limits_hold_behind_a_launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "WORK_SECONDS", 0.5)
    _beginning("rendering._limit = lambda memory: None", monkeypatch, launcher(tmp_path))
    assert render(TEXT, ["hello"], {}) == ["hello"]
    for name in ("loops in loops", "doubling"):
        begun = time.monotonic()
        with pytest.raises(Unrenderable, match="more work than a chat template needs"):
            render(HARMFUL[name], ["hello"], {})
        assert time.monotonic() - begun < patience(40)
    gone, alive = psutil.wait_procs(psutil.Process().children(recursive=True), timeout=patience(5))
    assert not alive, gone


def test_a_template_gives_its_texts() -> None:
    assert render("{{ a }}{{ messages[0]['content'] | upper }}", ["x", "y"], {"a": "<s>"}) == ["<s>X", "<s>Y"]


def test_the_prompt_is_the_same_every_day() -> None:
    """Mistral's templates call it, Llama's ask first."""
    assert render("{% set today = strftime_now('%Y-%m-%d') %}{{ today }} " + TEXT, ["x"], {}) == ["2024-07-26 x"]
    llama = "{% if strftime_now is defined %}{{ strftime_now('%d %b %Y') }}{% else %}26 Jul 2024{% endif %} " + TEXT
    assert render(llama, ["x"], {}) == ["26 Jul 2024 x"]


@pytest.mark.parametrize(
    "template", ["{% for", "{{ raise_exception('no') }}", "{{ 1 / 0 }}", "{{ ''.__class__.__mro__ }}", "{{ x.y.z }}"]
)
def test_what_a_template_does_wrong_is_said(template: str) -> None:
    with pytest.raises(Unrenderable, match="Error"):
        render(template, ["x"], {})


def test_a_child_that_dies_is_an_unusable_template(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering.sys, "executable", "/bin/false")
    with pytest.raises(Unrenderable):
        render(TEXT, ["x"], {})


def test_the_sentence_of_a_model_says_what_is_wrong() -> None:
    with pytest.raises(
        TemplateUnusable,
        match=r"the model's chat template can't be rendered: it does more work than a chat template needs",
    ):
        derive_style(
            HARMFUL["ten gigabytes"],
            {},
            bos=1,
            eos=2,
            adds_bos=True,
            adds_space=True,
            tokenize=lambda text, special: [],
        )


def test_the_child_refuses_the_network_before_it_reads_a_template() -> None:
    code = "from leads_local import offline\noffline.enforce = lambda: (_ for _ in ()).throw(SystemExit(7))\n"
    code += "from leads_local.engine import rendering\nrendering._main()"
    asked = json.dumps({"template": TEXT, "contents": ["x"], "names": {}})
    done = subprocess.run(
        [sys.executable, "-c", code], input=asked, capture_output=True, text=True, env=child_environment()
    )
    assert done.returncode == 7 and done.stdout == ""
