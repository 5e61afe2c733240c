"""The review and the papers of ``tests.review``."""

from tests.review.conftest import add, attach, path, review

__all__ = ["add", "attach", "path", "review"]
