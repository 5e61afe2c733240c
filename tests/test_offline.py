"""The guards against the network: what each refuses, what they leave alone, and that ``guard()`` says the truth about
them.

Everything here runs in processes of its own, since a guard can't be taken down again. The kernel's filter is tried in
the kernel where this is Linux, and for other machines run instruction by instruction.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import platform
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from leads_local import offline
from leads_local.offline import seatbelt, seccomp


def _has_loopback() -> bool:
    with socket.socket() as server, socket.socket() as client:
        try:
            server.bind(("127.0.0.1", 0))
            server.listen()
            client.connect(server.getsockname())
        except OSError:
            return False
    return True


needs_loopback = pytest.mark.skipif(
    not _has_loopback(), reason="the loopback is down here, as in an empty network namespace"
)


ROOT = Path(__file__).resolve().parents[1]
GUARD = "from leads_local import offline; offline.enforce(); offline.enforce()\n"
OPENS = "import socket\ntry: socket.socket(); print('OPENED')\nexcept OSError as error: print('refused', error)"
kernel = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in seccomp.MACHINES,
    reason="the kernel's filter is for Linux on x86-64 and arm64",
)


def run(code: str, guard: str = GUARD, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", guard + code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, env=os.environ | environment)


# ---------------------------------------------------------------- Python's guard, wherever we are


@pytest.mark.parametrize(
    "code",
    [
        "socket.socket()",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(40)",  # AF_VSOCK
        "socket.socket(16, socket.SOCK_RAW)",  # AF_NETLINK
        "socket.socket(17, socket.SOCK_RAW)",  # AF_PACKET
        "socket.socket(31, socket.SOCK_STREAM)",  # AF_BLUETOOTH
        "socket.socket(38, 5)",  # AF_ALG
        "_socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)",
        "socket.socket(fileno=0)",
        "socket.fromfd(0, socket.AF_INET, socket.SOCK_STREAM)",
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.create_server(('127.0.0.1', 0))",
        "socket.getaddrinfo('localhost', 80)",
        "socket.gethostbyname('localhost')",
        "socket.gethostbyname_ex('localhost')",
        "socket.gethostbyaddr('localhost')",
        "socket.getnameinfo(('127.0.0.1', 80), 0)",
        "socket.getservbyname('http')",
        "urllib.request.urlopen('http://127.0.0.1:9/')",
        "webbrowser.GenericBrowser('true').open('http://127.0.0.1:9/')",
        "asyncio.run(asyncio.open_connection('127.0.0.1', 9))",
        pytest.param(
            "socket.socket(socket.AF_UNIX).connect('/nowhere')",
            marks=pytest.mark.skipif(os.name == "nt", reason="no AF_UNIX"),
        ),
        pytest.param(
            "socket.socket(socket.AF_UNIX).bind('')", marks=pytest.mark.skipif(os.name == "nt", reason="no AF_UNIX")
        ),
        pytest.param(
            "socket.socketpair()[0].sendto(b'', '/nowhere')",
            marks=pytest.mark.skipif(os.name == "nt", reason="no AF_UNIX"),
        ),
    ],
)
@pytest.mark.parametrize("by", ["both", "python"])
def test_the_network_is_refused(code: str, by: str) -> None:
    """Also where there is no guard by the kernel: Python's alone refuses the same."""
    alone = (
        "from leads_local.offline import seccomp, seatbelt\nseccomp.install = seatbelt.install = lambda: 'left off'\n"
    )
    done = run(
        f"import asyncio, _socket, socket, urllib.request, webbrowser\n{code}", ("" if by == "both" else alone) + GUARD
    )
    assert done.returncode != 0
    assert "leads-local works offline" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="no AF_UNIX")
def test_who_gives_a_family_another_name_gets_nothing_by_it() -> None:
    code = "import _socket, socket\nsocket.AF_UNIX = _socket.AF_UNIX = socket.AF_INET\nsocket.socket()"
    done = run(code, WITHOUT_A_KERNEL + GUARD)
    assert done.returncode != 0 and "leads-local works offline" in done.stderr


def test_no_interpreter_is_made_in_which_no_guard_would_be() -> None:
    names = ("_interpreters", "_xxsubinterpreters")  # since Python 3.13, before
    name = next((name for name in names if importlib.util.find_spec(name)), None)
    if name is None:
        pytest.skip("this Python makes none")
    code = f"import {name}\ntry: {name}.create()\nexcept BaseException: print('refused')\nelse: print('made')"
    assert (run(code, WITHOUT_A_KERNEL).stdout.split(), run(code, WITHOUT_A_KERNEL + GUARD).stdout.split()) == (
        ["made"],
        ["refused"],
    )


CALLER = """
import multiprocessing, socket, sys
def two(pipe): pipe.send(2)
if __name__ == "__main__":
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    other, _ = server.accept(); waiting = socket.create_connection(server.getsockname())
    sys.path.append(sys.argv[1])
    from leads_local import offline; offline.enforce()
    client.sendall(b"sent"); print(other.recv(9).decode())
    ours, theirs = multiprocessing.Pipe()
    for way in (server.accept, client.dup, lambda: socket.socket(fileno=client.fileno()),
                lambda: multiprocessing.get_context("forkserver").Process(target=two, args=(theirs,)).start()):
        try: way(); print("passed")
        except offline.OfflineError: print("refused")
    for name in ("fork", "spawn"):
        process = multiprocessing.get_context(name).Process(target=two, args=(theirs,)); process.start(); print(ours.recv()); process.join()
    queue = multiprocessing.Queue(); queue.put("queued"); print(queue.get())
"""


@needs_loopback
@pytest.mark.skipif(os.name == "nt", reason="fork and forkserver")
def test_what_holds_in_a_process_that_calls_the_api(tmp_path: Path) -> None:
    script = tmp_path / "caller.py"
    script.write_text(CALLER)
    done = subprocess.run([sys.executable, str(script), str(ROOT)], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["sent", *["refused"] * 4, "2", "2", "queued"], done.stdout + done.stderr


def test_event_loops_still_work() -> None:
    done = run("import asyncio; print(asyncio.run(asyncio.sleep(0, 'slept')))")
    assert done.stdout.strip() == "slept", done.stderr


def test_pairs_of_sockets_still_work() -> None:
    code = (
        "import socket\na, b = socket.socketpair(); a.sendall(b'one'); a.dup().sendmsg([b' two']); "
        "print(b.recv(9).decode())"
    )
    done = run(code)
    assert done.stdout.strip() == "one two", done.stderr


AS_ON_WINDOWS = "import importlib, _socket\ndel _socket.socketpair\nimport socket\nimportlib.reload(socket)\n"
"""Windows has no call for a pair of sockets: Python makes one from two network sockets over the loopback."""
SIMULATED = "from tests.simulated_windows import simulate; simulate()\nimport socket\n"
on_windows = pytest.mark.parametrize(
    "windows_is",
    [
        AS_ON_WINDOWS,
        pytest.param(SIMULATED, marks=pytest.mark.skipif(sys.platform != "linux", reason="acted on Linux")),
    ],
    ids=["python's own pair", "simulated"],
)
WITHOUT_A_KERNEL = (
    "from leads_local.offline import seccomp, seatbelt\nseccomp.install = seatbelt.install = lambda: 'none'\n"
)


@needs_loopback
@on_windows
def test_on_windows_event_loops_work_and_nothing_else_passes(windows_is: str) -> None:
    code = """
import asyncio
print(asyncio.run(asyncio.sleep(0, 'slept')))
class Elsewhere(socket.socket):
    def getsockname(self): return ('192.0.2.1', 9)
for way in (
    "socket.socket()", "socket.create_connection(('127.0.0.1', 9))", "socket.socket(socket.AF_INET6)", "socket.socketpair(socket.AF_UNIX)"
):
    try:
        eval(way)
        print("passed", way)
    except offline.OfflineError:
        pass
    except ValueError:  # the pair of Windows has no such family
        pass
offline._pair_in_progress.on = True
ours = socket.socket()
for call, place in ((ours.connect, ('192.0.2.1', 9)), (ours.bind, ('0.0.0.0', 0))):
    try:
        call(place)
        print("passed", place)
    except offline.OfflineError:
        pass
"""
    done = run(code, windows_is + WITHOUT_A_KERNEL + GUARD)
    assert (done.stdout.split(), done.returncode) == (["slept"], 0), done.stdout + done.stderr


@needs_loopback
@on_windows
def test_another_thread_can_not_use_the_moment_in_which_a_pair_is_made(windows_is: str) -> None:
    code = """
import threading
found = []
def other():
    try:
        socket.socket(); found.append("passed")
    except offline.OfflineError:
        found.append("refused")
real = socket.socket.listen
def listen(self, *given):
    thread = threading.Thread(target=other); thread.start(); thread.join()
    return real(self, *given)
socket.socket.listen = listen
socket.socketpair()
print(*found)
"""
    done = run(code, windows_is + WITHOUT_A_KERNEL + GUARD)
    assert done.stdout.split() == ["refused"], done.stdout + done.stderr


@needs_loopback
@on_windows
def test_once_a_pair_is_made_even_the_loopback_is_refused_again(windows_is: str) -> None:
    """Also where making it has failed."""
    code = """
socket.socketpair()
class Failing(socket.socket):
    def listen(self, *given): raise OSError("no room")
kept, socket.socket = socket.socket, Failing
try: socket.socketpair()
except OSError as error: print(error)
socket.socket = kept
for way in (lambda: socket.socket(), lambda: sys.audit("socket.bind", None, ("127.0.0.1", 0)),
            lambda: sys.audit("socket.connect", None, ("::1", 9))):
    try: way(); print("passed")
    except offline.OfflineError: print("refused")
"""
    done = run("import sys\n" + code, windows_is + WITHOUT_A_KERNEL + GUARD)
    assert done.stdout.split("\n")[:4] == ["no room", *["refused"] * 3], done.stdout + done.stderr


OF_WINDOWS = (
    ("_winapi.CreateNamedPipe", r"\\.\pipe\pyc-1-2-3", 1, 8),  # asyncio's and multiprocessing's pipes
    ("_winapi.CreateFile", r"\\.\pipe\pyc-1-2-3", 1, 0, 3, 0x40000000),
    ("_winapi.CreatePipe",),
    ("_winapi.CreateProcess", "python.exe", "python.exe -c pass", None),
    ("_winapi.OpenProcess", 1, 0x00100000),
    ("_winapi.TerminateProcess", 1, 1),
    ("subprocess.Popen", "python.exe", ["python.exe"], None, None),
    ("os.add_dll_directory", "lib"),
    ("ctypes.dlopen", "kernel32"),
    ("ctypes.dlsym", None, "SetConsoleCtrlHandler"),
    ("msvcrt.locking", 3, 2, 1),
    ("msvcrt.get_osfhandle", 3),
    ("msvcrt.open_osfhandle", 3, 0),
    ("winreg.OpenKey", None, "SYSTEM", 1),
    ("winreg.QueryValue", None, "LongPathsEnabled", ""),
    ("os.listdrives",),
)
"""What Python says to audit hooks on Windows where it starts processes, makes pipes, locks files and loads libraries."""


def test_what_windows_needs_beside_sockets_is_let_through() -> None:
    code = f"import sys\nfor event, *arguments in {OF_WINDOWS!r}: sys.audit(event, *arguments)\nprint('all')"
    assert run(code, WITHOUT_A_KERNEL + GUARD).stdout.strip() == "all"


@pytest.mark.parametrize("event", ["os.startfile", "os.startfile/2"])
def test_on_windows_nothing_is_opened_with_another_program(event: str) -> None:
    done = run(f"import sys; sys.audit({event!r}, 'http://127.0.0.1', 'open')", WITHOUT_A_KERNEL + GUARD)
    assert done.returncode and "leads-local works offline: opening a browser was refused" in done.stderr


def test_libraries_that_report_home_are_told_not_to() -> None:
    done = run("import os, subprocess, sys; print(os.environ['ORT_DISABLE_TELEMETRY'])", ORT_DISABLE_TELEMETRY="0")
    assert done.stdout.strip() == "1"


SERVICE = """
import os, pwd, socket, subprocess, sys
from pathlib import Path
def ask(number):
    with socket.socket(socket.AF_UNIX) as service: service.connect(sys.argv[1])
    asked.append(number)
    return pwd.struct_passwd(("meier", "x", number, 1, "", "/home/meier", "/bin/sh"))
asked, pwd.getpwuid = [], ask
from leads_local import config, offline; offline.enforce()
child = "from leads_local import config; print(config.Settings().reviewer_name)"
print(len(asked), config.Settings().reviewer_name, Path.home(), flush=True)
subprocess.run([sys.executable, "-c", child])
try: ask(1); print("answered")
except OSError: print("refused")
"""


@pytest.mark.skipif(os.name == "nt", reason="accounts of POSIX")
@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({}, "1 meier /home/meier meier refused"),
        ({"USER": "kim"}, "1 kim /home/meier kim refused"),
        ({"HOME": "/home/kim"}, "1 meier /home/kim meier refused"),
        ({"LOGNAME": "kim", "HOME": "/home/kim"}, "0 kim /home/kim kim refused"),
    ],
)
def test_the_account_is_known_where_a_service_must_be_asked_for_it(
    tmp_path: Path, told: dict[str, str], says: str
) -> None:
    import socket

    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME")
    }
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "service"))
        listening.listen()
        command = [sys.executable, "-c", SERVICE, str(tmp_path / "service")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment | told)
    assert done.stdout.split() == says.split(), done.stderr


@pytest.mark.skipif(os.name == "nt", reason="accounts of POSIX")
def test_an_account_that_nobody_knows_is_no_hindrance() -> None:
    code = "import os, pwd; [os.environ.pop(name, '') for name in ('HOME', 'LOGNAME', 'USER', 'LNAME', 'USERNAME')]\n"
    code += "def ask(number): raise KeyError(number)\npwd.getpwuid = ask\n"
    assert run("print(offline.guard_in_force().python, 'HOME' in os.environ)", code + GUARD).stdout.split() == [
        "True",
        "False",
    ]


# ---------------------------------------------------------------- the kernel's guard on Linux

WAYS = """
import ctypes, errno, json, multiprocessing, os, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
passed = []
def opens(name, result):
    if result >= 0:
        passed.append(name)
    elif ctypes.get_errno() not in (errno.EPERM,):
        passed.append(f"{name}: {errno.errorcode[ctypes.get_errno()]}")
def says(name, *command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, **more)
    if "OPENED" in done.stdout or not (done.stdout + done.stderr).strip():
        passed.append(name + " " + done.stdout + done.stderr)
python = [sys.executable, "-c", OPENS]
families = {2: "INET", 10: "INET6", 16: "NETLINK", 17: "PACKET", 40: "VSOCK", 31: "BLUETOOTH", 38: "ALG", 29: "CAN", 44: "XDP", 0: "UNSPEC"}
for family, name in families.items():
    for kind in (1, 2, 3):
        opens(f"libc.socket {name} {kind}", libc.socket(family, kind, 0))
opens("UNIX datagrams, which need no connect", libc.socket(1, 2, 0))
opens("UNIX raw", libc.socket(1, 3, 0))
opens("a pair of UNIX datagrams", libc.socketpair(1, 2, 0, (ctypes.c_int * 2)()))
opens("a pair of INET", libc.socketpair(2, 1, 0, (ctypes.c_int * 2)()))
opens("family with high bits", libc.syscall(*map(ctypes.c_long, (SOCKET, 0x1_0000_0002, 1, 0))))
unix = libc.socket(1, 1, 0)
assert unix >= 0, "CUDA needs it"
address = b"\\x01\\x00" + os.path.join(os.getcwd(), "listening").encode() + b"\\0"
opens("connect to a UNIX socket", libc.connect(unix, address, len(address)))
for number, name in ((425, "io_uring_setup"), (426, "io_uring_enter"), (427, "io_uring_register"), (438, "pidfd_getfd")):
    opens(name, libc.syscall(*map(ctypes.c_long, (number, 4, 0, 0, 0, 0, 0))))
for number, name in zip(REFUSED[1:], ("ptrace", "process_vm_readv", "process_vm_writev", "add_key", "request_key", "keyctl"), strict=True):
    opens(name, libc.syscall(*map(ctypes.c_long, (number, -1, 0, 0, 0, 0, 0))))
terminal, screen = os.openpty()
for high in (0, 1 << 32):
    opens("typing into a terminal", libc.syscall(*map(ctypes.c_long, (IOCTL, screen, high | 0x5412)), b"x"))
    opens("pasting into a terminal", libc.syscall(*map(ctypes.c_long, (IOCTL, screen, high | 0x541C)), b"\\3"))
    opens("a network card", libc.syscall(*map(ctypes.c_long, (IOCTL, screen, high | 0x400454CA)), bytes(40)))
assert os.get_terminal_size(screen), "terminals are asked for their size"
import fcntl
assert fcntl.ioctl(screen, 0x541B, bytes(4)) == bytes(4), "and whether keys were pressed"
if SOCKET == 41:
    opens("socket by its x32 number", libc.syscall(*map(ctypes.c_long, (0x40000000 | 41, 2, 1, 0))))
says("subprocess", *python)
says("shell", "sh", "-c", '"$0" -c "$1"', *[python[0], python[2]])
says("a session of its own", *python, start_new_session=True)
says("a child of a child", sys.executable, "-c", "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])", OPENS)
if os.system(f'"{sys.executable}" -c "import socket; socket.socket()" 2>/dev/null') == 0:
    passed.append("os.system")
empty = "import socket; socket.socket()"
pid = os.posix_spawn(sys.executable, [sys.executable, "-c", empty], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 2, "/dev/null", 1, 0)])
if os.waitpid(pid, 0)[1] == 0:
    passed.append("posix_spawn")
if (pid := os.fork()) == 0:
    os._exit(0 if libc.socket(2, 1, 0) >= 0 else 1)
if os.waitpid(pid, 0)[1] == 0:
    passed.append("fork")
print(json.dumps(passed))
"""
OLDER_THREAD = """
import ctypes, threading, time
go, found = threading.Event(), []
def thread():
    go.wait(); found.append(ctypes.CDLL(None).socket(2, 1, 0))
threads = [threading.Thread(target=thread) for _ in range(3)]
[t.start() for t in threads]
from leads_local import offline; offline.enforce()
go.set(); [t.join() for t in threads]
print(*found)
"""


@kernel
def test_there_is_no_way_through_in_native_code_or_in_children(tmp_path: Path) -> None:
    import socket

    machine = seccomp.MACHINES[platform.machine()]
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "listening"))
        listening.listen()
        numbers = (machine.socket, machine.ioctl, machine.refused)
        code = f"import os; os.chdir({str(tmp_path)!r}); OPENS, (SOCKET, IOCTL, REFUSED) = {OPENS!r}, {numbers}" + WAYS
        done = run(code)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[-1]) == []
        without = run(code, "")
        assert without.returncode == 0, without.stderr
        assert len(json.loads(without.stdout.splitlines()[-1])) > 25, (
            "what it says to be ways are none without the guard"
        )


@kernel
def test_processes_of_multiprocessing_are_bound(tmp_path: Path) -> None:
    script = tmp_path / "many.py"
    script.write_text(
        "import ctypes, multiprocessing, sys\n"
        "def reach(pipe): pipe.send(ctypes.CDLL(None).socket(2, 1, 0))\n"
        "if __name__ == '__main__':\n"
        f"    sys.path.append({str(ROOT)!r})\n"
        "    from leads_local import offline; offline.enforce()\n"
        "    for way in ('fork', 'spawn'):\n"
        "        context = multiprocessing.get_context(way); ours, theirs = context.Pipe()\n"
        "        process = context.Process(target=reach, args=(theirs,)); process.start(); print(ours.recv()); "
        "process.join()\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["-1", "-1"], done.stdout + done.stderr


@kernel
def test_threads_that_ran_before_are_bound() -> None:
    done = run(OLDER_THREAD, "")
    assert done.stdout.split() == ["-1"] * 3, done.stdout + done.stderr


@kernel
@pytest.mark.parametrize(
    "program", [["getent", "ahosts", "leak.example.org"], ["curl", "-sS", "-m", "3", "http://127.0.0.1:9/"]]
)
def test_programs_fail_softly(program: list[str]) -> None:
    """They say that they could not, and are not killed."""
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not on this machine")
    done = run(f"import subprocess, sys; sys.exit(subprocess.run({program!r}).returncode)")
    assert 0 < done.returncode < 126, done.stderr


@kernel
def test_programs_in_c_are_bound(tmp_path: Path) -> None:
    """Also a 32-bit one, where the compiler makes them."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    source = tmp_path / "opens.c"
    source.write_text(
        "int printf(const char*, ...); int socket(int, int, int); int main(void) {"
        'return printf(socket(2, 1, 0) < 0 && socket(16, 3, 0) < 0 ? "refused" : "OPENED") < 0; }'
    )
    built = 0
    for kind in ([], ["-m32"]):
        if (
            subprocess.run(
                [compiler, *kind, str(source), "-o", str(tmp_path / "opens")], capture_output=True
            ).returncode
            == 0
        ):
            built += 1
            done = run(
                f"import subprocess; print(subprocess.run([{str(tmp_path / 'opens')!r}], capture_output=True, "
                "text=True).stdout)"
            )
            assert done.stdout.strip() == "refused", done.stderr
    if not built:
        pytest.skip("the C compiler makes no programs here")


MEMORY = """
import subprocess, sys
def reads(number):
    try:
        open(f"/proc/{number}/mem", "r+b").close(); open(f"/proc/{number}/environ").close()
        return "reads"
    except OSError:
        return "refused"
with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
    print(reads(sys.argv[1]), reads(child.pid), reads("self"))
    child.communicate(b"\\n")
import os, tempfile
with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
    open(a + "/x", "w").close(); os.rename(a + "/x", b + "/x"); os.link(b + "/x", a + "/x")
"""


@kernel
def test_processes_that_were_there_before_can_not_be_reached_by_files() -> None:
    """Our own can, and files are moved as ever."""
    if ctypes.CDLL(None).syscall(444, None, ctypes.c_long(0), ctypes.c_long(1)) < 4:
        pytest.skip("this kernel's Landlock knows nothing but files")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as unbound:
        found = []
        for guard in ("", GUARD):
            command = [sys.executable, "-c", guard + MEMORY, str(unbound.pid)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
            assert done.returncode == 0, done.stderr
            found.append(done.stdout.split())
        unbound.communicate(b"\n")
    if found[0][0] == "refused":
        pytest.skip("this system lets no process read another")
    assert found == [["reads"] * 3, ["refused", "reads", "reads"]]


@kernel
def test_being_traced_stays_possible() -> None:
    """It is the tracer who asks, and whoever looks for a fault needs it."""
    trace = shutil.which("strace")
    if trace is None:
        pytest.skip("strace is not on this machine")
    code = GUARD + "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1)'])"
    done = subprocess.run(
        [trace, "-f", sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    if "ptrace" in done.stderr.splitlines()[0]:
        pytest.skip("this machine lets nobody trace")
    assert (done.stdout.split(), done.returncode) == (["1"], 0), done.stderr[-2000:]
    assert done.stderr.count("execve(") >= 2


@kernel
def test_filters_do_not_pile_up() -> None:
    count = "print(open('/proc/self/status').read().split('Seccomp_filters:')[1].split()[0], flush=True)\n"
    here = int(Path("/proc/self/status").read_text().split("Seccomp_filters:")[1].split()[0])
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {GUARD + count!r}])\n"
    done = run(count + child)
    assert done.stdout.split() == [str(here + 1)] * 2, done.stdout + done.stderr


@kernel
def test_the_guard_says_what_is_in_force() -> None:
    code = "print(offline.guard_in_force())"
    assert run(code).stdout.strip() == "Guard(kernel='seccomp', python=True, missing='')"
    before = "from leads_local import offline\n"
    assert run(code, before).stdout.strip() == "Guard(kernel='', python=False, missing='it was not asked for')"
    unknown = "from leads_local.offline import seccomp\nseccomp.MACHINES.clear()\n"
    assert (
        f"Guard(kernel='', python=True, missing='it is not written for {platform.machine()}')"
        in run(code, unknown + GUARD).stdout
    )
    forbidden = "from leads_local.offline import seccomp\nseccomp._SET_FILTER = 77\n"
    assert (
        "kernel='', python=True, missing='the kernel refused it: Invalid argument'"
        in run(code, forbidden + GUARD).stdout
    )


X86, ARM, I386, ARM32, OTHER = 0xC000003E, 0xC00000B7, 0x40000003, 0x40000028, 0xC00000F3
Y, N = seccomp.ALLOW, seccomp.REFUSE
BEYOND = [  # pidfd_getfd, ptrace, process_vm_readv, process_vm_writev, add_key, request_key, keyctl
    ("x86_64", X86, (438, 101, 310, 311, 248, 249, 250)),
    ("x86_64", I386, (438, 26, 347, 348, 286, 287, 288)),
    ("aarch64", ARM, (438, 117, 270, 271, 217, 218, 219)),
    ("aarch64", ARM32, (438, 26, 376, 377, 309, 310, 311)),
]
ASKING = [("x86_64", X86, 16), ("x86_64", I386, 54), ("aarch64", ARM, 29), ("aarch64", ARM32, 54)]  # ioctl
NEVER = (0x5412, 0x541C, 0x400454CA, 1 << 32 | 0x5412)


def verdict(code: bytes, machine: int, number: int, *arguments: int) -> int:
    """What the filter answers, by the rules of the kernel's packet filter machine."""
    data = struct.pack("=iIQ6Q", number, machine, 0, *(*arguments, *[0] * (6 - len(arguments))))
    steps, at, held = list(struct.iter_unpack("=HBBI", code)), 0, 0
    while True:
        what, if_so, else_, value = steps[at]
        at += 1
        if what == 0x20:
            held = int(struct.unpack_from("=I", data, value)[0])
        elif what == 0x54:
            held &= value
        elif what in (0x15, 0x35):
            at += if_so if (held == value if what == 0x15 else held >= value) else else_
        else:
            assert what == 0x06
            return int(value)


@pytest.mark.parametrize(
    ("name", "call", "answer"),
    [
        ("x86_64", (X86, 41, 2, 1), N),
        ("x86_64", (X86, 41, 1, 1), Y),
        ("x86_64", (X86, 41, 1, 0o2000001), Y),  # SOCK_CLOEXEC
        ("x86_64", (X86, 41, 1, 5), Y),
        ("x86_64", (X86, 41, 1, 2), N),
        ("x86_64", (X86, 53, 1, 1), Y),
        ("x86_64", (X86, 53, 1, 2), N),
        ("x86_64", (X86, 42, 3), N),
        ("x86_64", (X86, 0), Y),
        ("x86_64", (X86, 425), N),
        ("x86_64", (X86, 0x40000029, 1, 1), N),
        ("x86_64", (X86, 0x40000000), N),
        ("x86_64", (I386, 41), Y),  # dup there
        ("x86_64", (I386, 102, 1), N),
        ("x86_64", (I386, 359, 1), N),
        ("x86_64", (I386, 362), N),
        ("x86_64", (I386, 425), N),
        ("x86_64", (ARM, 198, 1, 1), N),
        ("x86_64", (OTHER, 0), N),
        ("aarch64", (ARM, 198, 2, 1), N),
        ("aarch64", (ARM, 198, 1, 1), Y),
        ("aarch64", (ARM, 199, 1, 1), Y),
        ("aarch64", (ARM, 203, 3), N),
        ("aarch64", (ARM, 41, 2, 1), Y),  # pivot_root there
        ("aarch64", (ARM, 425), N),
        ("aarch64", (ARM32, 281, 1), N),
        ("aarch64", (ARM32, 283), N),
        ("aarch64", (ARM32, 4), Y),
        ("aarch64", (X86, 41, 1, 1), N),
        *((name, (machine, number), N) for name, machine, numbers in BEYOND for number in numbers),
        *(
            (name, (machine, number, 0, ask), N)
            for name, machine, number in ASKING
            for ask in (0x5412, 0x541C, 0x400454CA, 1 << 32 | 0x5412)
        ),
        *(
            (name, (machine, number, 0x5412, ask), Y)
            for name, machine, number in ASKING
            for ask in (0x5413, 0x541B, 0x5401, 0x802C542A)
        ),
    ],
)
def test_what_the_filter_answers_on_each_machine(name: str, call: tuple[int, ...], answer: int) -> None:
    assert verdict(seccomp.filter_program(seccomp.MACHINES[name]), *call) == answer


def test_the_filter_knows_itself_by_a_call_that_no_kernel_answers_so() -> None:
    for machine in seccomp.MACHINES.values():
        assert verdict(seccomp.filter_program(machine), machine.number, machine.socket, seccomp._PROBE) == seccomp.OURS


# ---------------------------------------------------------------- the kernel's guard on macOS, with a library that
# stands for the system's


class System:
    """What of macOS is asked. ``bound`` is whether the sandbox is in force."""

    def __init__(self, failing: bool = False, keeping: bool = True) -> None:
        self.failing, self.keeping, self.bound, self.unknown, self.profiles = failing, keeping, False, b"nothing", []

    def sandbox_init(self, profile: ctypes.c_char_p, flags: ctypes.c_uint64, said: object) -> int:
        assert flags.value == 0
        self.profiles.append(profile.value)
        failed = self.failing or self.unknown in (profile.value or b"")
        self.bound = self.keeping and not failed
        return -1 if failed else 0

    def sandbox_check(self, pid: int, operation: bytes, kind: int) -> int:
        assert (pid, operation, kind) == (os.getpid(), b"network-outbound", 0)
        return int(self.bound)


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> System:
    system = System()
    monkeypatch.setattr(seatbelt, "SYSTEM", "darwin")
    monkeypatch.setattr(seatbelt.ctypes, "CDLL", lambda name: system)
    return system


def test_on_macos_the_sandbox_is_asked_for_once(mac: System) -> None:
    assert (seatbelt.in_force(), seatbelt.install(), seatbelt.in_force(), seatbelt.install()) == (False, "", True, "")
    assert len(mac.profiles) == 1
    denied = (b"network*", b"lsopen", b"appleevent-send", b"job-creation")
    assert mac.profiles[0].count(b"(deny ") == len(denied) and all(
        b"(deny " + name + b")" in mac.profiles[0] for name in denied
    )


@pytest.mark.parametrize("unknown", [b"lsopen", b"appleevent-send", b"job-creation"])
def test_on_macos_an_operation_that_the_system_does_not_know_leaves_the_network_denied(
    mac: System, unknown: bytes
) -> None:
    mac.unknown = unknown
    assert seatbelt.install() == "" and seatbelt.in_force()
    assert mac.profiles[1:] == [b"(version 1)(allow default)(deny network*)"]


def test_on_macos_what_went_wrong_is_told(mac: System, monkeypatch: pytest.MonkeyPatch) -> None:
    mac.failing = True
    assert "refused" in seatbelt.install() and not seatbelt.in_force()
    mac.failing, mac.keeping = False, False
    assert "does not keep to it" in seatbelt.install()

    def absent(name: str | None) -> object:
        raise OSError("no such library")

    monkeypatch.setattr(seatbelt.ctypes, "CDLL", absent)
    assert seatbelt.install() == "no such library" and not seatbelt.in_force()


@pytest.mark.parametrize(
    ("system", "says"), [("linux", "by seccomp"), ("darwin", "by seatbelt"), ("win32", "this system has none")]
)
def test_each_system_has_its_guard(monkeypatch: pytest.MonkeyPatch, system: str, says: str) -> None:
    monkeypatch.setattr(offline, "SYSTEM", system)
    monkeypatch.setattr(seccomp, "install", lambda: "by seccomp")
    monkeypatch.setattr(seatbelt, "install", lambda: "by seatbelt")
    assert says in offline._install_kernel_guard()
