"""Help that helps: every verb with examples that work, -h, verbs that were misspelt, quiet and piped output."""

import shlex

import pytest
import typer
from typer.testing import CliRunner

from mien.cli.examples import EXAMPLES
from mien.cli.main import VERBS, app
from mien.core.progress import Lines

RUNNER = CliRunner()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_two_examples_whose_options_exist(verb: str) -> None:
    for line in EXAMPLES[verb]:
        program, *words = shlex.split(line)
        assert program == "mien" and words[0] == verb
        path, command = ["mien"], typer.main.get_command(app)
        context = command.context_class(command)
        while hasattr(command, "list_commands"):
            command = command.get_command(context, words[0])
            path.append(words.pop(0))
        # Parsing refuses options that do not exist and missing ones; the verb itself is not run.
        command.make_context(" ".join(path), words)
        assert line in RUNNER.invoke(app, [verb, "-h"]).output


def test_a_verb_that_is_misspelt_is_guessed() -> None:
    done = RUNNER.invoke(app, ["exract"])
    assert done.exit_code == 2 and "Did you mean 'extract'?" in done.output
    done = RUNNER.invoke(app, ["qqqq"])
    assert done.exit_code == 2 and "'mien --help' lists them" in done.output


def test_completion_is_offered_and_knows_the_verbs(monkeypatch) -> None:
    monkeypatch.setenv("_MIEN_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "mien ex")
    monkeypatch.setenv("COMP_CWORD", "1")
    done = RUNNER.invoke(app, [], prog_name="mien")
    assert done.output.split() == ["extract", "explain"]


def test_quiet_keeps_results_and_errors(tmp_path) -> None:
    wordy = RUNNER.invoke(app, ["synthesize", "-o", str(tmp_path / "a"), "--subjects", "2", "--frames", "2"])
    assert "made-up people" in wordy.stderr
    still = RUNNER.invoke(app, ["synthesize", "-o", str(tmp_path / "b"), "--subjects", "2", "--frames", "2", "-q"])
    assert still.exit_code == 0 and still.output == ""
    wrong = RUNNER.invoke(app, ["report", str(tmp_path / "nowhere"), "--quiet"])
    assert wrong.exit_code == 2 and "nowhere" in wrong.stderr


def test_piped_progress_is_a_line_now_and_then_with_the_time_left() -> None:
    now, lines = [0.0], []
    with Lines(lines.append, every_s=10, clock=lambda: now[0]) as progress:
        task = progress.add_task("folds", total=20)
        for done in range(1, 21):
            now[0] += 3
            progress.update(task, completed=done)
    assert lines == [
        "folds: 20 %, about 48 s left", "folds: 40 %, about 36 s left", "folds: 60 %, about 24 s left",
        "folds: 80 %, about 12 s left", "folds: 100 %",
    ]  # fmt: skip


def test_work_that_is_done_soon_prints_nothing() -> None:
    lines: list[str] = []
    with Lines(lines.append, every_s=10, clock=lambda: 0.0) as progress:
        progress.update(progress.add_task("frames"), advance=5)
    assert lines == []
