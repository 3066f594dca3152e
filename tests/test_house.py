"""How the code is built: no circle of imports, whatever is imported only when it is used."""

import ast
from collections.abc import Iterator
from pathlib import Path

import mien

ROOT = Path(mien.__file__).parent


def modules() -> dict[str, Path]:
    """Every module by its dotted name."""
    files = {".".join(("mien", *p.relative_to(ROOT).with_suffix("").parts)): p for p in ROOT.rglob("*.py")}
    return {name.removesuffix(".__init__"): path for name, path in files.items()}


def imported(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Modules of mien that a file imports anywhere, but for its type checker alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guards = [n for n in ast.walk(tree) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    of_types = {id(inner) for guard in guards for inner in ast.walk(guard)}
    for node in ast.walk(tree):
        if id(node) in of_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        if isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def test_no_two_public_classes_share_a_name() -> None:
    homes: dict[str, list[str]] = {}
    for module, path in modules().items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(module)
    assert not {name: found for name, found in homes.items() if len(found) > 1}


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    graph = {name: {found for found in imported(path, known) if found != name} for name, path in known.items()}
    while free := [name for name, needs in graph.items() if not needs & graph.keys()]:
        for name in free:
            del graph[name]
    # What imports a circle is no part of it.
    while ends := [name for name in graph if not any(name in needs for needs in graph.values())]:
        for name in ends:
            del graph[name]
    assert not graph, f"these modules need each other: {', '.join(sorted(graph))}"
