"""A report reads results: what computes them, and the seconds that their libraries take, stay unloaded."""

import subprocess
import sys

HEAVY = ("torch", "sklearn", "scipy.stats", "scipy.optimize", "pandas", "matplotlib", "lightgbm", "duckdb")


def test_the_report_loads_no_library_that_only_computing_needs():
    code = f"import sys, mien.report.report; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
