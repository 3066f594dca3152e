"""The notebook in the documentation, run cell by cell as a notebook runs it: every cell shows something."""

import json
import runpy
from pathlib import Path

import pytest

pytest.importorskip("IPython")
FOLDER = Path(__file__).parents[3] / "docs" / "notebooks"


def test_the_notebook_is_the_one_of_its_cells():
    made = runpy.run_path(str(FOLDER / "write.py"))["notebook"]()
    assert json.loads((FOLDER / "first_study.ipynb").read_text(encoding="utf-8")) == made


def test_every_cell_shows_something(tmp_path, monkeypatch, weights):
    import matplotlib
    import matplotlib.pyplot as plt
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shell = InteractiveShell.instance()
    try:
        cells = json.loads((FOLDER / "first_study.ipynb").read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            if cell["cell_type"] != "code":
                continue
            code = "".join(cell["source"])
            plt.close("all")
            with capture_output() as shown:
                done = shell.run_cell(code)
            done.raise_error()
            drawn = bool(plt.get_fignums())
            assert done.result is not None or shown.stdout.strip() or drawn, f"shows nothing: {code}"
            html = getattr(done.result, "_repr_html_", lambda: "")()
            if code.endswith(("samples", "evaluation", "evidence")):
                assert "<table" in html and "<img" in html, code
    finally:
        plt.close("all")
        InteractiveShell.clear_instance()
