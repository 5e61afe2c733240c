"""leads-local: an offline desktop tool for systematic reviews with LEADS-Mistral-7B.

Importing this package starts nothing and imports nothing heavy; each front end (``cli``, ``tui``, ``api``) does that
for itself. Every Python since 2.7 can read this file, which Python reads before any other of the package, so that one
that is too old gets a sentence.
"""

import sys

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    sys.stderr.write(
        "leads-local needs Python 3.11 or later, this is "
        + sys.version.split()[0]
        + ". README.md says where to get one.\n"
    )
    sys.exit(2)

__version__ = "0.1.0"
