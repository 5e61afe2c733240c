"""Where the program begins: ``leads-local`` and ``python -m leads_local``.

Until the command line is loaded nothing has begun, so Ctrl-C ends the process silently, as the system does it; the same
once the exit code is known. In between, how it ends is said by the command line. ``leads-local`` imports nothing from
the folder where the program is run. ``python -m leads_local`` imports nothing from there either once it is here; by
then Python has looked there for what its own ``-m`` needs (``runpy``, ``importlib``), unless it was started with
``-P``.
"""

import sys

if (
    __name__ == "__main__" and not sys.flags.safe_path
):  # Python has put the folder where one stands first; this package is found already
    del sys.path[0]

import signal


def main() -> int:
    """Run the command line of this process and return its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from leads_local import ending
    from leads_local.cli.__main__ import main as run

    try:
        ending.install()
        code = run()
    except ending.Ended as error:
        code = 128 + error.number
    except KeyboardInterrupt:  # while the first was answered
        code = 130
    ending.finish()
    return code


if __name__ == "__main__":
    sys.exit(main())
