"""An Engine without a model: deterministic answers that match each request's schema, for every test that is not about
the engine.

Without ``answer`` a reply is the smallest interesting JSON text that the request's schema allows, chosen by a hash of
the prompt, so that different prompts get different answers and the same prompt always gets the same one. Errors, delays
and cut-off replies can be asked for. It keeps the promises of the protocol: requests are read lazily, each gets exactly
one Reply, cancel is honoured.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from leads_local.engine.types import FinishReason, ModelInfo, Reply, Request
from leads_local.errors import ModelError

_WORDS = [
    "adults",
    "children",
    "aspirin",
    "placebo",
    "pain",
    "score",
    "trial",
    "randomised",
    "weeks",
    "baseline",
    "follow-up",
    "dose",
    "control",
    "sleep",
    "blood",
    "pressure",
]


def answer_for(schema: Mapping[str, Any], seed: str) -> Any:
    """A value that matches ``schema`` (the subset that leads-local uses), the same for the same ``seed``."""
    digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()
    return _value(schema, schema, random.Random(digest))


def _value(schema: Mapping[str, Any], root: Mapping[str, Any], rng: random.Random) -> Any:
    if "$ref" in schema:
        target: Any = root
        for key in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[key]
        return _value(target, root, rng)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(list(schema["enum"]))
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _value(rng.choice(list(schema[key])), root, rng)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = rng.choice(kind)
    return _KINDS[kind](schema, root, rng)


def _object(schema: Mapping[str, Any], root: Mapping[str, Any], rng: random.Random) -> dict[str, Any]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    required = set(schema.get("required", ()))
    return {
        name: _value(part, root, rng) for name, part in properties.items() if name in required or rng.random() < 0.8
    }


def _array(schema: Mapping[str, Any], root: Mapping[str, Any], rng: random.Random) -> list[Any]:
    least = int(schema.get("minItems", 0))
    most = min(int(schema.get("maxItems", max(least, 3))), max(least, 3))
    first = [_value(part, root, rng) for part in schema.get("prefixItems", ())]
    items = schema.get("items", {"type": "string"})
    count = max(rng.randint(max(least, min(1, most)), most) - len(first), 0)
    return first + [_value(items, root, rng) for _ in range(count)]


def _string(schema: Mapping[str, Any], _root: Mapping[str, Any], rng: random.Random) -> str:
    least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 80))
    text = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(2, 8)))
    while len(text) < least:
        text += " " + rng.choice(_WORDS)
    return text[: max(most, least)].strip().ljust(least, "x")


def _number(schema: Mapping[str, Any], _root: Mapping[str, Any], rng: random.Random) -> int:
    least = int(schema.get("minimum", 0))
    return rng.randint(least, int(schema.get("maximum", least + 200)))


_KINDS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any], random.Random], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": lambda _schema, _root, rng: rng.random() < 0.5,
    "null": lambda _schema, _root, _rng: None,
}


class FakeEngine:
    """See the module. All arguments are keywords except ``answer``.

    answer      the text to reply with, or a Reply (its id is set); an Exception makes an error reply of it
    errors      request id → reason: these requests fail with ``FinishReason.ERROR``
    cut         ids whose text is cut in half and ends with ``FinishReason.LENGTH``
    delay       seconds each request takes; cancel interrupts it
    dies_after  that many replies, then run() raises ModelError, as when a model can't be started again
    reverse     give replies in reverse order within each window of ``window`` requests
    window      how many requests are read ahead, as an engine with that many sequences does
    """

    def __init__(
        self,
        answer: Callable[[Request], str | Reply] | None = None,
        *,
        errors: Mapping[str, str] | None = None,
        cut: Iterable[str] = (),
        delay: float = 0.0,
        dies_after: int | None = None,
        reverse: bool = False,
        window: int = 4,
        model: ModelInfo | None = None,
    ) -> None:
        self._answer = answer
        self._errors = dict(errors or {})
        self._cut = frozenset(cut)
        self._delay = delay
        self._dies_after = dies_after
        self._reverse = reverse
        self._window = window
        self._model = model or ModelInfo(
            name="fake",
            path="fake.gguf",
            sha256="0" * 64,
            architecture="llama",
            quantization="F32",
            parameters=1,
            context=4096,
            sequences=window,
        )
        self.seen: list[Request] = []
        self.counted: list[str] = []
        self.closed = False
        self._given = 0

    @property
    def model(self) -> ModelInfo:
        return self._model

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """One token for every four characters, as a stand-in that grows with the text."""
        self.counted.extend(texts)
        return [(len(text) + 3) // 4 for text in texts]

    def run(self, requests: Iterable[Request], cancel: threading.Event | None = None) -> Iterator[Reply]:
        cancel = cancel or threading.Event()
        window: list[Request] = []
        for request in requests:
            self.seen.append(request)
            window.append(request)
            if len(window) == self._window:
                yield from self._replies(window, cancel)
                window = []
        yield from self._replies(window, cancel)

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _replies(self, window: list[Request], cancel: threading.Event) -> Iterator[Reply]:
        for request in reversed(window) if self._reverse else window:
            if self._dies_after is not None and self._given >= self._dies_after:
                raise ModelError("The model process ended twice.", "See the log file.")
            self._given += 1
            yield self._reply(request, cancel)

    def _reply(self, request: Request, cancel: threading.Event) -> Reply:
        started = time.monotonic()
        stopped = cancel.wait(self._delay) if self._delay else cancel.is_set()
        if stopped:
            return Reply(request.id, finish=FinishReason.CANCELLED, seconds=time.monotonic() - started)
        if request.id in self._errors:
            return Reply(request.id, finish=FinishReason.ERROR, error=self._errors[request.id])
        try:
            given = self._answer(request) if self._answer else self._default(request)
        except Exception as error:
            return Reply(request.id, finish=FinishReason.ERROR, error=str(error))
        if isinstance(given, Reply):
            return replace(given, id=request.id)
        cut = request.id in self._cut
        text = given[: len(given) // 2] if cut else given
        prompt, output = self.count_tokens([request.prompt, text])
        return Reply(
            request.id,
            text=text,
            finish=FinishReason.LENGTH if cut else FinishReason.STOP,
            prompt_tokens=prompt,
            output_tokens=output,
            forced_tokens=output // 3,
            seconds=time.monotonic() - started,
            margin=1.0,
        )

    def _default(self, request: Request) -> str:
        if request.schema is None:
            return str(answer_for({"type": "string"}, request.prompt))
        return json.dumps(answer_for(request.schema, request.prompt), ensure_ascii=False)
