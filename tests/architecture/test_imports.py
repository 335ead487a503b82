"""The shape of the code: imports point one way, by kind and then by domain, and domain folders know no HTTP."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "consulta").rglob("*.py"))
}
DOMAINS = (
    "people",
    "representation",
    "plans",
    "contributions",
    "demographics",
    "proposals",
    "guests",
    "moderation",
    "referrals",
    "decisions",
    "commitments",
    "figures",
    "results",
    "follows",
    "privacy",
)
FOUNDATION = ("clock", "errors", "keys", "text", "database", "schema", "folios", "receipts", "cache_versions")
READS = (
    *("queries", "tokens", "threads", "public", "details", "stages", "paths", "team", "outstanding"),
    *("followers", "news", "log", "trays", "feeds"),
)
KINDS = (
    "foundation",
    "models",
    "words",
    "permissions",
    "rules",
    "reads",
    "changes",
    "services",
    "demo",
    "web",
    "whole",
)


def kind_of(module: str) -> str:
    """Which layer a module belongs to, by its name alone."""
    parts = module.split(".")[1:]
    if not parts or parts[0] in ("commands", "launcher"):
        return "whole"
    first, last = parts[0], parts[-1]
    if first in FOUNDATION:
        return "foundation"
    if last == "models" and first != "web":
        return "models"
    if first in ("labels",) or parts == ["people", "actors"]:
        return "words"
    if first in ("permissions", "states"):
        return "permissions"
    if first in DOMAINS:
        return last if last == "rules" else "reads" if last in READS else "services"
    if first == "limits":
        return last if last == "rules" else "changes"
    if first == "outbox":  # the worker does what is due, through the services
        return "services"
    if first in ("audit", "changes", "messages", "search"):
        return "changes"
    return {"web": "web", "demo": "demo"}[first]


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """The modules of consulta that a file imports when it is loaded, with the line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name.startswith("consulta"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("consulta"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole if whole in MODULES else str(node.module)), node.lineno


EDGES = [(module, target, line) for module, path in MODULES.items() for target, line in imports_of(path)]


@pytest.mark.parametrize("module", [m for m in MODULES if kind_of(m) not in ("web", "whole")])
def test_domain_folders_know_no_http(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    names = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    names |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not names & {"flask", "flask_login", "flask_security", "flask_wtf", "flask_babel", "werkzeug"}


def test_settings_are_handed_in() -> None:
    """`config` is named for the type checker only; whoever calls create_app brings it."""
    trees = {m: ast.parse(path.read_text(encoding="utf-8")).body for m, path in MODULES.items()}
    importing = [
        module
        for module, body in trees.items()
        if any(isinstance(n, ast.Import) and n.names[0].name == "config" for n in body)
    ]
    assert [m for m in importing if m != "consulta.commands"] == []


def test_imports_point_to_earlier_kinds() -> None:
    late = [
        f"{module}:{line} imports {target}"
        for module, target, line in EDGES
        if KINDS.index(kind_of(target)) > KINDS.index(kind_of(module))
    ]
    assert late == []


def test_within_a_kind_imports_point_to_earlier_domains() -> None:
    late = []
    for module, target, line in EDGES:
        here, there = module.split(".")[1:2], target.split(".")[1:2]
        if kind_of(module) != kind_of(target) or not here or not there or here == there:
            continue
        if here[0] in DOMAINS and there[0] in DOMAINS and DOMAINS.index(there[0]) > DOMAINS.index(here[0]):
            late.append(f"{module}:{line} imports {target}")
    assert late == []


def test_there_is_no_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for module, target, _ in EDGES:
        if target != "consulta":
            graph.setdefault(module, set()).add(target)
    done: set[str] = set()
    found: list[list[str]] = []

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            found.append([*path[path.index(module) :], module])
        elif module not in done:
            for target in graph.get(module, ()):
                visit(target, [*path, module])
            done.add(module)

    for module in graph:
        visit(module, [])
    assert found == []


def test_no_import_hides_inside_a_function() -> None:
    """Only the console commands import late, so that `--help` does not load the whole site."""
    hidden = []
    for module, path in MODULES.items():
        if kind_of(module) == "whole":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                hidden += [f"{module}:{n.lineno}" for n in inner]
    assert hidden == []


def test_only_one_module_commits() -> None:
    """The index of Whoosh has commits of its own; it can always be made again from the database."""
    committing = [m for m, path in MODULES.items() if ".commit()" in path.read_text(encoding="utf-8")]
    assert committing == ["consulta.database", "consulta.search.whoosh_index"]


def test_no_module_grows_beyond_reading() -> None:
    long = {m: n for m, p in MODULES.items() if (n := p.read_text(encoding="utf-8").count("\n")) > 300}
    assert long == {}
