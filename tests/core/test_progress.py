"""Progress in Python: True writes lines to standard error, a callable is called."""

import numpy as np
import pytest

import mien
from mien.core import progress
from mien.core.progress import files_in_lines, progress_of


def test_what_was_asked_for_is_kept():
    def counted(done, total):
        return None

    assert progress_of(None, "folds") is None and progress_of(False, "folds") is None
    assert progress_of(counted, "folds") is counted


def test_true_writes_lines_to_standard_error(monkeypatch, capsys):
    monkeypatch.setattr(progress.Lines.__init__, "__defaults__", (0.0, iter(range(100)).__next__))
    progress_of(True, "folds")(3, 10)
    step = files_in_lines(2, 50)
    step(1, 25)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == ["folds: 30 %, about 2 s left", "1/2 files: 50 %, about 1 s left"]


def test_a_public_function_takes_true():
    pytest.importorskip("torch")
    x = np.random.default_rng(0).normal(size=(30, 4))
    assert len(mien.embed(x, method="pca", n_permutations=99, progress=True)) == 30


def test_long_work_says_how_long_after_its_first_part_and_short_work_nothing():
    now, lines = [0.0], []
    bar = progress.Lines(lines.append, clock=lambda: now[0])
    task = bar.add_task("loading")
    now[0] = 8.0
    bar.update(task, completed=0, total=100)
    now[0] = 10.0
    # Two seconds say little of a hundredth: workers may be starting.
    bar.update(task, completed=1, total=100)
    assert not lines
    now[0] = 13.0
    # Five seconds for two parts of a hundred: what was loaded before does not count.
    bar.update(task, completed=2, total=100)
    assert lines == ["loading: 2 %, about 4 min left"]
    now[0] = 15.0
    bar.update(task, completed=3, total=100)
    assert len(lines) == 1
    now[0] = 28.0
    bar.update(task, completed=10, total=100)
    assert lines[1:] == ["loading: 10 %, about 3 min left"]
    quick: list[str] = []
    bar = progress.Lines(quick.append, clock=lambda: now[0])
    task = bar.add_task("quick")
    for done in range(11):
        now[0] += 1.0
        bar.update(task, completed=done, total=10)
    assert not quick


def test_a_notebook_gets_one_bar_that_is_drawn_anew(monkeypatch):
    import sys
    from types import SimpleNamespace

    shown, updates = [], []

    class ZMQInteractiveShell:
        pass

    def display(what, display_id):
        shown.append(what._repr_html_())
        return SimpleNamespace(update=lambda new: updates.append(new._repr_html_()))

    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=ZMQInteractiveShell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    tell = progress_of(True, "a<b")
    for done in range(1, 2001):
        tell(done, 2000)
    assert shown == ['<progress value="1" max="2000"></progress> a&lt;b: 0 %, about 0 s left']
    assert updates[-1] == '<progress value="2000" max="2000"></progress> a&lt;b: 100 %' and len(updates) < 20


def test_the_logger_is_silent_until_somebody_sets_it_up(monkeypatch, capsys, caplog):
    import logging

    monkeypatch.setattr(progress.Lines.__init__, "__defaults__", (0.0, iter(range(100)).__next__))
    assert progress_of(None, "folds") is None
    assert capsys.readouterr() == ("", "")
    with caplog.at_level(logging.INFO, logger="mien"):
        tell = progress_of(None, "folds")
        tell(3, 10)
    assert [(record.name, record.levelname) for record in caplog.records] == [("mien", "INFO")]
    assert caplog.records[0].getMessage().startswith("folds: 30 %")
