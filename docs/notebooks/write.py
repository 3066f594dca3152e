"""Write ``first_study.ipynb`` from the cells below: ``python docs/notebooks/write.py``."""

import json
from pathlib import Path

CELLS = (
    "# From people to a manuscript page\n\nEvery cell shows something. The people are made up; put your own table in "
    "the place of `people`.",
    'import mien\n\nmien.synthesize("people", subjects=8, expressions=("neutral", "smile"), frames=8, pictures=False)\n'
    'samples = mien.read_samples("people")\nsamples',
    "samples.plot();",
    'trained = mien.train(samples, faces="people", target="expression", n_folds=4, noise_check=True, progress=True,\n'
    '                     output="study/models/mine")\ntrained.evaluation',
    "trained.evaluation.to_pandas()",
    "trained.evaluation.plot();",
    'evidence = mien.explain("study/models/mine", samples, faces="people", target="smile", '
    'method="permutation-shap",\n                        output="study/evidence")\nevidence',
    'report = mien.report("study")\nreport',
    'mien.figure("study")',
    'figure = mien.figure("study", ["scores", "confusion-mine"], "figure.svg", width="single")\nprint(figure.caption)',
    'tables = mien.tables("study", "tables")\ntables.files',
    "import pandas\n\npandas.read_csv('tables/models-scores.csv')",
    'text = mien.methods_text("study", "text", word=False)\nprint(text.markdown())',
)


def notebook() -> dict[str, object]:
    """The notebook as JSON, without output."""
    cells: list[dict[str, object]] = []
    for number, source in enumerate(CELLS):
        own: dict[str, object] = {"id": f"cell-{number}", "metadata": {}, "source": source.splitlines(keepends=True)}
        words = source.startswith("#")
        cells.append({"cell_type": "markdown", **own} if words else
                     {"cell_type": "code", "execution_count": None, "outputs": [], **own})  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


if __name__ == "__main__":
    target = Path(__file__).parent / "first_study.ipynb"
    target.write_text(json.dumps(notebook(), indent=1) + "\n", encoding="utf-8")
