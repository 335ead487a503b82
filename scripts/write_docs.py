"""Prints the tables that the code runs: the states of each noun, and who may do what.

python -m scripts.write_docs          writes docs/states.md and docs/permissions.md
python -m scripts.write_docs --check  fails when they are not what the code says
"""

import ast
import inspect
import itertools
import sys
from pathlib import Path

from consulta import permissions
from consulta.labels import LABELS
from consulta.permissions import POLICY, Permission
from consulta.plans.rules import ADMITS, UNTIL_RESULTS
from consulta.states import MACHINES, StateMachine, Transition

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTE = "This page is printed from the code by `python -m scripts.write_docs`; change the tables there.\n"


def states_page() -> str:
    """Every machine as a table, then what each state of a plan admits."""
    parts = ["# States\n", NOTE]
    for machine in sorted(MACHINES.values(), key=lambda one: one.model.__module__):
        parts.append(_machine(machine))
    parts.append("## What each state of a plan admits\n\n| work | states | until results are public |\n|---|---|---|")
    for work, states in ADMITS.items():
        names = ", ".join(f"`{state.value}`" for state in type(next(iter(states))) if state in states)
        parts.append(f"| {work.value} | {names} | {'yes' if work in UNTIL_RESULTS else 'no'} |")
    return "\n".join(parts) + "\n"


def _machine(machine: StateMachine) -> str:
    name = machine.model.__name__
    table = _transitions(name, machine.transitions)
    return table if not machine.undos else f"{table}\n{_transitions(f'{name}, taken back', machine.undos)}"


def _transitions(heading: str, transitions: tuple[Transition, ...]) -> str:
    head = "| from | to | label | permission | guard | reason |"
    rows = [f"## {heading}\n", head, "|---|---|---|---|---|---|"]
    for t in transitions:
        start = f"`{t.from_state.value}`" if t.from_state else "—"
        permission = f"`{t.permission.value}`" if t.permission else "follows from another act"
        guard = f"`{t.guard.__name__.strip('_')}`" if t.guard else ""
        reason = "required" if t.needs_reason else ""
        rows.append(f"| {start} | `{t.to_state.value}` | {LABELS[t.to_state]} | {permission} | {guard} | {reason} |")
    return "\n".join(rows) + "\n"


def permissions_page() -> str:
    """The permission table, with the sentence below each name."""
    sentences = _sentences()
    rows = ["# Permissions\n", NOTE, "| permission | what | who |", "|---|---|---|"]
    for permission in Permission:
        who = ", ".join((predicate.__doc__ or "").strip() for predicate in POLICY.get(permission, ()))
        rows.append(f"| `{permission.value}` | {sentences[permission.name]} | {who or 'nobody'} |")
    return "\n".join(rows) + "\n"


def _sentences() -> dict[str, str]:
    """The string that follows each member of the enum in its source."""
    tree = ast.parse(inspect.getsource(permissions))
    body = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Permission").body
    found = {}
    for member, sentence in itertools.pairwise(body):
        if isinstance(member, ast.Assign) and isinstance(sentence, ast.Expr):
            found[ast.unparse(member.targets[0])] = " ".join(ast.literal_eval(sentence.value).split())
    return found


PAGES = {"states.md": states_page, "permissions.md": permissions_page}


def main() -> int:
    stale = [name for name, page in PAGES.items() if not _is_current(DOCS / name, page())]
    if "--check" in sys.argv:
        print("\n".join(f"docs/{name} is not what the code says" for name in stale))
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
    return 0


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
