"""Whoever presses Ctrl-C reads a sentence and no traceback, however early."""

import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

# What is started in the background inherits that Ctrl-C is ignored.
READY = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); sys.argv = ['mien', 'doctor']\n"
    "from mien.__main__ import run; print('ready', flush=True); run()"
)


@pytest.mark.parametrize("delay", [0.01, 0.04, 0.08, 0.15, 0.25])
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "Interrupted"), (signal.SIGTERM, 143, "Ended from outside")]
)
def test_a_signal_while_the_command_is_loaded_ends_it_in_words(number: int, code: int, word: str, delay: float) -> None:
    command = [sys.executable, "-c", READY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    # On a quick machine all may be done by then.
    assert process.returncode in (code, 0), said
    assert "Traceback" not in said
    assert process.returncode == 0 or (said.count("\n") == 1 and word in said)


def test_loading_the_entry_point_loads_nothing_else() -> None:
    """So the time in which Python itself answers Ctrl-C is as short as it can be."""
    code = "import sys; before = {*sys.modules}; import mien.__main__; print(*sorted({*sys.modules} - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in loaded if not name.startswith("mien") and name in sys.stdlib_module_names] in (
        [], ["atexit"],
    )  # fmt: skip
    assert not [name for name in loaded if name.partition(".")[0] not in ("mien", "atexit")]


def test_a_signal_within_an_import_waits_for_its_end() -> None:
    """Half-imported modules, and C code that prints tracebacks, must not come of it."""
    code = (
        "import signal, sys, os, types, mien.cli.interrupts as i\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'slow':\n"
        "            import importlib.machinery as m; return m.ModuleSpec(name, self)\n"
        "    def create_module(self, spec): pass\n"
        "    def exec_module(self, module):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        for _ in range(100000): pass\n"
        "        print('whole', flush=True)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "def program():\n"
        "    import slow\n"
        "    import time; time.sleep(5); print('went on')\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler); i.run_to_the_end(lambda: program)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (130, "whole\n"), done.stderr
