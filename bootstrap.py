"""Make the environment in ``.venv`` and run what was asked for: ``python3 bootstrap.py demo``, ``test``, ``quick`` or
``coverage``.

Everything that a fresh machine needs happens here, the same way on Linux, macOS and Windows, with the standard library
only; ``set_up/`` has the parts. Installing compiles llama.cpp once, which takes minutes; this program says so before it
starts and shows that it is alive while it lasts. ``python3 bootstrap.py wheelhouse FOLDER`` makes a folder to install
from without a network, ``python3 bootstrap.py constraints`` the lists of pinned packages anew.

Pythons since 3.6 can read this file, so that one that is too old gets a sentence: no ``:=``, and nothing imported from
``__future__``, nor from ``set_up`` before the version is known.
"""

import shutil
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    found = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
    way = f"{found[0]} is on this computer" if found else "Install one beside it; README.md says where from"
    newer = found[0] if found else "python3.12"
    print(
        f"Python 3.11 or later is needed, this is {sys.version.split()[0]}. {way}. Then: make demo PYTHON={newer}, or: "
        f"{newer} bootstrap.py demo",
        file=sys.stderr,
    )
    sys.exit(2)

sys.path.insert(0, str(Path(__file__).resolve().parent))

from set_up import checks, installing, pins  # noqa: E402
from set_up.place import Place, SetupError, say  # noqa: E402
from set_up.running import run  # noqa: E402


def demo(arguments: list[str]) -> int:
    place = Place.chosen()
    installing.install(place)
    return run(place, "leads_local", "demo", *arguments)


COMMANDS = {
    "demo": demo,
    "test": checks.test,
    "quick": checks.quick,
    "coverage": checks.coverage,
    "wheelhouse": installing.make_wheelhouse,
    "constraints": pins.make_lists,
}


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        say(
            f"usage: python3 bootstrap.py {' | '.join(COMMANDS)}   (what follows is handed on: demo --headless, "
            "test -k import)"
        )
        return 2
    try:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    except SetupError as error:
        say(str(error))
        return 2
    except OSError as error:  # what nobody foresaw: a disk that is full, a folder that vanished
        say(f"Set-up can't go on: {error}. Mend that and run this again; what is done is kept.")
        return 2
    except KeyboardInterrupt:
        say("Stopped. What is installed is kept; run this again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
