"""Keys one after the other: a key is sent on its way only when the one before it has done all that it does.

Textual sends a key to the widget that has the focus at that moment, and looks for its binding later, when the key has
come up to the app. So a key typed while another one still opens a dialog or moves the focus belongs to neither: it is
lost (``e``, ``1``), or does in the list what was meant for the field of a search (``/``, ``i`` includes a record).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen

_LOOK_SECONDS = 1.0  # a key that is still at work after two looks no longer keeps the next one waiting


class KeysInOrder(App[int]):
    """An app in which a key finds the screen and the focus that the keys before it have led to."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste] = deque()
        self._key_at_work = False
        self._keys_sent = self._sent_at_look = 0
        self._ready_screen: Screen[object] | None = None
        self._last_input = time.monotonic()

    def idle_seconds(self) -> float:
        """For how long nobody has typed anything or moved the mouse."""
        return time.monotonic() - self._last_input

    def on_mount(self) -> None:
        self.set_interval(_LOOK_SECONDS, self._look_if_stuck)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent | events.Paste):
            self._last_input = time.monotonic()
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if not self._key_at_work:
            await self._send_next_key()

    async def _send_next_key(self) -> None:
        """Send the first key that waits; while the screen in view is still being made, once it is there."""
        self._key_at_work = bool(self._typed)
        if not self._typed:
            return
        if self.screen is not self._ready_screen:
            self._ready_screen = self.screen
            self._follow(self._keys_sent, [self.screen])
            return
        way = (self.focused or self.screen).ancestors_with_self
        self._keys_sent += 1
        try:
            await super().on_event(self._typed.popleft())
        finally:  # up to the app, which looks for a binding; then what that sends: that a row was chosen, say
            self._follow(self._keys_sent, [*way, *way])

    def _follow(self, sent: int, nodes: Sequence[MessagePump]) -> None:
        """Go on when ``nodes``, each after the one before, and then the app have done what now waits in their queues.
        A node that has been closed is passed over."""
        for place, node in enumerate(nodes):
            if node.call_later(self._follow, sent, nodes[place + 1 :]):
                return
        self.call_next(self.call_later, self._go_on, sent)

    async def _go_on(self, sent: int) -> None:
        if sent == self._keys_sent:  # else it took so long that it was not waited for
            await self._send_next_key()

    async def _look_if_stuck(self) -> None:
        """A handler that does not return must not keep the keyboard to itself."""
        stuck = bool(self._typed) and self._keys_sent == self._sent_at_look
        self._sent_at_look = self._keys_sent
        if stuck:
            await self._send_next_key()
