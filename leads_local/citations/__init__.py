"""Citations from the exports of databases and reference managers: readers, writers, duplicates."""

from leads_local.citations.large_files import read_parts
from leads_local.citations.source import SourceFile, read_file
from leads_local.citations.writers import dumps, write

__all__ = ["SourceFile", "dumps", "read_file", "read_parts", "write"]
