"""leads-local: an offline desktop tool for systematic reviews with LEADS-Mistral-7B.

Importing this package starts nothing and imports nothing heavy; each front end (``cli``, ``tui``, ``api``) does that
for itself.
"""

__version__ = "0.1.0"
