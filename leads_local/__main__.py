"""``python -m leads_local`` is the same as ``leads-local``."""

import sys

from leads_local.cli.__main__ import main

sys.exit(main())
