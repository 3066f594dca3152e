"""How the code is built: no circle of imports, whatever is imported only when used; documents name what is there."""

import ast
import re
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

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


# The documents stand beside the package where it is used from a clone; an installed package has none.
HOME = ROOT.parents[1]
DOCUMENTS = [
    path for path in (*sorted(HOME.glob("docs/*.md")), HOME / "CONTRIBUTING.md", HOME / "README.md") if path.exists()
]
from_a_clone = pytest.mark.skipif(not DOCUMENTS, reason="not a clone of the repository")


def rooms() -> set[str]:
    return {path.parent.name for path in ROOT.glob("*/__init__.py")}


@from_a_clone
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_in_a_document_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|tests|docs)/[\w./-]+|[\w./-]+/[\w-]+\.py)`", text)
    linked = [
        link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link and not link.startswith("mailto:")
    ]
    lost = [name for name in named if not any((place / name).exists() for place in (HOME, ROOT))]
    lost += [link for link in linked if not (document.parent / link).exists()]
    assert not lost, f"{document.name} names what is not there: {', '.join(lost)}"


@from_a_clone
def test_architecture_and_layers_name_every_room() -> None:
    plan = (HOME / "docs/architecture.md").read_text(encoding="utf-8").split("```")[1]
    said = re.split(r"^  (\w+)/ ", plan, flags=re.MULTILINE)[1:]
    assert set(said[::2]) == rooms()
    for room, text in zip(said[::2], said[1::2], strict=True):
        within = {path.parent.name for path in (ROOT / room).glob("*/__init__.py")}
        assert within <= set(re.findall(r"(\w+)/", text)), f"{room}/ has {within}"
    contracts = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = [room.strip() for layer in contracts[0]["layers"] for room in layer.split("|")]
    assert sorted(layers) == sorted(f"mien.{room}" for room in rooms())


@from_a_clone
def test_the_map_of_the_house_shows_the_rooms_as_they_are() -> None:
    """Rooms, sub-rooms and arrows; how large the rooms are may be a little behind."""
    sizes, page = re.compile(r"[\d,]+ files, [\d,]+ lines"), runpy.run_path(str(HOME / "docs/draw_map.py"))
    drawing = (HOME / "docs/images/rooms.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'class="room">([^<]*)<', drawing)) == rooms()
    assert sizes.sub("", drawing) == sizes.sub("", page["draw"]()), "run: python docs/draw_map.py"


@from_a_clone
def test_a_day_in_the_life_names_functions_that_are_there() -> None:
    text = (HOME / "docs/a_day_in_the_life.md").read_text(encoding="utf-8")
    steps = re.findall(r"`([\w/]+\.py)`(?:\s*\(|,\s+)(`\w+`(?:,\s+`\w+`)*)", text)
    assert len(steps) > 30
    for file, names in steps:
        body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
        held = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        assert set(re.findall(r"\w+", names)) <= held, file
