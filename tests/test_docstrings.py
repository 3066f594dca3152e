"""Docstrings of the public names say everything: every argument, what comes back, what is refused, and an example that
runs as it stands."""

import dataclasses
import doctest
import inspect
import re
import typing
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import mien

pytest.importorskip("torch")


def named() -> Iterator[tuple[str, Any]]:
    """Every public name with what it is; of groups of verbs the verbs."""
    for name in mien.__all__:
        found = getattr(mien, name)
        if name in mien._MODULES:
            yield from ((f"{name}.{verb}", getattr(found, verb)) for verb in found.__all__)
        elif name != "__version__":
            # A room with the name of a verb is called as the verb.
            yield name, inspect.unwrap(found) if inspect.ismodule(found) else found


PUBLIC = dict(named())
FUNCTIONS = {name: found for name, found in PUBLIC.items() if not inspect.isclass(found)}
CLASSES = {name: found for name, found in PUBLIC.items() if inspect.isclass(found)}


def results() -> dict[str, type]:
    """What the public functions give, where that is a class of mien's own."""
    given = [typing.get_type_hints(inspect.unwrap(function)).get("return") for function in FUNCTIONS.values()]
    given += [inner for kind in given for inner in typing.get_args(kind)]
    return {kind.__name__: kind for kind in given if inspect.isclass(kind) and kind.__module__.startswith("mien.")}


def methods(classes: dict[str, type]) -> dict[str, Callable[..., Any]]:
    """The classes' own public methods."""
    return {
        f"{name}.{own}": found
        for name, kind in classes.items()
        for own, found in inspect.getmembers_static(kind)
        if not own.startswith("_") and own in vars(kind) and isinstance(found, classmethod | staticmethod | Callable)
    }


def sections(found: Any) -> dict[str, list[str]]:
    """The docstring's lines by the name of their section."""
    lines = (inspect.getdoc(found) or "").split("\n")
    heads = [at for at, rule in enumerate(lines[1:]) if re.fullmatch("-{3,}", rule)]
    return {lines[at]: lines[at + 2 : end] for at, end in pairwise([*heads, len(lines)])}


def entries(lines: list[str]) -> list[str]:
    """Names that a section lists: what stands at the margin, before the colon."""
    margin = [line.partition(" : ")[0] for line in lines if line and not line.startswith(" ")]
    return [name.strip().lstrip("*") for line in margin for name in line.split(",")]


CALLED = {**FUNCTIONS, **methods({name: found for name, found in CLASSES.items() if name != "MienError"})}


def plain(found: Any) -> Callable[..., Any]:
    """The function of a method."""
    return inspect.unwrap(getattr(found, "__func__", found))


def arguments(found: Any) -> list[str]:
    return [name for name in inspect.signature(plain(found)).parameters if name not in ("self", "cls")]


@pytest.mark.parametrize("name", CALLED)
def test_every_argument_is_listed_and_no_other(name: str) -> None:
    listed = entries(sections(plain(CALLED[name])).get("Parameters", []))
    assert sorted(listed) == sorted(arguments(CALLED[name]))


@pytest.mark.parametrize("name", CALLED)
def test_what_comes_back_is_said(name: str) -> None:
    returned = inspect.signature(plain(CALLED[name])).return_annotation
    assert {"Returns", "Yields"} & set(sections(plain(CALLED[name]))) or returned in (None, "None")


@pytest.mark.parametrize("name", CALLED)
def test_what_is_refused_is_said(name: str) -> None:
    refuses = "raise InputError" in inspect.getsource(plain(CALLED[name]))
    takes_much = name in FUNCTIONS and len(arguments(CALLED[name])) > 1
    assert "Raises" in sections(plain(CALLED[name])) or not (refuses or takes_much)


@pytest.mark.parametrize("name", {**CLASSES, **results()})
def test_every_field_is_listed(name: str) -> None:
    kind = {**CLASSES, **results()}[name]
    own = [field.name for field in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else arguments(kind)
    said = sections(kind)
    listed = entries([*said.get("Parameters", []), *said.get("Attributes", [])])
    assert not {field for field in own if not field.startswith("_")} - set(listed)
    assert len(set(listed)) == len(listed)


# The demo takes minutes; tests/studies/test_demo.py runs it on fewer people.
LONG = {"demo"}
# These look into the cache.
WITH_WEIGHTS = {"extract", "models.pull", "study.run", "watch", "serve"}
EXAMPLES = [name for name, found in {**CALLED, **CLASSES}.items() if ">>>" in (inspect.getdoc(found) or "")]


def test_every_function_of_two_or_more_arguments_has_an_example_that_runs() -> None:
    many = {name for name, found in FUNCTIONS.items() if len(arguments(found)) > 1}
    assert not many - set(EXAMPLES)
    assert {name for name in EXAMPLES if "doctest: +SKIP" in inspect.getdoc({**CALLED, **CLASSES}[name])} == LONG


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_gives_what_it_says(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in WITH_WEIGHTS:
        request.getfixturevalue("weights")
    monkeypatch.chdir(tmp_path)
    for test in doctest.DocTestFinder(recurse=False).find(plain({**CALLED, **CLASSES}[name]), name, globs={}):
        said: list[str] = []
        assert not doctest.DocTestRunner().run(test, out=said.append).failed, "".join(said)
