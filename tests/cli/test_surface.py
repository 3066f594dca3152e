"""What the command line can do, Python can do under the same name."""

import ast
from collections.abc import Callable, Iterator
from importlib.resources import files
from keyword import iskeyword
from typing import Any

import pytest
import typer

import mien
from mien.cli.main import VERBS, app
from mien.core.evidence import Evidence


def commands() -> Iterator[tuple[str, Any]]:
    """Every verb with its command, those of a group by both names: 'study run'."""
    group = typer.main.get_command(app)
    context = group.context_class(group)
    for verb in VERBS:
        command = group.get_command(context, verb)
        if hasattr(command, "commands"):
            yield from ((f"{verb} {name}", inner) for name, inner in command.commands.items())
        else:
            yield verb, command


COMMANDS = dict(commands())


def function_of(verb: str) -> Callable[..., Any]:
    """The public function of a verb's name; Python's own words end in an underscore."""
    found: Any = mien
    for word in verb.replace("-", "_").split():
        found = getattr(found, f"{word}_" if iskeyword(word) else word)
    return found


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_is_a_public_function_of_its_name(verb: str) -> None:
    assert callable(function_of(verb)) and function_of(verb).__doc__


def test_the_stub_names_the_home_of_every_public_name() -> None:
    """An editor completes from it."""
    tree = ast.parse((files("mien") / "__init__.pyi").read_text(encoding="utf-8"))
    for node in (node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module != "mien"):
        for alias in node.names:
            assert {**mien._BARE, **mien._LEARN}[alias.name] == node.module and alias.name == alias.asname


def test_a_name_that_was_published_still_works_and_names_the_new_one() -> None:
    import numpy as np

    with pytest.warns(DeprecationWarning, match=r"mien.faithfulness is now called mien.evaluate_evidence"):
        found = mien.faithfulness(
            lambda x: x @ np.ones(3, np.float32), np.eye(3), "kernel-shap", metrics=["gini"], fill="zero"
        )
    assert found.rows and not isinstance(found, Evidence)
