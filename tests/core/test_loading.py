"""While libraries are loaded nothing is searched for garbage; afterwards it is as before."""

import gc
import subprocess
import sys

import pytest


def test_the_collector_rests_within_and_is_as_before_afterwards() -> None:
    code = (
        "import gc\nfrom mien.core.loading import loading\nruns = []\ngc.callbacks.append(lambda *_: runs.append(1))\n"
        "with loading():\n    kept = [[] for _ in range(5000)]\n"
        "assert not runs and gc.isenabled() and gc.get_freeze_count() > 5000\n"
        "kept = [[] for _ in range(5000)]\nassert runs\ngc.disable()\nwith loading(): pass\nassert not gc.isenabled()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_failed_import_leaves_it_as_before() -> None:
    from mien.core.loading import loading

    with pytest.raises(ModuleNotFoundError), loading():
        raise ModuleNotFoundError
    assert gc.isenabled()
    gc.unfreeze()
