"""Files of every kind that the program reads, with changed bytes: each is read, or refused with one of our sentences,
in time.

    python -m tests.torture.inputs ROUNDS [SEED]

The files that are changed are written by the program itself or stand here; nothing is read from outside the repository.
"""

from __future__ import annotations

import json
import random
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from convert import gguf_reader, safetensors
from convert.errors import ConvertError
from leads_local import citations, config
from leads_local.engine import header
from leads_local.errors import LeadsError
from leads_local.records import Citation
from leads_local.review import rescue
from leads_local.tasks import forms
from tests.torture import rounds

PATIENCE = 30.0  # seconds for one file

XML = """<?xml version="1.0" encoding="UTF-8"?><xml><records><record><ref-type name="Journal Article">17</ref-type><contributors>
<authors><author>Ito, Mai</author></authors></contributors><titles><title>Walking for knées</title></titles><dates><year>2019</year></dates>
<abstract>We randomised 84 adults.</abstract></record></records></xml>"""
PUBMED = """<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>Walking</ArticleTitle><Abstract>
<AbstractText Label="AIM">We ran</AbstractText></Abstract><Journal><JournalIssue><PubDate><Year>2019</Year></PubDate>
</JournalIssue></Journal></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"""
NBIB = (
    "PMID- 1\nTI  - Walking\n      for knees\nAU  - Ito M\nDP  - 2019 May\nAB  - We ran.\nLID - 10.1/x "
    "[doi]\n\nPMID- 2\nTI  - Other\n"
)
BIBTEX = (
    "@article{a, title = {Walking {K}nees}, author = {Ito, Mai and Ann, B}, year = 2019, doi = "
    '{10.1/x}}\n@string{x = "y"}\n'
)
OVID = (
    "<1>\nUnique Identifier\n  123\nTitle\n  Walking for knees\nAuthors\n  Ito M.\nAbstract\n  We "
    "ran.\n\n<2>\nTitle\n  Other\n"
)
ENW = "%0 Journal Article\n%T Walking\n%A Ito, M\n%D 2019\n%X We ran.\n\n%0 Book\n%T Other\n"
FORM = """title = "Exercise"
[[field]]
name = "Setting"
description = "places"
[[outcome]]
name = "Pain"
definition = "any"
[[measure]]
name = "Age"
definition = "when it began"
param_type = "Mean"
unit = "years"
"""
SETTINGS = 'model = "/m/x.gguf"\nthreads = 2\nreviewer = "Kim"\n'
SUBJECT = {"source": "s", "number": 1, "title": "t", "record": 1}
ACT = {
    "kind": "decide",
    "at": "x",
    "reviewer": "K",
    "subject": SUBJECT,
    "said": {"stage": "abstract", "choice": "include", "reason": ""},
}
RESCUED = json.dumps({"format": "leads-local rescue 1", "review": "1"}) + "\n" + json.dumps(ACT) + "\n"


def gguf() -> bytes:
    """A small model file with metadata of several types."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    entries = [
        text("general.architecture") + struct.pack("<I", 8) + text("llama"),
        text("llama.context_length") + struct.pack("<II", 4, 2048),
        text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 3) + text("a") + text("b") + text("c"),
        text("tokenizer.chat_template") + struct.pack("<I", 8) + text("{{ messages[0]['content'] }}"),
    ]
    tensor = text("token_embd.weight") + struct.pack("<IQQIQ", 2, 32, 3, 0, 0)
    return b"GGUF" + struct.pack("<IQQ", 3, 1, len(entries)) + b"".join(entries) + tensor + bytes(512)


def weights() -> bytes:
    head = json.dumps({"model.norm.weight": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(16)


Read = Callable[[Path], object]
# kind: (how it is read, endings of its name, how often it is chosen)
KINDS: dict[str, tuple[Read, tuple[str, ...], int]] = {
    "citations": (citations.read_file, (".txt", ".ris", ".csv", ".xml", ".nbib", ".bib", ".jsonl"), 8),
    "form": (forms.load, (".toml",), 2),
    "settings": (config.load, (".toml",), 1),
    "rescued acts": (rescue.read_acts, (".jsonl",), 1),
    "GGUF": (header.read, (".gguf",), 2),
    "GGUF with its lists": (gguf_reader.read_gguf, (".gguf",), 1),
    "safetensors": (safetensors.read_header, (".safetensors",), 2),
}
TOKENS = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n\n\n",
        b"<!ENTITY x 'y'>",
        b"&x;",
        b"]]>",
        b"{" * 50,
        b"[" * 2000,
        b'"',
        b"1e999",
    ),
    *(
        b"-" * 80,
        b"9" * 400,
        "\u202e\U000e0041".encode(),
        b"%0 ",
        b"TY  - ",
        b"ER  - ",
        b"\\u0000",
        b"@",
        b"= {",
        b"<record>",
        b'"""',
    ),
)


def prepare(folder: Path) -> dict[str, list[bytes]]:
    """The files before they are changed, by kind."""
    records = [
        Citation(title=f"Walking {n}", abstract="We ran é", authors=("Ito, M",), year=2019, doi=f"10.5555/{n}")
        for n in range(4)
    ]
    exports = [text.encode() for text in (XML, PUBMED, NBIB, BIBTEX, OVID, ENW)]
    for form in ("ris", "csv", "jsonl"):
        citations.write(file := folder / f"made.{form}", records, form)
        exports.append(file.read_bytes())
    exports.append(exports[6].decode("utf-8-sig").encode("utf-16"))
    others = {"form": FORM, "settings": SETTINGS, "rescued acts": RESCUED}
    return {
        "citations": exports,
        **{kind: [text.encode()] for kind, text in others.items()},
        "GGUF": [gguf()],
        "GGUF with its lists": [gguf()],
        "safetensors": [weights()],
    }


def changed(data: bytes, chance: random.Random) -> bytes:
    """``data`` with one to many changes."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        at = chance.randrange(len(made) + 1)
        way = chance.randrange(7)
        if way == 0 and made:
            made[at % len(made)] ^= 1 << chance.randrange(8)
        elif way == 1:
            del made[at : at + chance.choice((1, 3, 40, 400))]
        elif way == 2:
            made[at:at] = chance.choice(TOKENS)
        elif way == 3:
            made[at:at] = made[at : at + chance.choice((5, 50, 500))] * chance.choice((1, 3, 200))
        elif way == 4:
            made[at:at] = chance.randbytes(chance.choice((1, 8, 100)))
        elif way == 5:
            made = made[:at]
        else:
            other = chance.randrange(len(made) + 1)
            made[at:at] = made[other : other + 60]
        made = made[: 1 << 20]
    return bytes(made)


def one(folder: Path, given: dict[str, list[bytes]], chance: random.Random) -> tuple[str, str, str]:
    """One round: (kind of file, "read" or "refused", "")."""
    kind = chance.choices(list(KINDS), [share for _, _, share in KINDS.values()])[0]
    read, endings, _ = KINDS[kind]
    path = folder / f"file{chance.choice(endings)}"
    path.write_bytes(changed(chance.choice(given[kind]), chance))
    try:
        read(path)
    except (LeadsError, ConvertError) as error:
        assert path.name in str(error), f"the sentence does not name the file: {error}"
        assert "fault of leads-local" not in str(error), str(error)
        return kind, "refused", ""
    return kind, "read", ""


def run(number: int, seed: int, processes: int = 2) -> tuple[rounds.Counts, list[str]]:
    """(how often each kind was read or refused, the rounds that went wrong)."""
    return rounds.run("tests.torture.inputs", number, seed, {"read", "refused"}, PATIENCE, processes)


if __name__ == "__main__":
    sys.exit(rounds.report(run, sys.argv[1:]))
