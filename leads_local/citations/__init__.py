"""Citations from the exports of databases and reference managers: readers, writers, duplicates."""
