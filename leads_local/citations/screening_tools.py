"""The ways in which Rayyan, ASReview, Covidence, EPPI-Reviewer and our own exports tell decisions within a record.

Each reader takes the fields of one record that are no part of its citation (``Citation.extra``) and returns what its
tool says there; a ``Told`` that is empty where that tool says nothing. Nothing is guessed: what has the form of a
decision and can't be read is named in ``unclear``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from leads_local.citations import choice_words
from leads_local.citations.told import Told, ToldDecision, ToldNote, Tool, each_once
from leads_local.records import Choice, Stage

Fields = Sequence[tuple[str, str]]
_NOTES = frozenset(("n1", "rn", "note", "notes", "research notes", "annote", "user notes", "n2"))
OUR_MARK = "leads-local "
"""What our own exports write into notes begins so: then what it is, a colon, and JSON."""


@lru_cache(maxsize=4096)
def column_name(tag: str) -> str:
    """A column's or tag's name without regard to case, underscores and space at its ends."""
    return " ".join(tag.replace("_", " ").replace("-", " ").split()).casefold()


def _notes_of(fields: Fields) -> list[str]:
    return [value for tag, value in fields if column_name(tag) in _NOTES]


# ---------------------------------------------------------------- Rayyan

_RAYYAN_PART = re.compile(r"(?:^|(?<=[|\s]))(RAYYAN-[A-Z-]+|USER-NOTES)\s*:\s*")
_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_PAIR = re.compile(_QUOTED + r"\s*(?:=>|:)\s*(?:" + _QUOTED + r"|\[((?:\s*" + r'"(?:[^"\\]|\\.)*"' + r"\s*,?)*)\])")
_RAYYAN_CHOICES = {"included": Choice.INCLUDE, "excluded": Choice.EXCLUDE, "maybe": Choice.MAYBE}
_RAYYAN_BARE = re.compile(r"=>\s*(true|false|included|excluded|maybe)\b", re.IGNORECASE)
_RAYYAN_WORDS = {"true": "Included", "false": "Excluded"}
_AS_REASON = "__EXR__"


def read_rayyan(fields: Fields) -> Told:
    """``RAYYAN-INCLUSION: {"Ann"=>"Excluded"} | RAYYAN-LABELS: a,b | RAYYAN-EXCLUSION-REASONS: … | USER-NOTES: …`` in
    the notes. Its reasons are the record's, not a reviewer's: each who excluded gets them."""
    parts: dict[str, list[str]] = {}
    for tag, value in fields:
        if column_name(tag).startswith("rayyan "):  # a column for each part
            parts.setdefault(tag.strip().upper().replace(" ", "-").replace("_", "-"), []).append(value)
    for note in _notes_of(fields):
        for name, text in _rayyan_parts(note):
            parts.setdefault(name, []).append(text)
    if not parts:
        return Told(Tool.RAYYAN)
    labels = each_once(label for text in parts.pop("RAYYAN-LABELS", ()) for label in text.split(","))
    given = [text for text in parts.pop("RAYYAN-EXCLUSION-REASONS", ()) for text in text.split(",")]
    given += [label.removeprefix(_AS_REASON) for label in labels if label.startswith(_AS_REASON)]
    decisions, unclear = _rayyan_decisions(parts.pop("RAYYAN-INCLUSION", []), "; ".join(each_once(given)))
    noted = [text for name in ("USER-NOTES", "RAYYAN-USER-NOTES", "RAYYAN-NOTES") for text in parts.pop(name, ())]
    notes = tuple(note for text in noted for note in _rayyan_notes(text))
    unclear += [f"{name}: {text[:60]}" for name, texts in parts.items() for text in texts]
    tags = tuple(label for label in labels if not label.startswith(_AS_REASON))
    return Told(Tool.RAYYAN, tuple(decisions), tags, notes, tuple(unclear))


def _rayyan_parts(note: str) -> Iterator[tuple[str, str]]:
    found = list(_RAYYAN_PART.finditer(note))
    for place, match in enumerate(found):
        end = found[place + 1].start() if place + 1 < len(found) else len(note)
        yield match[1], note[match.end() : end].strip().rstrip("|").strip()


def _rayyan_decisions(texts: Sequence[str], reason: str) -> tuple[list[ToldDecision], list[str]]:
    decisions, unclear = list[ToldDecision](), list[str]()
    for text in texts:  # exports of some years ago have true and false without quotation marks
        text = _RAYYAN_BARE.sub(lambda found: f'=>"{_RAYYAN_WORDS.get(found[1].lower(), found[1])}"', text)
        pairs = list(_PAIR.finditer(text))
        if not pairs and text.strip("{} "):
            unclear.append(f"RAYYAN-INCLUSION: {text[:60]}")
        for pair in pairs:
            who, said = _unquoted(pair[1]).strip(), _unquoted(pair[2] or "")
            choice = _RAYYAN_CHOICES.get(said.strip().casefold())
            if choice is not None:
                decisions.append(ToldDecision(choice, who, reason=reason if choice is Choice.EXCLUDE else ""))
            elif said.strip().casefold() not in ("undecided", ""):
                unclear.append(f"{who}: {said[:40]}")
    return decisions, unclear


def _rayyan_notes(text: str) -> Iterator[ToldNote]:
    pairs = list(_PAIR.finditer(text))
    for pair in pairs:
        many = [_unquoted(one) for one in re.findall(_QUOTED, pair[3] or "")] or [_unquoted(pair[2] or "")]
        if told := "\n".join(each_once(many)):
            yield ToldNote(told, _unquoted(pair[1]).strip())
    if not pairs and text.strip("{}[] "):
        yield ToldNote(text.strip())


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


# ---------------------------------------------------------------- ASReview

_ASREVIEW_MARK = re.compile(r"\bASReview_(relevant|irrelevant|not_seen)\b")
_ASREVIEW_NOTES = re.compile(r"(?:asreview note|asreview notes|exported notes(?: \d+)?)")
_ASREVIEW_LABELS = ("asreview label", "asreview included")


def read_asreview(fields: Fields) -> Told:
    """``ASReview_relevant`` among the notes, or the columns ``asreview_label``, ``asreview_note``, ``asreview_tags``,
    ``asreview_user_name`` and ``asreview_time``."""
    columns = {column_name(tag): value.strip() for tag, value in reversed(fields)}
    marks = {mark for note in _notes_of(fields) for mark in _ASREVIEW_MARK.findall(note)}
    who, at = columns.get("asreview user name", ""), columns.get("asreview time", "")
    unclear = list[str]()
    choices = {Choice.INCLUDE if mark == "relevant" else Choice.EXCLUDE for mark in marks - {"not_seen"}}
    for name in _ASREVIEW_LABELS:
        said = choice_words.read(columns.get(name, ""))
        choices |= {said.choice} if said.choice is not None else set()
        unclear += [] if said.understood else [f"{name}: {columns[name][:40]}"]
    if len(choices) > 1:
        unclear, choices = [*unclear, "relevant and irrelevant at once"], set()
    decisions = tuple(ToldDecision(choice, who, at=at) for choice in choices)
    texts = each_once(text for name, text in columns.items() if _ASREVIEW_NOTES.fullmatch(name))
    notes = (ToldNote("\n".join(texts), who),) if texts else ()
    return Told(Tool.ASREVIEW, decisions, _listed(columns.get("asreview tags", "")), notes, tuple(unclear))


def _listed(text: str) -> tuple[str, ...]:
    """A cell of several values: a JSON list of texts, else what stands between semicolons or commas."""
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = re.findall(r"'([^']*)'", text)
        names = [one.get("name", "") if isinstance(one, dict) else str(one) for one in found]
        return each_once(map(str, names))
    return each_once(re.split(r"[;,]", text))


# ---------------------------------------------------------------- Covidence

_COVIDENCE_REASON = re.compile(r"Exclusion reason:\s*(.*?)\s*(?:;|$)", re.MULTILINE)
_COVIDENCE_NOTE = re.compile(
    r"(?:^|(?<=;)|(?<=\n))\s*(?P<who>[^;()\n]+?)\s*\((?P<at>\d{4}-\d\d-\d\d[^()]*)\)\((?P<where>[^()]*)\):\s*"
    r"(?P<text>.*?)\s*(?=;\s*(?:[^;()\n]+\(\d{4}-|$)|;?\s*$)",
    re.DOTALL,
)


def read_covidence(fields: Fields) -> Told:
    """``Exclusion reason: …;`` among the notes of a row with a Covidence number. Covidence asks for reasons with full
    texts only, so the abstract was included before; who decided, it doesn't say."""
    columns = {column_name(tag): value for tag, value in reversed(fields)}
    if "covidence #" not in columns and "covidence" not in columns:
        return Told(Tool.COVIDENCE)
    text = columns.get("notes", "")
    reasons = each_once(_COVIDENCE_REASON.findall(text))
    decisions = (
        (
            ToldDecision(Choice.INCLUDE, stage=Stage.ABSTRACT),
            ToldDecision(Choice.EXCLUDE, stage=Stage.FULLTEXT, reason="; ".join(reasons)),
        )
        if reasons
        else ()
    )
    told = [(match["who"].strip(), match["text"].strip()) for match in _COVIDENCE_NOTE.finditer(text)]
    notes = tuple(ToldNote("\n".join(t for w, t in told if w == who), who) for who in dict.fromkeys(w for w, _ in told))
    rest = _COVIDENCE_NOTE.sub("", _COVIDENCE_REASON.sub("", text)).strip(" ;\n")
    notes = (*notes, *((ToldNote(rest),) if rest else ()))
    return Told(Tool.COVIDENCE, decisions, _listed(columns.get("tags", "")), notes)


# ---------------------------------------------------------------- EPPI-Reviewer

_EPPI_FLAGS = ("i/e/d/s flag", "i/e/d/s")
_EPPI_CODE = re.compile(r"(?P<word>includ|exclud)\w*\b\W*(?P<rest>.*)", re.IGNORECASE)
_AT_STAGE = ((re.compile(r"title|abstract|\bt/?a\b", re.IGNORECASE), Stage.ABSTRACT),
             (re.compile(r"full.?(?:text|report)", re.IGNORECASE), Stage.FULLTEXT))  # fmt: skip
_NOT_GIVEN = frozenset(("", "0", "no", "false"))


def read_eppi(fields: Fields) -> Told:
    """The column ``I/E/D/S flag`` of EPPI-Reviewer's reports, with the codes beside it (``EXCLUDE on population``),
    under which the names of those stand who gave them."""
    flag = next((value.strip() for tag, value in fields if tag.strip().casefold() in _EPPI_FLAGS), "")
    if not flag:
        return Told(Tool.EPPI)
    letter = flag.strip("() ").casefold()
    coded = list(_eppi_codes(fields))
    if letter in ("i", "e", "included", "excluded"):
        choice = Choice.INCLUDE if letter[0] == "i" else Choice.EXCLUDE
        alike = [one for one in coded if one.choice is choice]
        return Told(Tool.EPPI, tuple(coded) if alike else (*coded, ToldDecision(choice)))
    known = letter in ("d", "s", "deleted", "duplicate")
    return Told(Tool.EPPI, unclear=() if known else (f"I/E/D/S flag: {flag[:40]}",))


def _eppi_codes(fields: Fields) -> Iterator[ToldDecision]:
    for tag, value in fields:
        code = _EPPI_CODE.fullmatch(tag.strip())
        if code is None or value.strip().casefold() in _NOT_GIVEN:
            continue
        rest = re.sub(r"^on\s+", "", code["rest"].strip(), flags=re.IGNORECASE)
        stage = next((stage for pattern, stage in _AT_STAGE if pattern.search(rest)), None)
        choice = Choice.INCLUDE if code["word"].casefold() == "includ" else Choice.EXCLUDE
        reason = rest if choice is Choice.EXCLUDE and stage is None else ""
        named = each_once(re.split(r"[;,\n]", value))
        for who in ("",) if value.strip().casefold() in ("1", "x", "yes", "true") else named:
            yield ToldDecision(choice, re.sub(r"\s*\[.*?\]$", "", who), stage, reason)


# ---------------------------------------------------------------- our own


def is_our_mark(value: str) -> bool:
    """Whether a note is one that our own exports write."""
    return value.startswith((f"{OUR_MARK}decision: ", f"{OUR_MARK}note: ", f"{OUR_MARK}tags: "))


def read_ours(fields: Fields) -> Told:
    """``leads-local decision: {"choice": …}`` and its like, which every export of ours for other programs has among
    its notes."""
    decisions, tags, notes, unclear = list[ToldDecision](), list[str](), list[ToldNote](), list[str]()
    lines = (line for _, value in fields if OUR_MARK in value for line in value.split("\n"))
    for line in lines:
        plain = re.sub(r"^<p>|</p>$", "", line.strip())
        if not is_our_mark(plain):
            continue
        what, _, text = plain.removeprefix(OUR_MARK).partition(": ")
        try:
            said = json.loads(text)
            if what == "decision":
                decisions.append(_our_decision(said))
            elif what == "note":
                notes.append(ToldNote(str(said["text"]), str(said["reviewer"])))
            else:
                tags += map(str, said)
        except (ValueError, KeyError, TypeError, RecursionError):
            unclear.append(plain[:60])
    return Told(Tool.OURS, tuple(decisions), each_once(tags), tuple(notes), tuple(unclear))


def _our_decision(said: dict[str, str]) -> ToldDecision:
    choice, stage = Choice(said["choice"]), Stage(said["stage"])
    return ToldDecision(choice, str(said["reviewer"]), stage, str(said.get("reason", "")), str(said.get("at", "")))
