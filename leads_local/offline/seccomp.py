"""The kernel's guard on Linux: a filter of system calls that binds native code too and is inherited by every program
started from here.

No socket can be opened but one of the Unix family that streams, and none can be connected: CUDA opens such a socket for
itself, while name services and other daemons are asked through one. Pairs stay. io_uring is refused, since it opens
sockets past any filter. Refused, too, is what would have another do it: typing into a terminal whose shell goes on
after us, a network card of one's own, reading and writing another process or taking its files (ptrace and its like),
and the kernel's keys, for which a program of the system asks name services. What is refused fails with EPERM, as it
does for a user without the right, so that programs go on without. Being traced stays possible.

Other processes can be reached by files as well (``/proc/…/mem``), which no filter can tell apart. Since Linux 6.7
Landlock refuses that to whoever is in a domain of their own and another process is not; it binds the thread that asks
and what that starts. Not kept out of reach are files on the disk: what is written to one that an unbound program reads
later is as good as said to that program. And the administrator may change the system itself.

The filter answers one question of its own, a socket of a family that does not exist, by which a process knows that it
is bound already and filters don't pile up. It is a program for the kernel's packet filter machine: see seccomp(2), and
filter.h and audit.h of Linux for the numbers.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass

SYSTEM: str = sys.platform
AF_UNIX, STREAM, SEQPACKET = 1, 1, 5
ALLOW, REFUSE, OURS = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | 100  # 100: ENETDOWN
_PROBE = 0x1EAD  # the family that does not exist
_NUMBER, _MACHINE, _FIRST, _SECOND = (
    0,
    4,
    16,
    24,
)  # where struct seccomp_data has the call, the machine and the low half of arguments
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_ON_EVERY_MACHINE = (425, 426, 427, 438)  # io_uring's setup, enter and register; pidfd_getfd
_TIOCSTI, _TIOCLINUX, _TUNSETIFF = 0x5412, 0x541C, 0x400454CA  # type, paste, a network card of one's own
_X32 = 0x40000000
_CREATE_RULESET, _RESTRICT_SELF = 444, 446  # Landlock's, the same on every machine
_NO_FILES, _NO_TCP = (
    0,
    3,
)  # what the domain refuses: no file, or it would say how files may be moved; TCP, refused anyway, or there is none
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1


@dataclass(frozen=True, slots=True)
class Machine:
    """Numbers of one kind of machine: its own, those of its system calls, and those of the 32-bit programs that it runs
    besides."""

    number: int
    seccomp: int
    socket: int
    socketpair: int
    ioctl: int
    refused: tuple[
        int, ...
    ]  # connect; then ptrace, process_vm_readv, process_vm_writev; then add_key, request_key, keyctl
    other: int
    other_ioctl: int
    other_refused: tuple[int, ...]  # socketcall, socket, socketpair, connect; then as above


MACHINES = {
    "x86_64": Machine(
        number=0xC000003E,
        seccomp=317,
        socket=41,
        socketpair=53,
        ioctl=16,
        refused=(42, 101, 310, 311, 248, 249, 250),
        other=0x40000003,
        other_ioctl=54,
        other_refused=(102, 359, 360, 362, 26, 347, 348, 286, 287, 288),
    ),
    "aarch64": Machine(
        number=0xC00000B7,
        seccomp=277,
        socket=198,
        socketpair=199,
        ioctl=29,
        refused=(203, 117, 270, 271, 217, 218, 219),
        other=0x40000028,
        other_ioctl=54,
        other_refused=(102, 281, 288, 283, 26, 376, 377, 309, 310, 311),
    ),
}


def install() -> str:
    """Bind all threads of this process and what they start, unless that is so already. Returns why it could not be
    done, or ""."""
    if in_force():
        return ""
    machine = _this_machine()
    if machine is None:
        return f"it is not written for {platform.machine()}"
    code = filter_program(machine)
    room = ctypes.create_string_buffer(code, len(code))
    asked = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(room)))
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(*map(ctypes.c_long, (_NO_NEW_PRIVILEGES, 1, 0, 0, 0)))
        _enter_landlock_domain(libc)
        result = libc.syscall(
            *map(ctypes.c_long, (machine.seccomp, _SET_FILTER, _ALL_THREADS, ctypes.addressof(asked)))
        )
    except (OSError, AttributeError) as error:
        return str(error)
    if result:
        return (
            "a thread could not be bound" if result > 0 else f"the kernel refused it: {os.strerror(ctypes.get_errno())}"
        )
    return "" if in_force() else "the kernel took it and does not keep to it"


def _enter_landlock_domain(libc: ctypes.CDLL) -> None:
    """Keep processes that are not started from here out of reach, where the kernel can."""
    asked = ctypes.create_string_buffer(struct.pack("@QQ", _NO_FILES, _NO_TCP), 16)
    rules = libc.syscall(*map(ctypes.c_long, (_CREATE_RULESET, ctypes.addressof(asked), 16, 0)))
    if rules >= 0:
        libc.syscall(*map(ctypes.c_long, (_RESTRICT_SELF, rules, 0)))
        os.close(rules)


def in_force() -> bool:
    """Whether this process is bound by this filter, its own or its parent's."""
    if _this_machine() is None:
        return False
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        ctypes.set_errno(0)
        return bool(libc.socket(_PROBE, 0, 0) == -1 and ctypes.get_errno() == OURS & 0xFFFF)
    except (OSError, AttributeError):
        return False


def filter_program(machine: Machine) -> bytes:
    """The filter, 8 bytes an instruction."""
    streams = (
        _load_word(_SECOND)
        + _instruction(_AND, 0xF)
        + _if_equal(STREAM, _return_answer(ALLOW))
        + _if_equal(SEQPACKET, _return_answer(ALLOW))
    )
    local = (
        _load_word(_FIRST)
        + _if_equal(_PROBE, _return_answer(OURS))
        + _if_equal(AF_UNIX, streams)
        + _return_answer(REFUSE)
    )
    asks = _load_word(_SECOND) + _none_of(_TIOCSTI, _TIOCLINUX, _TUNSETIFF)
    x32 = _instruction(_AT_LEAST, _X32, 0, 1) + _return_answer(
        REFUSE
    )  # the third kind of program on x86-64; elsewhere there are no such numbers
    own = (
        _load_word(_NUMBER)
        + x32
        + _if_equal(machine.socket, local)
        + _if_equal(machine.socketpair, local)
        + _if_equal(machine.ioctl, asks)
    )
    own += _none_of(*machine.refused, *_ON_EVERY_MACHINE)
    other = (
        _load_word(_NUMBER)
        + _if_equal(machine.other_ioctl, asks)
        + _none_of(*machine.other_refused, *_ON_EVERY_MACHINE)
    )
    return (
        _load_word(_MACHINE) + _if_equal(machine.number, own) + _if_equal(machine.other, other) + _return_answer(REFUSE)
    )


def _this_machine() -> Machine | None:
    """The machine, where this is Linux and a 64-bit program."""
    if SYSTEM != "linux" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    return MACHINES.get(platform.machine())


def _instruction(code: int, value: int, if_so: int = 0, else_: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, else_, value)


def _load_word(place: int) -> bytes:
    return _instruction(_LOAD, place)


def _return_answer(answer: int) -> bytes:
    return _instruction(_RETURN, answer)


def _if_equal(value: int, then: bytes) -> bytes:
    """Do ``then`` where what was loaded is ``value``, else skip it."""
    return _instruction(_EQUAL, value, 0, len(then) // 8) + then


def _none_of(*numbers: int) -> bytes:
    return b"".join(_if_equal(number, _return_answer(REFUSE)) for number in numbers) + _return_answer(ALLOW)
