"""Triggers by which the file itself refuses what must never be done to a table, whoever writes to it."""

from __future__ import annotations


def forbid_update(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_keep BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is never "
        "changed'); END"
    )


def forbid_delete(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_stay BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is never "
        "deleted'); END"
    )


def forbid_replace(table: str) -> str:
    # INSERT OR REPLACE fires no delete trigger unless the connection asks for it, so it is stopped where it comes in.
    return (
        f"CREATE TRIGGER {table}_once BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is never replaced'); END"
    )


def forbid_second(table: str, same: str, name: str = "once") -> str:
    """No row comes in where one with the same key stands, however the statement would like to resolve that."""
    return (
        f"CREATE TRIGGER {table}_{name} BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is never replaced'); END"
    )
