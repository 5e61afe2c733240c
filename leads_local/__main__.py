"""Where the program begins: ``leads-local`` and ``python -m leads_local``.

Until the command line is loaded nothing has begun, so Ctrl-C ends the process silently, as the system does it; the same
once the exit code is known. In between, how it ends is said by the command line. ``leads-local`` imports nothing from
the folder where the program is run. ``python -m leads_local`` imports nothing from there either once it is here; by
then Python has looked there for what its own ``-m`` needs (``runpy``, ``importlib``), unless it was started with
``-P``.
"""

import _signal  # type: ignore[import-not-found]  # built in: the module signal takes milliseconds to load
import sys

if (
    __name__ == "__main__" and not sys.flags.safe_path
):  # Python has put the folder where one stands first; this package is found already
    del sys.path[0]


def main() -> int:
    """Run the command line of this process and return its exit code."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from leads_local import ending
    from leads_local.cli.__main__ import main as run
    from leads_local.errors import ExitCode, exit_code_of_signal

    code: int = ExitCode.INTERRUPTED  # should Ctrl-C come before there is another one
    try:
        try:
            ending.install()
            code = run()
        except ending.Ended as error:
            code = exit_code_of_signal(error.number)
        ending.finish()
    except KeyboardInterrupt:  # while the first was answered, or the end was on its way
        ending.finish()
    return code


if __name__ == "__main__":
    sys.exit(main())
