"""The command palette: every key of the screen in view, by what it does. Made from the bindings, so that none can be
forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode


@dataclass(frozen=True, slots=True)
class Command:
    """One key: its name as shown, what it does in a few words and in one sentence, and the node that its action belongs
    to."""

    key: str
    name: str
    help: str
    action: str
    node: DOMNode


_SHOWN_KEYS = {
    "question_mark": "?",
    "exclamation_mark": "!",
    "slash": "/",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Escape",
    "enter": "Enter",
    "space": "Space",
}


def shown_key(keys: str) -> str:
    """``question_mark,f1`` as ``? or F1``."""
    names = [
        _SHOWN_KEYS.get(key, key.upper() if key.startswith("f") and key[1:].isdecimal() else key)
        for key in keys.split(",")
    ]
    return " or ".join(names).replace("ctrl+", "Ctrl+")


def list_commands(app: App[Any], screen: DOMNode) -> Iterator[Command]:
    """The keys of ``screen`` and of the app that are explained, each thing that they do once, as the nearest class
    explains it."""
    seen = set()
    for node in (screen, app):
        for cls in type(node).__mro__:
            for binding in cls.__dict__.get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.tooltip and (node, binding.action) not in seen:
                    seen.add((node, binding.action))
                    yield Command(shown_key(binding.key), binding.description, binding.tooltip, binding.action, node)


class KeyCommands(Provider):
    """Offers the commands of the screen that the palette was called from."""

    async def discover(self) -> Hits:
        for command in list_commands(self.app, self.screen):
            yield DiscoveryHit(command.name, partial(self._run, command), help=f"{command.key}: {command.help}")

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in list_commands(self.app, self.screen):
            score = max(matcher.match(command.name), matcher.match(command.help) / 2)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(command.name),
                    partial(self._run, command),
                    help=f"{command.key}: {command.help}",
                )

    async def _run(self, command: Command) -> None:
        await self.app.run_action(command.action, command.node)
