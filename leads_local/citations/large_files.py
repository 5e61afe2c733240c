"""A file of citations, a large one part by part, so that it is never in the memory as a whole."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from leads_local import fault_log, files
from leads_local.citations import detect, odd_tags, portions
from leads_local.citations.detect import DetectedFormat
from leads_local.citations.formats.column_roles import NO_TABLE, NOTHING_SAID, ColumnChoice, TableColumns
from leads_local.citations.source import (
    SourceFile,
    no_record,
    notices,
    read_file,
    read_found,
    said_bytes,
    thin_notices,
    without_collector,
)
from leads_local.records import Citation, ReadProblem

_BLOCKS_OF_FIRST = 8  # by which the format is known


def read_parts(path: str | Path, choice: ColumnChoice = NOTHING_SAID) -> Generator[SourceFile, None, None]:
    """Read a file of citations, a large one in parts, each of which is let go before the next is read. The last part
    has the problems of all, and perhaps no records. Raises InputError as ``read_file`` does, at any part."""
    path = Path(path)
    with fault_log.faults_of_file(path):
        found = files.on_disk(path)
        if files.why_unreadable(found) or found.stat().st_size <= portions.AT_ONCE or not os.access(found, os.R_OK):
            yield read_file(path, choice)
            return
        with found.open("rb") as file:
            survey = portions.survey(file)
            first = "".join(islice(portions.texts(file), _BLOCKS_OF_FIRST)) if survey else ""
            kind = detect.detect(first, str(path), choice) if survey and odd_tags.as_usual(first) == first else None
            cut = portions.cut_for(kind.format, kind.header) if kind else None
            if survey and kind and cut:
                said = said_bytes(kind.header.said) if kind.header else b""
                known_by = portions.hash_with(file, said) if said else survey.sha256
                texts = portions.enclosed(portions.divide(portions.texts(file), cut), kind.format)
                yield from _Parts(path, survey, kind, known_by).read(texts)
                return
    yield read_file(path, choice)


class _Parts:
    """What is to be said of a large file, gathered while it is read part by part."""

    def __init__(self, path: Path, survey: portions.Survey, found: DetectedFormat, known_by: str) -> None:
        self.path, self.survey, self.found, self.format = path, survey, found, found.format
        self.known_by = known_by
        self.lines = self.records = self.without = 0
        self.untitled: list[str] = []
        self.problems: list[ReadProblem] = []
        self.columns: TableColumns | None = None

    def read(self, texts: Iterable[str]) -> Iterator[SourceFile]:
        for text in texts:
            yield self._source(self._take(text), ())
        if not self.records and not any(problem.whole for problem in self.problems):
            raise no_record(self.path, self.format)
        told = notices(self.records, self.untitled, self.without)
        yield self._source((), thin_notices((*self.problems, *told)))

    def _take(self, text: str) -> tuple[Citation, ...]:
        with without_collector():
            format, parsed, header = read_found(text, str(self.path), self.found, whole=False)
        self.found, self.columns = replace(self.found, header=header), self.columns or parsed.columns
        self.format = format if len(format) > len(self.format) else self.format
        citations = tuple(replace(one, number=self.records + one.number) for one in parsed.citations)
        self.problems.extend(replace(one, line=one.line + self.lines if one.line else 0) for one in parsed.problems)
        self.untitled.extend(str(one.number) for one in citations if not one.title)
        self.without += sum(not one.abstract for one in citations)
        self.records += len(citations)
        self.lines += text.count("\n")
        return citations

    def _source(self, citations: tuple[Citation, ...], problems: tuple[ReadProblem, ...]) -> SourceFile:
        told = (files.path_text(self.path), self.known_by, self.format, self.survey.encoding)
        return SourceFile(*told, citations, problems, self.columns or NO_TABLE, self.survey.sha256)
