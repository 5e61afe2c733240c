"""From a user's text to the exact token ids that the model was trained on, by the GGUF's own chat template.

The template is rendered in a sandbox (``rendering``) around a mark; what stands before and after the mark are the
template's own pieces, and only they are parsed for special tokens. The text from outside goes between them and stays
text: ``[INST]`` in a paper is eight characters. Two traps are met here. A SentencePiece tokenizer puts a space before a
text that follows a special token, and templates write that space too: it is taken out of the template. And plain words
of a template that touch the text are tokenized together with it, as in training. A model without a template gets the
Mistral layout when its vocabulary has ``[INST]`` and ``[/INST]`` as special tokens, and else begin-of-text followed by
the bare text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from leads_local.engine import rendering

_MARK = "\ue000user text\ue001"  # private-use characters, which no template holds
MISTRAL = "{{ bos_token }}[INST] {{ messages[0]['content'] }}[/INST]"
PLAIN = "{{ bos_token }}{{ messages[0]['content'] }}"


class TemplateUnusable(ValueError):
    """The chat template can't be rendered, or does not hold the user's text exactly once."""


@dataclass(frozen=True, slots=True)
class TemplateStyle:
    """One user turn: special ids, plain text, the user's text, plain text, special ids. ``trims``: the text loses its
    outer white space."""

    head: tuple[int, ...]
    before: str
    after: str
    tail: tuple[int, ...]
    trims: bool

    def ids(self, text: str, tokenize: Callable[[str], list[int]]) -> list[int]:
        """Token ids of the turn with ``text`` in it; ``tokenize`` must not parse special tokens."""
        text = text.strip() if self.trims else text
        whole = self.before + text + self.after
        return [*self.head, *(tokenize(whole) if whole else []), *self.tail]


def derive_style(
    template: str,
    special: Mapping[str, int],
    *,
    bos: int,
    eos: int,
    adds_bos: bool,
    adds_space: bool,
    tokenize: Callable[[str, bool], list[int]],
) -> TemplateStyle:
    """The layout that ``template`` (jinja2, "" when the model has none) gives one user turn.

    ``special`` maps the text of each special token to its id; ``tokenize(text, special)`` gives ids without BOS, with
    special tokens parsed or not. Raises TemplateUnusable.
    """
    template = template or (MISTRAL if {"[INST]", "[/INST]"} <= special.keys() else PLAIN)
    texts = {id: text for text, id in special.items()}
    names = {"bos_token": texts.get(bos, ""), "eos_token": texts.get(eos, "")}
    before, after, trims = _split_at_user_text(template, names)
    head, plain = _after_last(before, special)
    lead, tail = _before_first(after, special)
    if adds_space and head and plain.startswith(" "):
        plain = plain[1:]
    ids = tokenize(head, True) if head else []
    if adds_bos and bos >= 0 and ids[:1] != [bos]:
        ids.insert(0, bos)
    return TemplateStyle(tuple(ids), plain, lead, tuple(tokenize(tail, True) if tail else ()), trims)


def _split_at_user_text(template: str, names: Mapping[str, str]) -> tuple[str, str, bool]:
    """What the template puts before and after the user's text, and whether it takes white space off that text."""
    try:
        bare, spaced = rendering.render(template, (_MARK, f"\n {_MARK} \n"), names)
    except rendering.Unrenderable as error:
        raise TemplateUnusable(f"the model's chat template can't be rendered: {error}") from error
    for text in (bare, spaced):
        if text.count(_MARK) != 1:
            raise TemplateUnusable("the model's chat template does not hold the user's text exactly once")
    before, after = bare.split(_MARK)
    return before, after, bare == spaced


def _after_last(text: str, special: Mapping[str, int]) -> tuple[str, str]:
    """``text`` cut after the last special token in it."""
    end = max((text.rfind(token) + len(token) for token in special if token in text), default=0)
    return text[:end], text[end:]


def _before_first(text: str, special: Mapping[str, int]) -> tuple[str, str]:
    """``text`` cut before the first special token in it."""
    start = min((text.find(token) for token in special if token in text), default=len(text))
    return text[:start], text[start:]
