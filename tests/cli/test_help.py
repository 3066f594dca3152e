"""Help that helps: every verb with examples that work, -h, verbs that were misspelt, quiet and piped output."""

import inspect
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import mien
from mien.cli.examples import EXAMPLES
from mien.cli.main import PATHS, VERBS, app, commands_of_verbs
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


def test_every_verb_within_a_verb_has_two_examples_of_its_own() -> None:
    for verb, command in commands_of_verbs():
        lines = [line.strip() for line in (command.epilog or "").splitlines()]
        own = [line for line in lines if line.startswith("mien ")]
        assert len(own) == 2, verb
        if " " in verb:
            assert all(line.startswith(f"mien {verb}") for line in own), verb
            for line in own:
                rest = shlex.split(line)[1 + len(verb.split()) :]
                command.make_context(f"mien {verb}", rest)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("exract", "There is no verb 'exract'. Did you mean 'extract'? See 'mien -h'."),
        ("qqqq", "There is no verb 'qqqq'. See 'mien -h'."),
        ("models pul", "There is no verb 'pul'. Did you mean 'pull'? See 'mien models -h'."),
        ("train a.csv --modle x", "There is no option '--modle'. Did you mean '--model'? See 'mien train -h'."),
        ("study run --zzz", "There is no option '--zzz'. See 'mien study run -h'."),
        ("train a.csv --n-folds x", "--n-folds is a whole number from 2 to 1,000,000. See 'mien train -h'."),
        ("train a.csv", "Missing option '--target'. See 'mien train -h'."),
        ("extract a.jpg --draw=3", "Option '--draw' does not take a value. See 'mien extract -h'."),
        ("study run x y", "There are more words than arguments: y. See 'mien study run -h'."),
        (
            "report nowhere",
            "nowhere is not a folder; give the one that 'mien extract', 'train' and 'explain' wrote to.",
        ),
    ],
)
def test_wrong_use_is_one_sentence_that_says_what_was_meant(words: str, sentence: str) -> None:
    done = RUNNER.invoke(app, words.split(), prog_name="mien")
    assert done.exit_code == 2 and done.output == f"mien: {sentence}\n"


@pytest.mark.parametrize("words", [["train"], ["models"], ["reduce"]])
def test_help_is_not_cut_short_and_shared_options_stand_apart(words: list[str]) -> None:
    page = RUNNER.invoke(app, [*words, "-h"], prog_name="mien").output
    assert "..." not in page.replace("vgg16 ...", "").replace("(sequences) ...", "").replace("[ARGS]...", "")
    titles = [line for line in page.splitlines() if line.endswith(":") and not line.startswith(" ")]
    both = ["Arguments:", "Options:", "How samples are read:", "How work is spread:", "What is shown:"]
    assert titles == (["Options:", "Commands:"] if words == ["models"] else both)


def test_what_failed_beside_the_rest_is_a_problem_everywhere(tmp_path) -> None:
    (tmp_path / "odd.csv").write_text("a\n1\n")
    done = RUNNER.invoke(app, ["import", str(tmp_path / "odd.csv"), "--from", "openface", "-o", str(tmp_path / "s")])
    assert done.exit_code == 1 and done.stderr.startswith("problem: ")
    done = RUNNER.invoke(app, ["extract", str(tmp_path / "no.jpg"), "-o", str(tmp_path / "s")])
    assert done.exit_code == 1 and done.stderr == f"problem: {tmp_path / 'no.jpg'}: does not exist.\n"


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


def test_piped_progress_is_a_line_after_the_first_part_and_now_and_then_with_the_time_left() -> None:
    now, lines = [0.0], []
    with Lines(lines.append, every_s=10, clock=lambda: now[0]) as progress:
        task = progress.add_task("folds", total=20)
        for done in range(1, 21):
            now[0] += 3
            progress.update(task, completed=done)
    assert lines == [
        "folds: 5 %, about 57 s left", "folds: 25 %, about 45 s left", "folds: 45 %, about 33 s left",
        "folds: 65 %, about 21 s left", "folds: 85 %, about 9 s left",
    ]  # fmt: skip


def test_work_that_is_done_soon_prints_nothing() -> None:
    lines: list[str] = []
    with Lines(lines.append, every_s=10, clock=lambda: 0.0) as progress:
        progress.update(progress.add_task("frames"), advance=5)
    assert lines == []


def test_every_option_that_is_a_path_is_known_as_one() -> None:
    paths = set()
    for row in VERBS.values():
        verb = row.run
        for name, parameter in inspect.signature(verb, eval_str=True).parameters.items() if callable(verb) else ():
            words = str(parameter.annotation)
            if "pathlib" in words and "OptionInfo" in words:
                paths.add(f"--{name.replace('_', '-')}")
    assert "--output" in paths and paths <= set(PATHS)


@pytest.mark.parametrize("blank", ["", "  "])
def test_an_empty_path_is_refused_and_never_taken_for_this_folder(tmp_path, monkeypatch, blank: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").touch()
    for words in (["-o", blank], ["--output", blank], [f"--output={blank}"]):
        for verb in (["synthesize"], ["extract", "a.txt"], ["study", "new", "fast-landmarks"]):
            done = RUNNER.invoke(app, [*verb, *words])
            assert done.exit_code == 2 and "is empty; name a file or a folder" in done.output
    done = RUNNER.invoke(app, ["extract", blank, "-o", "study"])
    assert done.exit_code == 2 and "an argument is empty; name a file or a folder" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_what_does_not_exist_was_not_there_already(tmp_path) -> None:
    done = RUNNER.invoke(app, ["extract", str(tmp_path / "nowhere"), "-o", str(tmp_path / "study")])
    assert done.exit_code == 1 and "1 file: 1 absent." in done.output and "already" not in done.output


# Examples that made-up clips are enough for, in an order in which each has what it needs.
ON_MADE_UP_CLIPS = (
    "doctor", "methods", "methods --json", "models card landmarker", "synthesize cohort", "train samples.csv",
    "evaluate study/models/mine", "explain study/models/mine", "evaluate-evidence study/models/mine", "report study",
    "release study",
    "functionals study --workers 2", "study new impressions", "datasets",
)  # fmt: skip
# Why no example of these is run here: pictures, a minute of time, or packages that not everybody installs.
ELSEWHERE = {
    "extract": "tests/test_documents.py", "import": "tests/cli/test_importing.py",
    "reduce": "tests/cli/test_reduce.py",
    "compare": "tests/compare/test_groups.py", "compare-models": "tests/compare/test_models.py",
    "fixations": "tests/data/eyes/test_fixations_of_samples.py",
    "embed": "tests/cli/test_embed.py", "fairness": "tests/compare/test_fairness.py",
    "actions": "tests/features/test_action_units.py", "adapt": "tests/learn/test_adapt.py",
    "learning-curve": "tests/cohort/test_learning_curve.py",
    "activations": "tests/cli/test_activations.py", "probe": "tests/cli/test_probe.py",
    "rsa": "tests/cli/test_rsa.py", "units": "tests/cli/test_units.py", "gaze": "tests/compare/gaze/test_gaze.py",
    "probe-evidence": "tests/responses/evidence/test_evidence.py",
    "demo": "tests/studies/test_demo.py", "watch": "tests/app/test_watch.py", "serve": "tests/app/test_serve.py",
    "app": "tests/browser/test_start.py",
    "profiles": "tests/cohort/test_profiles.py",
    "discrepancy": "tests/cohort/test_discrepancy.py",
    "questionnaire": "tests/data/questionnaires/test_questionnaire.py",
    "stimuli": "tests/stimuli/test_stimuli.py", "pareidolia": "tests/stimuli/pareidolia/test_pareidolia.py",
    "query": "tests/cohort/test_query.py",
    "effects": "tests/cohort/test_effects.py", "participants": "tests/cohort/test_participants.py",
    "channels": "tests/cohort/test_channels.py", "tables": "tests/report/tables/test_tables.py",
    "brain-evidence": "tests/decoding/evidence/test_brain_evidence.py",
    "link": "tests/compare/test_link.py", "streams": "tests/features/streams/test_verbs.py",
    "decode": "tests/decoding/test_decode.py",
    "figure": "tests/report/test_figure.py", "methods-text": "tests/report/paper/test_methods_text.py",
}  # fmt: skip


@pytest.mark.usefixtures("weights")
def test_examples_run_on_made_up_clips(tmp_path, monkeypatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    for folder, table, person, seed in (("study", "samples.csv", "a", 0), ("others", "others.csv", "b", 1)):
        mien.synthesize(folder, subjects=3, expressions=("neutral", "smile"), frames=6, seed=seed)
        lines = Path(folder, "samples.csv").read_text().splitlines()
        rows = (line.split(",") for line in lines[1:])
        named = [",".join([clip, f"{person}{subject}", *rest]) for clip, subject, *rest in rows]
        Path(table).write_text("\n".join([lines[0], *named]) + "\n")
    assert {*ELSEWHERE, *(words.split()[0] for words in ON_MADE_UP_CLIPS)} == set(VERBS)
    for words in ON_MADE_UP_CLIPS:
        lines = [line for line in EXAMPLES[words.split()[0]] if line.startswith(f"mien {words}")]
        assert lines, words
        done = RUNNER.invoke(app, shlex.split(lines[0])[1:], prog_name="mien")
        assert done.exit_code == 0, f"{lines[0]}: {done.output}"


def test_a_verb_without_parts_says_which_verbs_have_them():
    for verb, why in (("learning-curve", "'mien train'"), ("study", "its steps rest on each other")):
        done = CliRunner().invoke(app, [verb, "run", "somewhere", "--part", "1/4"])
        assert done.exit_code == 2 and why in done.output and "'mien extract'" in done.output
