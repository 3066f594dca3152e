"""The pages of the API reference: one for every public name and every result, written when the site is built."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mien

HERE = Path(__file__).parent / "api"
# Every public name stands in one group; `groups` refuses to leave one out.
GROUPS = {
    "Nouns": "Samples Faces Features Target Evidence MienError",
    "Faces from files": "extract import_ read_faces read_samples datasets models doctor",
    "Measures": "actions load_actions functionals questionnaire load_questionnaire low_level",
    "Models": "train train_all train_part evaluate adapt load_model compare_models fairness learning_curve",
    "Evidence": "methods explain explain_all load_evidence draw_evidence evaluate_evidence",
    "Landmarks and maps": "reduce embed draw_maps compare",
    "Cohorts": "participants load_participants effects load_effects channels load_channels draw_channels profiles "
    "discrepancy cohort query release",
    "Networks": "activations load_activations probe load_probe probe_evidence load_probe_evidence units load_units "
    "rsa load_rsa draw_layers",
    "Gaze, films and brains": "fixations read_fixations load_eye_recordings gaze load_gaze streams read_brain decode "
    "brain_evidence load_brain_evidence draw_brain link load_link",
    "Made-up people and pictures": "synthesize synthesize_cohort synthesize_film stimuli load_stimuli read_stimuli "
    "pareidolia load_pareidolia",
    "Studies and papers": "study report figure tables methods_text demo",
    "On this machine": "app watch serve",
}


def groups() -> dict[str, list[str]]:
    """Names by group, of modules of verbs their verbs."""
    named = [name for names in GROUPS.values() for name in names.split()]
    public = set(mien.__all__) - {"__version__"}
    if sorted(named) != sorted(public):
        raise ValueError(f"docs/api_pages.py has no group, or two, for: {sorted(public ^ set(named)) or named}")
    return {group: [one for name in names.split() for one in verbs(name)] for group, names in GROUPS.items()}


def verbs(name: str) -> list[str]:
    """The name itself or, of a module of verbs, these."""
    return [f"{name}.{verb}" for verb in getattr(mien, name).__all__] if name in mien._MODULES else [name]


def value(name: str) -> Any:
    """What a public name means; a room with the name of a verb is called as the verb."""
    found: Any = mien
    for part in name.split("."):
        found = getattr(found, part)
    return inspect.unwrap(found) if inspect.ismodule(found) else found


def results() -> dict[str, type]:
    """What the public functions give, by its full name: classes of mien's own that have no name in ``mien`` itself."""
    public = {value(name) for names in groups().values() for name in names}
    given: dict[str, type] = {}
    for function in public:
        if inspect.isclass(function):
            continue
        returned = typing.get_type_hints(inspect.unwrap(function)).get("return")
        for kind in (returned, *typing.get_args(returned)):
            if inspect.isclass(kind) and kind.__module__.startswith("mien.") and kind not in public:
                given[f"{kind.__module__}.{kind.__name__}"] = kind
    return dict(sorted(given.items(), key=lambda pair: pair[0].rpartition(".")[2].lower()))


def first_line(found: Any) -> str:
    """What it does, in the first sentence of its docstring."""
    return (inspect.getdoc(found) or "").split("\n\n")[0].replace("\n", " ")


def page(name: str, found: Any) -> str:
    """One page: the docstring, and the tutorials that use the name."""
    title = name if name.startswith("mien.") and not inspect.isclass(found) else name.rpartition(".")[2]
    if inspect.isclass(found):
        body = f".. autoclass:: {name}\n   :members:\n"
    else:
        body = f".. autofunction:: {name}\n"
    return f"{title}\n{'=' * len(title)}\n\n{body}\n.. minigallery:: {name}\n   :add-heading: Tutorials that use it\n"


def overview() -> Iterator[str]:
    """The first page, with a line for each name."""
    yield "API reference\n=============\n"
    yield (
        "Every public name of ``mien``. What the command line can do, Python can do under the same name with the same "
        "arguments: ``mien evaluate-evidence`` is ``mien.evaluate_evidence``. Names load when they are used, so "
        "``import mien`` costs almost nothing. ``mien.__version__`` is the version.\n"
    )
    for group, names in groups().items():
        yield from table(group, {f"mien.{name}": value(name) for name in names})
    yield from table("Results", results())


def table(title: str, entries: dict[str, Any]) -> Iterator[str]:
    """A group as a table, with its pages in the tree."""
    yield f"{title}\n{'-' * len(title)}\n"
    yield ".. list-table::\n   :widths: 30 70\n"
    for name, found in entries.items():
        shown = name if name.startswith("mien.") and not inspect.isclass(found) else name.rpartition(".")[2]
        yield f"   * - :doc:`{shown} <generated/{name}>`\n     - {first_line(found)}"
    yield "\n.. toctree::\n   :hidden:\n"
    yield from (f"   generated/{name}" for name in entries)
    yield ""


def write() -> None:
    """Write the pages; a page that would be the same stays as it is, so that it is not built again."""
    public = {f"mien.{name}": value(name) for names in groups().values() for name in names}
    pages = {f"generated/{name}.rst": page(name, found) for name, found in (public | results()).items()}
    pages["index.rst"] = "\n".join(overview())
    (HERE / "generated").mkdir(parents=True, exist_ok=True)
    for old in (HERE / "generated").glob("*.rst"):
        if f"generated/{old.name}" not in pages:
            old.unlink()
    for name, text in pages.items():
        if not (HERE / name).exists() or (HERE / name).read_text(encoding="utf-8") != text:
            (HERE / name).write_text(text, encoding="utf-8")
