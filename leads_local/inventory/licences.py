"""Which licence a package states, as an SPDX expression, and whether it goes with ours.

Metadata have three places for it: an SPDX expression, a free text, classifiers. A text or classifier is taken only
where it has one meaning: "BSD License" does not say which of several.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageMetadata

NOT_STATED = "not stated"

# Free texts and classifiers with one meaning.
SPDX_BY_NAME = {
    "MIT": "MIT",
    "MIT License": "MIT",
    "Apache 2.0": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD-2-Clause": "BSD-2-Clause",
    "BSD-3-Clause": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MPL-2.0": "MPL-2.0",
    "MPL-2.0 AND MIT": "MPL-2.0 AND MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}

# Licences whose works may be part of a work under AGPL-3.0-or-later.
COMPATIBLE = {
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSD-3-Clause-Open-MPI",
    "CNRI-Python",
    "FTL",
    "GPL-3.0-or-later",
    "GPL-3.0-or-later WITH GCC-exception-3.1",
    "IJG",
    "ISC",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "MIT",
    "MIT-CMU",
    "MIT-Modern-Variant",
    "MPL-2.0",
    "PSF-2.0",
    "Zlib",
    "blessing",
}


def stated_licence(metadata: PackageMetadata) -> str:
    """The licence in a package's metadata as an SPDX expression, or "not stated"."""
    if expression := metadata["License-Expression"]:
        return str(expression)
    head = (metadata["License"] or "").strip().partition("\n")[0]  # some give the whole text, under its name
    if head in SPDX_BY_NAME:
        return SPDX_BY_NAME[head]
    classifiers = [
        line.rsplit("::", 1)[-1].strip()
        for line in metadata.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    return SPDX_BY_NAME.get(classifiers[0], NOT_STATED) if len(classifiers) == 1 else NOT_STATED


def is_compatible(expression: str) -> bool:
    """Whether a work under ``expression`` may be part of ours: of licences joined by OR one is enough, by AND all are
    needed.

    Expressions with parentheses are not understood and so not taken for compatible.
    """
    return any(
        all(one in COMPATIBLE for one in re.split(r"\s+AND\s+", either)) for either in re.split(r"\s+OR\s+", expression)
    )
