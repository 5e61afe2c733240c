"""Exports of trial registers: the WHO's ICTRP as XML, and ClinicalTrials.gov as JSON.

A registered trial has no abstract; what it registers of condition, intervention, outcomes and who may take part stands
in its place, each under its name, so that it can be screened. All of it is kept under its own path, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element

from leads_local.citations.formats import json_tree
from leads_local.citations.formats.fields import Entry, FieldLabels, ParsedFile, build_citation
from leads_local.citations.formats.xmltree import leaf_texts, read_records, repeated
from leads_local.records import Citation, ReadProblem

ICTRP_ROOT = "Trials_downloaded_from_ICTRP"
_ICTRP_LABELS = FieldLabels(
    title=("Scientific_title", "Public_title"),
    abstract=("abstract",),
    journal=("Source_Register",),
    year=("Date_registration", "Date_registration3", "Last_Refreshed_on"),
    kind=("Study_type",),
    authors=("Primary_sponsor",),
    keywords=("Condition",),
    urls=("web_address", "url"),
    split_authors=lambda text: [text.strip()],
)
_ICTRP_TOLD = {
    "Condition": "Condition",
    "Intervention": "Intervention",
    "Study_design": "Design",
    "Inclusion_Criteria": "Inclusion criteria",
    "Exclusion_Criteria": "Exclusion criteria",
    "Primary_outcome": "Primary outcome",
    "Secondary_outcome": "Secondary outcome",
    "Target_size": "Target size",
}
_P = "protocolSection"
_CTGOV_LABELS = FieldLabels(
    title=(f"{_P}/identificationModule/officialTitle", f"{_P}/identificationModule/briefTitle"),
    abstract=("abstract",),
    journal=("register",),
    year=(
        f"{_P}/statusModule/studyFirstPostDateStruct/date",
        f"{_P}/statusModule/studyFirstSubmitDate",
        f"{_P}/statusModule/startDateStruct/date",
    ),
    kind=(f"{_P}/designModule/studyType",),
    authors=(f"{_P}/sponsorCollaboratorsModule/leadSponsor/name",),
    keywords=(f"{_P}/conditionsModule/conditions", f"{_P}/conditionsModule/keywords"),
    split_authors=lambda text: [text.strip()],
)
_CTGOV_TOLD = {
    f"{_P}/descriptionModule/briefSummary": "",
    f"{_P}/conditionsModule/conditions": "Condition",
    f"{_P}/armsInterventionsModule/interventions/name": "Intervention",
    f"{_P}/designModule/designInfo/allocation": "Allocation",
    f"{_P}/eligibilityModule/eligibilityCriteria": "Eligibility",
    f"{_P}/outcomesModule/primaryOutcomes/measure": "Primary outcome",
    f"{_P}/outcomesModule/secondaryOutcomes/measure": "Secondary outcome",
    f"{_P}/designModule/enrollmentInfo/count": "Participants",
}


def read_ictrp(text: str) -> ParsedFile:
    """Read ICTRP's XML. A trial without any text is a Problem."""
    citations: list[Citation] = []
    notices: list[ReadProblem] = []

    def take(trial: Element, line: int) -> None:
        entries = [Entry(path, value, line) for path, value in leaf_texts(trial, frozenset())]
        _add(entries, _ICTRP_LABELS, _ICTRP_TOLD, citations, notices, line)
        notices.extend(repeated(trial, ("*",), line))

    problems = read_records(text, frozenset(("Trial",)), take)
    return ParsedFile(tuple(citations), tuple(sorted([*problems, *notices], key=lambda problem: problem.line)))


def read_clinical_trials(text: str) -> ParsedFile:
    """Read ClinicalTrials.gov's JSON: one study, a list of them, or the answer that holds them. Raises InputError where
    the text is no JSON."""
    found = json_tree.load(text)
    citations: list[Citation] = []
    problems: list[ReadProblem] = list(found.doubts)
    for study in json_tree.records_below(found.value, ("studies",), _P):
        entries = [Entry(path, value) for path, value in json_tree.leaves(study)]
        register = [Entry("register", "ClinicalTrials.gov")] if entries else []
        _add([*register, *entries], _CTGOV_LABELS, _CTGOV_TOLD, citations, problems, 0)
    return ParsedFile(tuple(citations), tuple(problems))


def _add(
    entries: list[Entry],
    labels: FieldLabels,
    told: Mapping[str, str],
    citations: list[Citation],
    problems: list[ReadProblem],
    line: int,
) -> None:
    if not entries:
        problems.append(ReadProblem("This trial holds nothing; it was left out.", line, "(empty)", whole=True))
        return
    citation, notices = build_citation([*_abstract(entries, told), *entries], labels, len(citations) + 1)
    citations.append(citation)
    problems.extend(notices)


def _abstract(entries: Iterable[Entry], told: Mapping[str, str]) -> list[Entry]:
    values: dict[str, list[str]] = {path: [] for path in told}
    for entry in entries:
        if entry.tag in values and entry.value.strip() not in values[entry.tag]:
            values[entry.tag].append(entry.value.strip())
    lines = [
        f"{name}: {'; '.join(found)}" if (name := told[path]) else "\n".join(found)
        for path, found in values.items()
        if found
    ]
    return [Entry("abstract", "\n".join(lines))] if lines else []
