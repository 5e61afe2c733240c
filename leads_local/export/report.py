"""The report of an export: one HTML page with the evidence, each value with a picture of its place, and how the review
was made. It opens by a double click, prints, and fetches nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TextIO

from leads_local import __version__, files
from leads_local.documents.marker import Marker
from leads_local.documents.marks import PagePicture
from leads_local.errors import InputError
from leads_local.export import html_page, report_evidence, report_parts
from leads_local.export.papers import IncludedPapers, included_papers, locate
from leads_local.export.report_evidence import Place
from leads_local.export.study_cells import StudyCells
from leads_local.records import Progress
from leads_local.review.read_models import StoredValue
from leads_local.review.review import Review
from leads_local.review.store import citations, values

NAME = "report.html"
_MOST_BYTES = 30_000_000  # of pictures
_TOO_MUCH = f"with it the report would hold more than {_MOST_BYTES // 1_000_000} MB of pictures; --annotated marks it."
_OTHERS = "Reports that are not included and have values all the same, which evidence.csv has: "
_BY = '<p id="leads-local">'


class Report:
    """What ``export`` adds with ``--report``; see ``tables.Addition``."""

    name = NAME
    longest = 0

    def __init__(self) -> None:
        self.remarks: list[str] = []
        self.files: list[str] = []
        self.lacking = False
        self._bytes = self._pictures = 0
        self._problems: dict[str, int] = {}

    def check(self, place: Path) -> None:
        """Raise InputError where another page than an earlier export's stands there."""
        if place.is_file() and _BY not in place.read_text(encoding="utf-8", errors="replace"):
            raise InputError(
                f"{place} is no report that an export has written.",
                "Choose another folder, so that nothing of yours is replaced.",
            )

    def write(self, review: Review, place: Path, progress: Callable[[Progress], None] | None) -> None:
        """Write the page to ``place``."""
        found = included_papers(review)
        places = report_evidence.places_of(found.papers)
        reports = review.included()[1]
        by_report = {head: values.of_head(review.db, head) for head in reports}
        every = [stored for head in reports for stored in by_report[head]]
        title = review.question.title or files.shown_name(review.path)
        with place.open("w", encoding="utf-8", newline="\n") as file:
            file.write(html_page.begin(title, report_parts.CONTENTS))
            file.write(self._head(review))
            file.write(report_parts.question_section(review))
            file.write(report_parts.flow_section(review))
            file.write(report_parts.model_section(review, every))
            file.write(_evidence_section(review, by_report, places, found))
            self._write_places(file, review, found, places, progress)
            file.write(html_page.END)
        self._say(place, places)

    def about(self) -> str:
        """What the export's page says of it."""
        return (
            "The evidence table of the included reports with a picture of each value's place, the question, the "
            "numbers of the flow and what a language model did, as one page for a browser. It holds all that it shows, "
            "and fetches nothing."
        )

    def _head(self, review: Review) -> str:
        today = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
        by = f"Report of {html_page.foreign(files.shown_name(review.path))}, {today} UTC, by leads-local {__version__}."
        package = review.package()
        part = html_page.paragraph(package.in_words()) if package is not None else ""
        return f"{_BY}{by}</p>{part}\n"

    def _write_places(
        self,
        file: TextIO,
        review: Review,
        found: IncludedPapers,
        places: Sequence[Place],
        progress: Callable[[Progress], None] | None,
    ) -> None:
        anchor, heading = report_parts.CONTENTS[-1]
        file.write(f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{html_page.words(heading)}</h2>')
        if not places:
            file.write(html_page.paragraph("No value has a place in a paper."))
        with Marker() as marker:
            by_paper = groupby(places, key=lambda place: place.paper.attachment.sha256)
            for done, (_, group) in enumerate(by_paper):
                own = list(group)
                if progress is not None:
                    progress(Progress("Drawing", done, len(found.papers), note=own[0].paper.name))
                file.write(f"<h3>{html_page.foreign(own[0].paper.name)}</h3>")
                for place, pictures in zip(own, self._draw(marker, review, own), strict=True):
                    file.writelines(report_evidence.place_figures(place, pictures))
        file.write("</section>\n")

    def _draw(self, marker: Marker, review: Review, own: Sequence[Place]) -> Iterator[list[PagePicture]]:
        """The pictures of each of a paper's places."""
        attachment = own[0].paper.attachment
        views = [view for place in own for view in place.views]
        drawn = marker.pictures(locate(review, attachment), attachment.sha256, views)
        taken = iter(map(self._within_limit, drawn))
        for place in own:
            pictures = [next(taken) for _ in place.views]
            for problem in {one.problem for one in pictures if one.problem}:
                told = f"{own[0].paper.name}: {problem}" if problem != _TOO_MUCH else problem
                self._problems[told] = self._problems.get(told, 0) + 1
            yield pictures

    def _within_limit(self, one: PagePicture) -> PagePicture:
        if self._bytes + len(one.png) > _MOST_BYTES:
            return PagePicture(problem=_TOO_MUCH)
        self._bytes += len(one.png)
        self._pictures += bool(one.png)
        return one

    def _say(self, place: Path, places: Sequence[Place]) -> None:
        size = files.size_in_words(place.stat().st_size)
        self.remarks.append(f"{NAME}: {size}, {self._pictures:,} pictures of {len(places):,} places.")
        for problem, number in self._problems.items():
            self.lacking = True
            self.remarks.append(f"{NAME}: no picture of {number:,} of the places: {problem}")


def _evidence_section(
    review: Review, by_report: dict[int, list[StoredValue]], places: Sequence[Place], papers: IncludedPapers
) -> str:
    notices = _notices(papers)
    place_of = {stored.id: place for place in places for _, stored in place.values}
    studies = StudyCells(review)
    bodies = (
        report_evidence.report_rows(
            head,
            citations.read(review.db, head),
            str(studies.of(head)[1] or ""),
            found,
            place_of,
            notices.get(head, []),
        )
        for head, found in by_report.items()
    )
    anchor, heading = report_parts.CONTENTS[-2]
    parts = [html_page.table("Values of the included reports", report_evidence.HEADER, bodies)]
    others = [head for head in values.heads_with_values(review.db) if head not in by_report]
    if others:
        parts.append(html_page.paragraph(f"{_OTHERS}{', '.join(map(str, others))}."))
    if not by_report:
        parts = [html_page.paragraph("No report is included yet.")]
    return html_page.section(anchor, heading, parts)


def _notices(found: IncludedPapers) -> dict[int, list[str]]:
    """What of the papers of each report could not be read."""
    told: dict[int, list[str]] = {head: ["No PDF is attached to it."] for head in found.without_pdf}
    for paper in found.papers:
        why = paper.attachment.problem or paper.attachment.notice
        for head in paper.reports:
            told.setdefault(head, []).extend([f"{paper.name}: {why}"] if why else [])
    return told
