"""The first answer comes soon: evidence of a model of named features loads torch, and nothing large beside it."""

import subprocess
import sys

HEAVY = ("scipy.special", "scipy.sparse", "scipy.spatial", "scipy.stats", "pandas", "sklearn", "matplotlib", "lightgbm",
         "mien.nets.landmarker.network")  # fmt: skip


def test_what_explaining_named_features_loads() -> None:
    code = (
        "import sys, mien.explain.explain, mien.explain.request, mien.report.draw.explained\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
