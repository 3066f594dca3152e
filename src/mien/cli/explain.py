"""``mien explain``: evidence of a stored model about samples, with drawings."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli import inputs
from mien.cli.console import DONE, SOME_FAILED, console, errors, fail, page, print_json, problem, watching
from mien.cli.spreading import Address, Engine, Part, Workers, show_part
from mien.core.evidence import INCOMPLETE
from mien.core.loading import loading
from mien.core.progress import Progress

if TYPE_CHECKING:
    from mien.report.draw.explained import Drawn

# Why a sample has no input when the faces are of other samples.
_NO_FACE = ("not extracted", "no face")
# After so many seconds it is said if more than so many are left.
_LOOK_S, _LONG_S = 10.0, 1800.0


def explain(
    model: Annotated[
        Path,
        typer.Argument(help="Folder that 'mien train' wrote, rules, or blendshape:NAME, measure:NAME, distance:A-B."),
    ],
    samples: inputs.SampleSource,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the evidence, such as STUDY/evidence/NAME.")
    ],
    faces: Annotated[Path | None, typer.Option(help="Folder that 'mien extract' wrote.")] = None,
    method: Annotated[
        str,
        typer.Option(
            help="Method of explanation. [default: integrated-gradients; trees: tree-shap; rules: rule-reasons]"
        ),
    ] = "",
    target: Annotated[
        list[str] | None,
        typer.Option(help="CLASS, 'CLASS>OTHER' or CLASS:down; may be repeated. Default: every class."),
    ] = None,
    through: Annotated[
        str, typer.Option(help="'landmarker': carry a model's evidence back to the pixels of the photos.")
    ] = "",
    baselines: Annotated[
        str,
        typer.Option(
            help="medoids, medoids:LABEL, class-medoids, mean or zero; through the landmarker also blur. Default: "
            "medoids, through the landmarker blur."
        ),
    ] = "",
    n_baselines: Annotated[int | None, typer.Option(help="Number of typical samples (medoids). [default: 5]")] = None,
    reference: Annotated[
        str | None, typer.Option(help="Samples that medoids and mean are taken from, such as those of the training.")
    ] = None,
    n_steps: Annotated[
        int | None,
        typer.Option(help="Steps from baseline to sample (integrated-gradients). Default: as many as each line needs."),
    ] = None,
    n_shuffles: Annotated[
        int,
        typer.Option(
            help="Also train and explain so many models of shuffled labels, 99 for a paper: a place is then named only "
            "where its share is larger than theirs."
        ),
    ] = 0,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the method, NAME=VALUE; may be repeated. See 'mien methods NAME'."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed of methods that draw numbers.")] = 0,
    batch_size: Annotated[int | None, typer.Option(help="Maximum batch size; bounds the memory.")] = None,
    max_memory: Annotated[
        str | None, typer.Option(help="Memory for the layers' results beside the model, such as 500MB.")
    ] = None,
    device: inputs.Device = "auto",
    labels: inputs.Labels = "",
    subject_pattern: inputs.SubjectPattern = "",
    columns: inputs.Columns = "",
    missing: inputs.Missing = "",
    same: inputs.Same = "",
    show_faces: inputs.ShowFaces = False,
    show_names: inputs.ShowNames = False,
    workers: Workers = 1,
    engine: Engine = "local",
    address: Address = "",
    part: Part = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Evidence: what the model's output rests on, for every sample, summarised over people and drawn on a face."""
    with loading():
        from mien.engine.work import PartDone
        from mien.explain.explain import explain_all as run
        from mien.explain.methods import method_of_name
        from mien.explain.request import check_request, usual_method
        from mien.report.draw.explained import draw_evidence

    method = method or usual_method(model, through)
    settings: dict[str, Any] = {
        "method": method,
        "baselines": baselines or None,
        "n_baselines": n_baselines,
        "reference": reference,
        "seed": seed,
        "batch_size": batch_size,
        "max_memory": max_memory,
        "device": device,
        "faces": faces,
    }
    settings |= method_of_name(method).parsed(set_ or [])
    if n_steps is not None:
        settings["n_steps"] = n_steps
    # Before faces and models are read, which takes a while.
    check_request(**settings)
    settings |= {
        "through": through or None,
        "output": output,
        "workers": workers,
        "engine": engine,
        "address": address,
        "part": part,
        "n_shuffles": n_shuffles,
        **inputs.reading(labels, subject_pattern, columns, missing, same),
    }
    with watching("evidence") as bar:
        found = run(model, samples, targets=target or (), progress=_says_if_long(bar, method), **settings)
    if part:
        there = {name: int((evidence.status != "other part").sum()) for name, evidence in found.items()}
        show_part([(n, PartDone(part, there[n], len(found[n]))) for n in found], "samples", output, json)
        return
    facts = {"model": str(model), "method": method, "targets": list(found), "baselines": baselines, "seed": seed}
    facts |= {"through": through} if through else {}
    inputs.note_step(output, "evidence", "explain", samples, **facts)
    results = [
        _facts(evidence, draw_evidence(evidence, output, model=model, show_faces=show_faces, show_names=show_names))
        for evidence in found.values()
    ]
    _show(results, output, json)
    left_out = max((result["left_out"] for result in results), default=0)
    if left_out:
        errors().print(_why(list(found.values()), left_out), markup=False, soft_wrap=True)
    fail(SOME_FAILED if left_out else DONE)


def _says_if_long(bar: Progress, method: str, clock: Callable[[], float] = time.monotonic) -> Progress:
    """What is hours away says once how it would be sooner."""
    begin, said = clock(), False

    def update(done: int, total: int) -> None:
        nonlocal said
        bar(done, total)
        passed = clock() - begin
        if not said and passed > _LOOK_S and 0 < done < total and passed * (total - done) / done > _LONG_S:
            said = True
            errors().print(
                f"This takes long with '{method}'. Sooner: another method (grad-cam needs one pass a picture; 'mien "
                "methods' lists them), --n-baselines 1, or a table with fewer rows. What is done is kept if it is "
                "stopped now.",
                markup=False, soft_wrap=True,
            )  # fmt: skip

    return update


def _show(results: list[dict[str, Any]], output: Path, json: bool) -> None:
    # The same of every target is told once.
    for number, result in enumerate(results):
        before = [note for earlier in results[:number] for note in earlier["notes"]]
        result["notes"] = [note for note in result["notes"] if note not in before]
    if json:
        print_json(results)
        return
    for result in results:
        page().print(result["words"] or _wordless(result), markup=False, soft_wrap=True)
        for note in result["notes"]:
            console().print(note, markup=False, soft_wrap=True)
    console().print(f"Evidence and drawings: {output}", markup=False, soft_wrap=True)


def _why(found: list[Any], left_out: int) -> str:
    """Why samples gave no evidence: in a word where none did, else where that stands."""
    reasons = Counter(str(status) for evidence in found for status in _reasons(evidence))
    if set(reasons) == {INCOMPLETE}:
        return f"{left_out} samples gave no evidence that can be interpreted: their values are incomplete, see above."
    if not all(len(_reasons(evidence)) == len(evidence) for evidence in found):
        return f"{left_out} samples gave no evidence; why stands in evidence.json."
    (reason, _), *_ = reasons.most_common(1)
    hint = "; check that --faces is the folder that 'mien extract' wrote for these samples"
    return f"None of the {left_out} samples gave evidence, mostly: {reason}{hint if reason in _NO_FACE else ''}."


def _reasons(evidence: Any) -> list[str]:
    """Of each sample without evidence; for one without input why it has none."""
    reasons = evidence.settings.get("left_out", {})
    rows = (~evidence.ok & (evidence.status != "abstained")).nonzero()[0]
    return [str(reasons.get(str(evidence.sample[row]), evidence.status[row])) for row in rows]


def _wordless(result: dict[str, Any]) -> str:
    """One sentence about evidence that has no words."""
    if result["abstained"]:
        return str(result["abstained"][0])
    if result["left_out"] == result["samples"]:
        return f"{result['target']}: none of the {result['samples']} samples gave evidence"
    return f"{result['target']}: evidence written"


def _facts(evidence: Any, drawn: Drawn) -> dict[str, Any]:
    """What is printed about some evidence, and how it was drawn."""
    # Who says openly that it cannot be known has not failed.
    without = ~evidence.ok & (evidence.status != "abstained")
    if drawn.problem:
        problem(drawn.problem)
    return {
        "target": str(evidence.target),
        "folder": str(drawn.folder),
        "samples": len(evidence),
        "left_out": int(without.sum()),
        "abstained": list(evidence.settings.get("abstained", [])),
        "notes": [f"{evidence.target}: {note}" for note in evidence.settings.get("notes", [])] + list(drawn.notes),
        "words": drawn.words,
        "drawings": [str(path) for path in drawn.drawings],
    }
