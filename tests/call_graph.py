"""Which functions of the program can be reached from which, found in its text alone: nothing is imported or run.

A function reaches what its body names: functions and classes of its module or imported ones, methods of its own class
and of those that share it with others, methods of a review where the receiver is called one, and in the UI whatever
method has that name. A class of the UI reaches what Textual calls of it: its handlers, and the actions that its keys
name. It errs on the side of reaching too much, but never past a key or a command that is not there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "leads_local"
REVIEWS = frozenset({"review", "opened", "created", "moment"})
"""What a review is called where something is done with it."""
SAID_AGAIN = frozenset({"leads_local.review.putting_back"})
"""What only says again what was said before, which needs a door of its own."""
_CALLED_BY_TEXTUAL = ("on_", "_on_", "watch_", "render", "__")

Node = tuple[str, str]
"""A module, and the name of what stands in it: ``function``, ``Class``, ``Class.method`` or ``CONSTANT``."""


@dataclass
class Module:
    name: str
    imported: dict[str, Node] = field(default_factory=dict)
    """What a name stands for that was imported; the second part is "" for a module."""
    told: dict[str, ast.AST] = field(default_factory=dict)
    """Functions, classes, constants and methods by their names."""
    bases: dict[str, list[str]] = field(default_factory=dict)


class Program:
    """The text of the package, or of what a test puts in the place of some of its modules."""

    def __init__(self, changed: dict[str, str] | None = None) -> None:
        self.modules: dict[str, Module] = {}
        for file in sorted((ROOT / PACKAGE).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = (changed or {}).get(name) or file.read_text(encoding="utf-8")
            self.modules[name] = _read(name, text)
        self.classes = {
            (module.name, cls): [self._resolve(module, base) for base in bases]
            for module in self.modules.values()
            for cls, bases in module.bases.items()
        }
        self.heirs: dict[Node, list[Node]] = {cls: [] for cls in self.classes}
        for cls in self.classes:
            for base in self.family(cls)[1:]:
                self.heirs[base].append(cls)
        self.ui_methods: dict[str, list[Node]] = {}
        for module in self.modules.values():
            for name in module.told:
                if "." in name and _in_ui(module.name):
                    self.ui_methods.setdefault(name.split(".")[1], []).append((module.name, name))

    def reached(self, roots: Iterable[Node], without: str = "") -> set[Node]:
        """All that can be reached from ``roots``, themselves among it, not through the modules of the room
        ``without``."""
        inside = {
            name for name in self.modules.keys() - SAID_AGAIN if not name.startswith(f"{PACKAGE}.{without or '-'}.")
        }
        found: set[Node] = set()
        waiting = list(roots)
        while waiting:
            node = waiting.pop()
            if node not in found and node[0] in inside and node[1] in self.modules[node[0]].told:
                found.add(node)
                waiting += self._steps(node)
        return found

    def public_methods(self, cls: Node) -> dict[str, Node]:
        """The methods of a class that have no leading underscore, those that it inherits among them."""
        found: dict[str, Node] = {}
        for one in reversed(self.family(cls)):
            names = (name for name in self.modules[one[0]].told if name.startswith(f"{one[1]}."))
            found |= {name.split(".")[1]: (one[0], name) for name in names if not name.split(".")[1].startswith("_")}
        return found

    def family(self, cls: Node) -> list[Node]:
        """A class and all that it inherits from."""
        found = [cls]
        for base in self.classes.get(cls, ()):
            found += [one for one in (self.family(base) if base in self.classes else []) if one not in found]
        return found

    # ------------------------------------------------------------ steps

    def _steps(self, node: Node) -> Iterator[Node]:
        module, told = self.modules[node[0]], self.modules[node[0]].told[node[1]]
        if isinstance(told, ast.ClassDef):
            yield from self._class_steps(node)
            return
        own = (node[0], node[1].split(".")[0]) if "." in node[1] else None
        for one in ast.walk(told):
            if isinstance(one, ast.Name):
                yield self._resolve(module, one.id)
            elif isinstance(one, ast.Attribute):
                yield from self._attribute_steps(module, one, own)

    def _attribute_steps(self, module: Module, one: ast.Attribute, own: Node | None) -> Iterator[Node]:
        receiver = one.value
        called = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
        target = self._resolve(module, receiver.id) if isinstance(receiver, ast.Name) else ("", "-")
        if called.lstrip("_") in REVIEWS:
            yield from self._method(REVIEW, one.attr)
        elif target[0] in self.modules and not target[1]:
            yield self._resolve(self.modules[target[0]], one.attr)
        elif target in self.classes:
            yield from self._method(target, one.attr)
        elif own is not None and called in ("self", "cls", "super"):
            for cls in (own, *self.heirs[own]):
                yield from self._method(cls, one.attr)
        elif _in_ui(module.name):
            yield from self.ui_methods.get(one.attr, ())

    def _method(self, cls: Node, name: str) -> Iterator[Node]:
        for one in self.family(cls):
            if f"{one[1]}.{name}" in self.modules[one[0]].told:
                yield one[0], f"{one[1]}.{name}"
                return

    def _class_steps(self, cls: Node) -> Iterator[Node]:
        yield from self.classes[cls]
        module = self.modules[cls[0]]
        methods = [name for name in module.told if name.startswith(f"{cls[1]}.")]
        if not _in_ui(cls[0]):
            inside = cls in self.family(REVIEW)
            yield from ((cls[0], name) for name in methods if not inside or name.split(".")[1].startswith("__"))
            return
        for name in methods:
            method = module.told[name]
            decorated = [ast.unparse(one) for one in getattr(method, "decorator_list", ())]
            if name.split(".")[1].startswith(_CALLED_BY_TEXTUAL) or any(one.startswith("on(") for one in decorated):
                yield cls[0], name
        yield cls[0], f"{cls[1]}.compose"
        for action in self._actions(cls):
            for user in (cls, *self.heirs[cls]):
                yield from self._method(user, f"action_{action}")

    def _actions(self, cls: Node) -> Iterator[str]:
        """What the keys of a class do, by the actions that its bindings name."""
        module = self.modules[cls[0]]
        for statement in getattr(module.told[cls[1]], "body", ()):
            if isinstance(statement, ast.AnnAssign | ast.Assign) and statement.value is not None:
                targets = [statement.target] if isinstance(statement, ast.AnnAssign) else statement.targets
                if any(isinstance(target, ast.Name) and target.id == "BINDINGS" for target in targets):
                    yield from self._bound(module, statement.value)

    def _bound(self, module: Module, value: ast.expr) -> Iterator[str]:
        for one in getattr(value, "elts", ()):
            if isinstance(one, ast.Starred) and isinstance(one.value, ast.Name):
                place, name = self._resolve(module, one.value.id)
                shared = self.modules[place].told[name]
                assert isinstance(shared, ast.AnnAssign | ast.Assign) and shared.value is not None
                yield from self._bound(self.modules[place], shared.value)
            elif isinstance(one, ast.Call):
                action = one.args[1]
                assert isinstance(action, ast.Constant)
                yield str(action.value).split("(")[0].removeprefix("app.")

    def _resolve(self, module: Module, name: str) -> Node:
        """What a name stands for in a module, through those that only hand it on."""
        seen = set()
        place, found = module.name, name
        while found and (place, found) not in seen and place in self.modules:
            seen.add((place, found))
            if found in self.modules[place].told or found not in self.modules[place].imported:
                break
            place, found = self.modules[place].imported[found]
            if f"{place}.{found}" in self.modules:
                place, found = f"{place}.{found}", ""
        return place, found


REVIEW: Node = ("leads_local.review.review", "Review")


def _in_ui(module: str) -> bool:
    return module.startswith(f"{PACKAGE}.tui")


@cache
def _read(name: str, text: str) -> Module:
    module, tree = Module(name), ast.parse(text)
    for one in ast.walk(tree):
        if isinstance(one, ast.ImportFrom) and one.module:
            for alias in one.names:
                module.imported[alias.asname or alias.name] = (one.module, alias.name)
        elif isinstance(one, ast.Import):
            module.imported |= {(alias.asname or alias.name): (alias.name, "") for alias in one.names}
    for one in tree.body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            module.told[one.name] = one
        elif isinstance(one, ast.ClassDef):
            module.told[one.name] = one
            bases = [base.value if isinstance(base, ast.Subscript) else base for base in one.bases]
            module.bases[one.name] = [getattr(base, "id", "") or getattr(base, "attr", "") for base in bases]
            for method in one.body:
                if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                    module.told[f"{one.name}.{method.name}"] = method
        elif isinstance(one, ast.Assign | ast.AnnAssign):
            targets = one.targets if isinstance(one, ast.Assign) else [one.target]
            module.told |= {target.id: one for target in targets if isinstance(target, ast.Name)}
    return module
