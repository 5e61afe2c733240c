"""Invented files around three invented trials: the papers themselves, what belongs to them, and what only speaks of
them.

``python -m tests.documents.decoys FOLDER`` writes them as PDFs, with the trials as ``trials.ris``.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymupdf

from leads_local.documents.file_kinds import FileKind
from leads_local.records import Citation

TRIALS = (
    Citation(
        title="Supervised aquatic exercise for chronic low back pain in older women: a randomised controlled trial",
        authors=("Lindqvist, Mårten", "Obi, Ngozi", "van der Meer, T."),
        year=2021,
        journal="Journal of Invented Rehabilitation",
        doi="10.5555/jir.2021.0077",
    ),
    Citation(
        title="Early feeding after surgery of the bowel and length of stay: the FEDUP trial",
        authors=("Kowalczyk AB", "Duarte F", "Smith JA Jr"),
        year=2018,
        journal="Annals of Made-up Surgery",
        doi="10.5555/ams-18-04123",
    ),
    Citation(
        title="Effect of zoltrexin 20 mg versus placebo on attacks of migraine in adults",
        authors=("Ng, Q.", "Østergård, L."),
        year=2015,
        journal="Headache Reports of Nowhere",
        doi="10.5555/hrn.12.345",
    ),
)
_BODY = (
    "Participants were recruited in four towns and followed for a year. Their pain, walking and sleep were measured at "
    "home by staff who did not know the groups. Most of them came to all visits, and few were lost. The groups were "
    "alike in age, weight and work. We asked each about medicines, falls and days in bed, and counted what they said. "
)
BIG, MIDDLE, SMALL = 16, 11, 9


@dataclass(frozen=True)
class Decoy:
    """``lines``: size and text of each paragraph of the first page. ``kinds``: what the file may become without asking,
    None standing for none; of which trial, says ``trial``."""

    name: str
    trial: int
    lines: tuple[tuple[int, str], ...]
    kinds: tuple[FileKind | None, ...]
    info: tuple[tuple[str, str], ...] = ()


def decoys() -> Iterator[Decoy]:
    """Each kind of file for each trial."""
    for trial, citation in enumerate(TRIALS):
        for name, kinds, lines, info in _of(citation):
            yield Decoy(f"{trial}-{name}", trial, (*lines, (SMALL, _BODY), (SMALL, _BODY)), kinds, info)


_Told = tuple[str, tuple[FileKind | None, ...], tuple[tuple[int, str], ...], tuple[tuple[str, str], ...]]
_PAPER, _SUPPLEMENT, _PROTOCOL, _CORRECTION = (
    (kind,) for kind in (FileKind.PAPER, FileKind.SUPPLEMENT, FileKind.PROTOCOL, FileKind.CORRECTION)
)
_ASKED = (None,)


def _of(c: Citation) -> Iterator[_Told]:
    authors = ", ".join(author.replace(",", "") for author in c.authors)
    masthead = f"{c.journal} {c.year};4:1-9 https://doi.org/{c.doi}"
    short = c.title.split(":")[0]
    cited = f"{authors}. {c.title}. {c.journal} {c.year}. doi:{c.doi}"
    bare = (BIG, c.title)
    by = (MIDDLE, authors)
    abstract = ((MIDDLE, "Abstract"), (SMALL, f"Background. {_BODY}"))

    yield "paper", _PAPER, ((SMALL, masthead), bare, by, *abstract), ()
    yield "paper-no-doi", _PAPER, (bare, by, (SMALL, f"Received in May {c.year}"), *abstract), ()
    yield "paper-capitals", _PAPER, ((BIG, c.title.upper()), by, *abstract, (SMALL, f"doi:{c.doi}")), ()
    yield "paper-label", _PAPER, ((SMALL, "RESEARCH ARTICLE Open Access"), bare, by, (SMALL, masthead), *abstract), ()
    yield "paper-data", _PAPER, ((BIG, short), by, *abstract), (("subject", f"{c.journal}, {c.year}, doi:{c.doi}"),)

    side = ((SMALL, "Supplementary material"), (SMALL, "Correspondence"))
    yield "paper-side-notes", _PAPER, (bare, by, (SMALL, f"Received in May {c.year}"), *side, *abstract), ()
    yield "paper-notes-first", _PAPER, (side[0], bare, by, (SMALL, f"Received in May {c.year}"), *abstract), ()

    formed = "This appendix formed part of the original submission and has been peer reviewed. We post it as supplied."
    yield (
        "appendix",
        _SUPPLEMENT,
        ((BIG, "Supplementary appendix"), (SMALL, formed), (SMALL, f"Supplement to: {cited}")),
        (),
    )
    yield (
        "online",
        _SUPPLEMENT,
        ((BIG, "Supplementary Online Content"), (MIDDLE, cited), (SMALL, "eTable 1. Places")),
        (),
    )
    yield "supplement-for", _SUPPLEMENT, ((BIG, f"Supplementary material for: {c.title}"), by, (SMALL, masthead)), ()
    yield "supplement-no-doi", (FileKind.SUPPLEMENT, None), ((BIG, f"Supplement to {c.title}"), by), ()
    yield "additional", (FileKind.SUPPLEMENT, None), ((MIDDLE, "Additional file 1"), bare, by, (SMALL, masthead)), ()

    provided = "This trial protocol has been provided by the authors to give readers additional information."
    yield "protocol", _PROTOCOL, ((BIG, "Protocol"), (SMALL, provided), (SMALL, f"Protocol for: {cited}")), ()
    sponsor = ((MIDDLE, "CLINICAL STUDY PROTOCOL"), bare, (SMALL, "Version 3.0, 4 May 2012. Sponsor: Nowhere Ltd"))
    yield "protocol-sponsor", (FileKind.PROTOCOL, None), sponsor, ()

    notice = f"In the article above (doi:{c.doi}) a number in Table 2 was wrong. It has been corrected."
    yield "correction", (FileKind.CORRECTION, None), ((BIG, f"Correction to: {c.title}"), by, (SMALL, notice)), ()
    yield "erratum", (FileKind.CORRECTION, None), ((MIDDLE, "Erratum"), bare, by, (SMALL, notice)), ()
    yield "retraction", (FileKind.CORRECTION, None), ((BIG, f"Retraction: {c.title}"), by, (SMALL, notice)), ()

    own = (SMALL, f"Other Journal {c.year + 1 if c.year else 2020};1:1 https://doi.org/10.5555/other.999")
    speaks = (SMALL, f"The trial by {authors} (doi:{c.doi}) is the largest so far. {_BODY}")
    yield "editorial", _ASKED, ((SMALL, "Editorial"), (BIG, "What we have learnt about trials in towns"), speaks), ()
    yield "editorial-own-doi", _ASKED, (own, (BIG, "Small steps towards better care of people"), speaks), ()
    yield "editorial-bare", _ASKED, ((BIG, "EDITORIAL"), (MIDDLE, "P. Else"), speaks), ()
    yield (
        "editorial-see",
        _ASKED,
        ((BIG, "Better care of people at last"), (SMALL, f"See article: {c.title}"), speaks),
        (),
    )
    yield "comment", _ASKED, ((BIG, f"Comment on: {c.title}"), (MIDDLE, "P. Else"), (SMALL, f"doi:{c.doi}")), ()
    yield (
        "letter",
        _ASKED,
        ((MIDDLE, "Letter to the editor"), (SMALL, f"We read with interest “{c.title}” (doi:{c.doi})")),
        (),
    )
    yield "reply", _ASKED, ((BIG, f"Authors' reply: {c.title}"), by, (SMALL, f"doi:{c.doi}")), ()
    yield "follow-up", _ASKED, (own, (BIG, f"{short}: five-year follow-up"), by, speaks), ()
    yield "follow-up-no-doi", _ASKED, ((BIG, f"{short}: ten years later"), by, speaks), ()
    yield "costs", _ASKED, ((BIG, f"Costs of care beside the trial of {authors}"), by, (MIDDLE, "Abstract"), speaks), ()
    yield (
        "protocol-paper",
        _ASKED,
        (own, (SMALL, "STUDY PROTOCOL"), (BIG, f"{short}: study protocol"), by, *abstract),
        (),
    )
    yield (
        "other-protocol",
        _ASKED,
        ((BIG, "Walking groups in winter: protocol of a trial"), (MIDDLE, "P. Else"), speaks),
        (),
    )
    sister = c.title.replace("older women", "older men").replace("bowel", "stomach").replace("20 mg", "40 mg")
    yield "sister", _ASKED, ((BIG, sister), by, *abstract), ()
    yield "sister-cites", _ASKED, ((BIG, sister), by, (MIDDLE, "Abstract"), speaks), ()
    yield "preprint", _ASKED, ((SMALL, "https://doi.org/10.5555/2020.01.02.20012345"), bare, by, *abstract), ()
    every = " ".join(f"{one.title} (doi:{one.doi})." for one in TRIALS)
    yield (
        "review",
        _ASKED,
        ((BIG, "Everything that we know: a systematic review"), (MIDDLE, "P. Else"), (SMALL, every)),
        (),
    )
    contents = [(SMALL, f"{one.title} {at}") for at, one in enumerate(TRIALS, 11)]
    yield "contents", _ASKED, ((BIG, "Contents of this volume of the journal"), *contents), ()
    yield (
        "press",
        _ASKED,
        ((BIG, "Town people do better, new trial shows"), speaks, (SMALL, f"Source: doi.org/{c.doi}")),
        (),
    )
    yield "other-people", _ASKED, (bare, (MIDDLE, "P. Else, Q. Nobody"), *abstract), ()
    yield "other-year", _ASKED, (bare, by, (SMALL, "Received in May 1987, printed 1988"), *abstract), ()


def write(decoy: Decoy, folder: Path) -> Path:
    """One of them as a PDF of one page."""
    pdf = pymupdf.open()
    page, y = pdf.new_page(width=595, height=842), 60.0
    for size, text in decoy.lines:
        for line in textwrap.wrap(text, int(780 / size)):
            page.insert_text((60, y), line, fontsize=size, fontname="helv", encoding=0)
            y += 1.25 * size
        y += 1.2 * size
    pdf.set_metadata(dict(decoy.info))
    pdf.save(path := folder / f"{decoy.name}.pdf")
    pdf.close()
    return path


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for decoy in decoys():
        write(decoy, folder)
    records = (
        "\n".join(
            (
                "TY  - JOUR",
                f"TI  - {c.title}",
                *(f"AU  - {a}" for a in c.authors),
                f"PY  - {c.year}",
                f"DO  - {c.doi}",
                "ER  - ",
            )
        )
        for c in TRIALS
    )
    (folder / "trials.ris").write_text("\n\n".join(records) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
