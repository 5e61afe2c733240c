"""``python -m leads_local`` is the same as ``leads-local``, and like it imports nothing from the folder where it is run."""

import sys

if not sys.flags.safe_path:  # Python has put that folder first; this package is found already
    del sys.path[0]

from leads_local.cli.__main__ import main

sys.exit(main())
