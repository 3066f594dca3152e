"""What the command line can do, Python can do under the same name."""

import ast
import inspect
import re
from collections.abc import Callable
from importlib.resources import files
from keyword import iskeyword
from typing import Any

import pytest

import mien
from mien.cli.main import commands_of_verbs
from mien.core.evidence import Evidence

COMMANDS = dict(commands_of_verbs())


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


# Options whose argument in Python has another name or place, and why.
ELSEWHERE = {
    # Python's own words.
    "import": {"from": "tool"}, "models pull": {"from": "source"},
    "fixations": {"from": "tracker"}, "streams add": {"as": "kind"},
    # A setting of the model, its features or the method is one of a dict in Python, or simply an argument (explain).
    "channels": {"set": "settings"},
    "train": {"set": "settings", "mirror": "settings", "device": "settings", "relative_to": "recipe"},
    "adapt": {"set": "settings"},
    "probe-evidence": {"set": "settings"},
    "reduce": {"set": "settings", "points": "recipe", "samples": "X"},
    "learning-curve": {"set": "settings"},
    "explain": {"set": "settings", "n_steps": "settings", "labels": "settings"},
    # Evidence that is there already stands among the methods; the rest of how samples are read is that of explain.
    "evaluate-evidence": {
        "set": "settings", "evidence": "methods", **dict.fromkeys(
            ("labels", "subject_pattern", "columns", "missing", "same", "through", "faces", "reference", "baselines",
             "n_baselines", "batch_size", "max_memory"), "inputs"),
    },
    # Python maps whatever array it is given, too.
    "embed": {"source": "x"},
}  # fmt: skip
# What only says how a result is shown, or who may read it (in Python: MIEN_PRIVATE).
SHOWN = {"json", "quiet", "private", "help", "show_faces", "show_names", "thumbnails"}
# Which of two functions a command calls.
SHOWN_OF = {"compare-models": {"attributes"}, "rsa": {"maps"}, "synthesize": {"kind"}}
# What only Python has: objects that no option can hold, and what a command does by itself.
ONLY_PYTHON = {"progress", "say", "done", "isolated", "evaluate", "recipe", "settings", "n_boot", "changed", "evidence"}
ONLY_PYTHON_OF = {
    # A module, which only Python has.
    "probe-evidence": {"body"},
    # Tables and evidence name their subjects themselves.
    "compare": {"subjects_a", "subjects_b"},
    # All others of mien.train.
    "train": {"asked"},
    "evaluate-evidence": {"centre_px"},
    "reduce": {"y", "subjects", "topology", "n_baselines", "ranking_settings"},
    # What '--json' prints.
    "watch": {"each"},
    # The command always waits.
    "serve": {"wait"},
    "app": {"wait"},
    "embed": {"subjects", "ids", "n_held_out", "n_neighbors_tested", "correction", "maps", "title"},
}


def parameters_of(verb: str) -> set[str]:
    # One command explains every target, draws several maps and what it found, and trains one model or several.
    more = {
        "explain": [mien.explain_all, mien.draw_evidence], "embed": [mien.draw_maps],
        "train": [mien.train_all, mien.train_part],
        "synthesize": [mien.synthesize_cohort, mien.synthesize_film],
    }  # fmt: skip
    functions = [function_of(verb), *more.get(verb, [])]
    return {name for function in functions for name in inspect.signature(function).parameters}


def options_of(verb: str) -> dict[str, bool]:
    """Options and arguments as they are written, with underscores, and whether they may be repeated."""
    found = {}
    for parameter in COMMANDS[verb].params:
        longest = max(parameter.opts, key=len).lstrip("-").replace("-", "_")
        found[longest] = bool(getattr(parameter, "multiple", False))
    return found


@pytest.mark.parametrize("verb", COMMANDS)
def test_options_and_arguments_have_the_same_names(verb: str) -> None:
    taken, own, elsewhere = parameters_of(verb), options_of(verb), ELSEWHERE.get(verb, {})
    named = set()
    for option, several in own.items():
        if option in elsewhere:
            named.add(elsewhere[option])
        elif option in taken or option not in SHOWN | SHOWN_OF.get(verb, set()):
            # What may be repeated is one of several.
            named |= {option, f"{option}s"} & taken if several else {option}
            assert {option, f"{option}s" if several else option} & taken, f"mien {verb} --{option}"
    assert named <= taken, f"mien {verb}: {sorted(named - taken)}"
    without = taken - named - ONLY_PYTHON - ONLY_PYTHON_OF.get(verb, set())
    assert not without, f"mien {verb} has no option for {sorted(without)}"


# Texts with commas that are sequences in Python, and what a command chooses by what else it was given.
WRITTEN = {"k", "every", "methods", "expressions", "output", "folder", "doses", "frames"}


@pytest.mark.parametrize("verb", COMMANDS)
def test_options_and_arguments_have_the_same_defaults(verb: str) -> None:
    arguments = inspect.signature(function_of(verb)).parameters
    for parameter in COMMANDS[verb].params:
        name = max(parameter.opts, key=len).lstrip("-").replace("-", "_")
        if name not in arguments or name in WRITTEN or arguments[name].default is inspect.Parameter.empty:
            continue
        given, default = parameter.default, arguments[name].default
        # "Not given" is written in several ways; the help of a verb names the method that it takes then.
        if given in (None, "", ()) and (verb, name) == ("embed", "method"):
            given = re.search(r"Default: ([\w-]+)", parameter.help)[1]
        assert given == default or (given in (None, "", ()) and default in (None, "", ())), f"mien {verb} --{name}"


def test_options_are_known_by_their_former_names(tmp_path) -> None:
    command = COMMANDS["reduce"]
    words = ["people", "--target", "smile", "-o", str(tmp_path), "--folds", "3", "--random=5", "--", "--steps"]
    with pytest.raises(Exception, match="--steps"):
        command.make_context("reduce", list(words))
    context = command.make_context("reduce", words[:-2])
    assert context.params["n_folds"] == 3 and context.params["n_random"] == 5
    assert "--folds" not in command.get_help(context) and "--n-folds" in command.get_help(context)
