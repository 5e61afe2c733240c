"""The command line in this process, and a review to work on."""

from tests.cli.conftest import citations, leads, review

__all__ = ["citations", "leads", "review"]
