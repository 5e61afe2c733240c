"""A converter whose child, the real one that asks llama.cpp, waits for a question that does not come."""

import subprocess
import sys

from convert import interrupts, lifeline
from convert.native import child_command

if __name__ == "__main__":
    interrupts.install()
    lifeline.end_with_parent()
    command, environment = child_command("native")
    sys.exit(subprocess.Popen(command, env=environment, stdin=subprocess.PIPE).wait())
