"""Which citations are about one another without being one report, by their titles and kinds, and in plain words how:
a correction and its paper, a protocol and its results, an abstract of a congress, a preprint, versions, parts.

They are never duplicates, and whether they are reports of one study a person says. Unlike ``companions``, which goes by
authors and topics, this goes by one title under which all of them stand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from leads_local.citations.comparing import Features, fold_citation, same_first_author
from leads_local.citations.titles import STOP_WORDS
from leads_local.records import Citation

_MOST_UNDER_ONE_TITLE = 20  # reports; more have a title that says nothing
_FEWEST_WORDS = 4  # of a title that says whose report it is, without an author
_NOTICES = {
    "correction": "a correction of",
    "retraction": "a retraction notice of",
    "withdrawn": "a retraction notice of",
    "reply": "a reply to",
    "comment": "a comment on",
    "editorial": "an editorial on",
}
_STAGES = {
    "protocol": "the protocol of",
    "rationale": "the rationale of",
    "interim": "interim results of",
    "preliminary": "preliminary results of",
    "update": "an update of",
    "abstract": "an abstract of",
}
_NOISE = re.compile(
    r"\b(?:(?:study|trial|review) )?protocols?\b|\brationale\b|\bdesign\b|"
    r"\b(?:interim|preliminary|final|main|primary|long term|follow up)? ?(?:results?|findings|report|analys[ie]s)\b|"
    r"\bupdated?\b|\babstract\b|\bresponse\b|\bfollow up\b|"
    r"\b(?:randomi[sz]ed|controlled|clinical|trial|study|(?:systematic )?review)\b"
)
_PART = re.compile(r"\b(?:part|paper|study|report|chapter) (\d{1,2}|one|two|three|four)\b")
_VERSION = re.compile(r"\.pub\d+$")
_COCHRANE = "10.1002/14651858."


@dataclass(frozen=True, slots=True)
class Related:
    """Two reports (positions in what was given) that are about one another, ascending, and how."""

    one: int
    other: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Report:
    features: Features
    title: str
    part: str
    roles: frozenset[str]


def find(citations: Sequence[Citation]) -> list[Related]:
    """All pairs of these that are about one another."""
    items = [_fold(citation) for citation in citations]
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        for key in {item.title, _without_version(item.features.doi)} - {""}:
            blocks[key].append(place)
    found: dict[tuple[int, int], str] = {}
    for block in blocks.values():
        if len(block) <= _MOST_UNDER_ONE_TITLE:
            for one, other in combinations(block, 2):
                if reason := _relate(items[one], items[other]):
                    found[one, other] = reason
    return [Related(*pair, reason) for pair, reason in sorted(found.items())]


def _fold(citation: Citation) -> _Report:
    features = fold_citation(citation)
    title = features.title
    parts = _PART.findall(title.text)
    bare = _NOISE.sub(" ", _PART.sub(" ", title.text))
    words = [word for word in bare.split() if word not in STOP_WORDS]
    kinds = {"conference"} if features.conference else {"preprint"} if features.preprint else set()
    return _Report(features, " ".join(words), parts[0] if parts else "", title.markers | title.beside | kinds)


def _without_version(doi: str) -> str:
    """What the versions of a Cochrane review have in common."""
    return _VERSION.sub("", doi) if doi.startswith(_COCHRANE) else ""


def _relate(a: _Report, b: _Report) -> str:
    one, other = a.features, b.features
    if one.doi != other.doi and _without_version(one.doi) and _without_version(one.doi) == _without_version(other.doi):
        return "versions of one Cochrane review"
    author = same_first_author(one, other)
    if a.title != b.title or (len(a.title.split()) < _FEWEST_WORDS and not author):
        return ""
    for role, words in _NOTICES.items():
        if (role in a.roles) != (role in b.roles):
            return f"one is {words} the other"
    if author is False:
        return ""
    for role, words in _STAGES.items():
        if (role in a.roles) != (role in b.roles):
            return f"one is {words} the other"
    if a.part and b.part and a.part != b.part:
        return "parts of one series"
    for role, words in (("conference", "an abstract of a congress"), ("preprint", "a preprint")):
        if (role in a.roles) != (role in b.roles):
            return f"one is {words}, the other the paper"
    return ""
