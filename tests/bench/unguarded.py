"""``leads-local bench`` without the guard against the network, for developers who measure llama.cpp's own server beside
ours.

The guard binds every program that is started, and a server needs a socket. Our own model process puts the guard up for
itself as always: ``python tests/bench/unguarded.py engine --server …`` takes what follows ``leads-local bench``.
"""

from __future__ import annotations

import sys

from leads_local import offline
from leads_local.cli.__main__ import main

if __name__ == "__main__":
    offline.enforce = lambda: None
    sys.exit(main(["bench", *sys.argv[1:]]))
