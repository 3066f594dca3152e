"""The page answers soon after its start: what takes seconds to load waits until somebody asks for it."""

import subprocess
import sys

import pytest

pytest.importorskip("nicegui")

# In a process of its own: this one has loaded everything already.
START = """
import sys, tempfile
from mien.app.local_page.folders import Folders, OpenStudies
from mien.app.local_page.server import _application
_application(OpenStudies(Folders.of([tempfile.gettempdir()])), 1)
heavy = ("torch", "pandas", "sklearn", "lightgbm", "onnxruntime",
         "pyarrow", "cv2", "aiohttp", "requests")
print(" ".join(name for name in heavy if name in sys.modules))
"""


def test_the_start_loads_no_networks_and_no_tables() -> None:
    ran = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == []
