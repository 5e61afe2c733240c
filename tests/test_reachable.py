"""No door is missing: what the core can do, and what ``app`` has use cases for, is reached by a command and by a key.

Found in the program's text (``call_graph``), from the commands that the command line lists and the keys that the
screens bind. What is not reached from one of the two is named here, each with its reason; a name that is reached after
all has to leave the list.
"""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.call_graph import PACKAGE, REVIEW, ROOT, Node, Program

COMMANDS = f"{PACKAGE}.cli.__main__"
ANNOTATING = f"{PACKAGE}.tui.screens.annotating"
BASE = f"{PACKAGE}.tui.screens.base"
OVERVIEW = f"{PACKAGE}.tui.screens.overview"

_PART = "writes a part of what set_protocol writes as a whole, for scripts"
_FOR_SCRIPTS = "undo_decisions without what was decided with it, for scripts"
_COPIES = "front ends copy the file as it is, of whatever version (app.safekeeping.back_up)"
_IDLE = "looks at every byte of a file that stays open when nobody types; a command looks when it closes"
_RESCUED = "says of one report what link_reports says of several, as what was rescued has it; `rescue` calls it"
NO_COMMAND = {
    "back_up": _COPIES,
    "check_same": "what is open for long looks whether its file is still there; a command opens it anew",
    "find_by_title": "offers records while one types in a dialog; `find` lists them",
    "note_look": _IDLE,
    "put_in_study": _RESCUED,
    "read_only": "a command that would change the file is refused with the same words",
    "reasons": "what a dialog offers; `protocol` prints them",
    "rescued": "the files that a dialog would put back; each command names them in its notices",
    "said_since_look": _IDLE,
    "set_criteria": _PART,
    "set_keywords": _PART,
    "set_question": _PART,
    "set_reasons": _PART,
    "sight_of": "one record as the screen shows it; commands that show many before they ask send `sights`",
    "tag_names": "what a dialog offers; `tag` tells them with their numbers",
    "undo": _FOR_SCRIPTS,
    "undo_decisions": "takes back the last decision of a stage, by one key; `undo` takes back anything",
    "unlisted_reasons": "what a dialog offers beside the list",
}
NO_KEY = {
    "back_up": _COPIES,
    "put_in_study": _RESCUED,
    "set_form": _PART,
    "set_keywords": _PART,
    "study_of": "of one report; the screens read the studies of all at once",
    "undo": _FOR_SCRIPTS,
}

_FIELD = "reads what is typed into a field of the screen; commands have options"
NO_COMMAND_IN_APP = {
    "citations.columns_said": "writes what a dialog was told as `import --columns` takes it",
    "conditions.parse_term": _FIELD,
    "criteria.format_criteria": _FIELD,
    "criteria.format_criterion": _FIELD,
    "criteria.parse_criteria": _FIELD,
    "packages.read_selection": _FIELD,
}
_MARKED = "on the screen records are marked in the list"
_CHOSEN = "on the screen a file is chosen in its list"
NO_KEY_IN_APP = {
    "choosing.choose": _MARKED,
    "choosing.named": _MARKED,
    "choosing.read_names": _MARKED,
    "citations.import_exit_code": "exit codes are the command line's",
    "documents.attach_and_link": _CHOSEN,
    "documents.unlink": _CHOSEN,
    "reviewers.of_account": "at the screen a person is asked for their name",
    "safekeeping.find_copy": _CHOSEN,
}
_WORDS_ONLY = ("describe_", "as_data", "in_words")
"""How what only tells of something is called: it is told by one front end or the other, in lines or in dialogs."""


@cache
def program() -> Program:
    return Program()


def commands(found: Program) -> list[Node]:
    """The functions of the commands that the command line lists, but for the one that opens the screen."""
    listed = found.modules[COMMANDS].told["COMMANDS"]
    assert isinstance(listed, ast.Assign) and isinstance(listed.value, ast.Dict)
    told = [ast.literal_eval(value) for value in listed.value.values]
    return [(f"{PACKAGE}.cli.{module}", function) for module, function, _ in told if function != "open_"]


def by_command(found: Program, without: str = "") -> set[Node]:
    return found.reached([node for node in commands(found) if node[1] != without], without="tui")


def by_key(found: Program) -> set[Node]:
    return found.reached([(f"{PACKAGE}.tui.app", "LeadsApp"), (f"{PACKAGE}.tui.app", "run_ui")], without="cli")


def missing(found: Program, reached: set[Node]) -> set[str]:
    """The methods of the core that are not reached."""
    return {name for name, node in found.public_methods(REVIEW).items() if node not in reached}


def test_every_method_of_the_core_has_a_command() -> None:
    assert missing(program(), by_command(program())) == NO_COMMAND.keys()


def test_every_method_of_the_core_has_a_key() -> None:
    assert missing(program(), by_key(program())) == NO_KEY.keys()


def test_every_use_case_has_a_command_and_a_key() -> None:
    cases = {
        f"{module.name.removeprefix(f'{PACKAGE}.app.')}.{name}": (module.name, name)
        for module in program().modules.values()
        if module.name.startswith(f"{PACKAGE}.app.")
        for name, told in module.told.items()
        if isinstance(told, ast.FunctionDef) and "." not in name and not name.startswith("_")
    }
    commanded, keyed = by_command(program()), by_key(program())
    assert not [name for name, node in cases.items() if node not in commanded | keyed]
    acting = {name: node for name, node in cases.items() if not any(word in name for word in _WORDS_ONLY)}
    assert {name for name, node in acting.items() if node not in commanded} == NO_COMMAND_IN_APP.keys()
    assert {name for name, node in acting.items() if node not in keyed} == NO_KEY_IN_APP.keys()


def test_the_core_is_found() -> None:
    """A name that stands for nothing would leave the lists empty."""
    methods = program().public_methods(REVIEW)
    assert {"decide", "set_note", "lock_protocol", "merge", "question", "path"} <= methods.keys()
    assert not [name for name in methods if name.startswith("_")]
    assert len(commands(program())) > 30


@pytest.mark.parametrize(
    ("module", "taken_out", "lost"),
    [
        (ANNOTATING, 'Binding("N", "note"', {"set_note"}),
        (ANNOTATING, '"S",\n        "separate"', {"rejoin"}),
        (ANNOTATING, '"C",\n        "correct"', {"correct", "restore_imported"}),
        (BASE, '"U",\n        "take_back"', {"undo_last"}),
        (BASE, 'Binding("Y", "redo"', {"redo"}),
        (OVERVIEW, 'Binding("r", "protocol"', {"set_protocol", "lock_protocol", "set_rule"}),
        (OVERVIEW, 'Binding("o", "source_list"', {"withdraw", "note_retractions"}),
    ],
)
def test_a_key_that_is_taken_away_is_missed(module: str, taken_out: str, lost: set[str]) -> None:
    text = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
    assert text.count(taken_out) == 1
    action = taken_out.rsplit('"', 2)[-2] if taken_out.endswith('"') else taken_out.rsplit('"', 1)[-1]
    changed = Program({module: text.replace(taken_out, taken_out.replace(action, f"no_{action}"))})
    assert missing(changed, by_key(changed)) - NO_KEY.keys() == lost


@pytest.mark.parametrize(
    ("command", "lost"),
    [
        ("note", {"set_note"}),
        ("adjudicate", {"adjudicate"}),
        ("undo", {"undo_last"}),
        ("sources", {"withdraw"}),
        ("dedupe", {"conflicting_reports", "separate", "join_records", "rejoin", "duplicate_groups"}),
    ],
)
def test_a_command_that_is_taken_away_is_missed(command: str, lost: set[str]) -> None:
    assert missing(program(), by_command(program(), without=command)) - NO_COMMAND.keys() == lost
