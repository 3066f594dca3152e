"""Promise: a number that makes no sense is refused with a sentence, whatever verb or function it is given to."""

import inspect
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import mien
from mien.cli.main import VERBS, app
from mien.core.errors import InputError
from mien.core.numbers import RANGES, Range, check_number
from mien.data.media.video import Sampling
from mien.studies.settings import Setting, checked

NONSENSE = ("nan", "inf", "-inf", "-1e300", "1e400", "1e300", "-1", "9" * 400)


def numeric_options() -> list[tuple[str, str]]:
    """Verb and option of every number that the command line takes."""
    found = []
    for verb, row in VERBS.items():
        function = row.run
        if not inspect.isfunction(function):
            continue
        for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
            kinds = getattr(parameter.annotation, "__args__", [parameter.annotation])
            if any(kind in (int, float, int | None, float | None) for kind in kinds):
                found.append((verb, name))
    return found


@pytest.mark.parametrize(("verb", "name"), numeric_options())
def test_every_numeric_option_refuses_nonsense_before_anything_is_done(tmp_path: Path, verb: str, name: str) -> None:
    # As many arguments as any verb needs.
    needed = {
        "activations": ["b", "s"],
        "adapt": ["s", "--target", "t"],
        "brain-evidence": ["d"],
        "channels": ["s", "--measures", "m", "--outcome", "o"],
        "compare": ["a", "b"],
        "compare-models": ["a", "b"],
        "decode": ["s", "--sources", "b", "--labels", "t", "--target", "w"],
        "discrepancy": ["t", "--scale", "dass-21"],
        "effects": ["s", "--measures", "m", "--outcome", "o"],
        "embed": ["s"],
        "evaluate": ["m", "s"],
        "evaluate-evidence": ["m", "s"],
        "explain": ["m", "s"],
        "extract": ["x.png"],
        "fairness": ["m"],
        "figure": ["s"],
        "fixations": ["f"],
        "functionals": ["s"],
        "gaze": ["f"],
        "learning-curve": ["s", "--target", "t"],
        "link": ["s", "a"],
        "pareidolia": ["s"],
        "probe": ["a", "--faces", "face"],
        "probe-evidence": ["p", "s"],
        "profiles": ["s"],
        "query": ["SELECT 1", "--study", "."],
        "questionnaire": ["s", "--scale", "dass-21"],
        "reduce": ["s", "--target", "t"],
        "release": ["."],
        "rsa": ["a"],
        "stimuli": ["s"],
        "train": ["s", "--target", "t"],
        "units": ["a", "--faces", "f"],
        "watch": ["x.mp4"],
    }.get(verb, [])  # fmt: skip
    output = [] if verb in ("app", "evaluate", "compare-models", "serve") else ["-o", str(tmp_path / "out")]
    for value in NONSENSE:
        done = CliRunner().invoke(app, [verb, *needed, *output, f"--{name.replace('_', '-')}={value}"])
        assert done.exit_code == 2, (value, done.output, done.exception)
        assert f"--{name.replace('_', '-')}" in done.stderr and not (tmp_path / "out").exists()


def test_there_are_many_such_options() -> None:
    assert len(numeric_options()) > 35


@pytest.mark.parametrize(
    "settings",
    [
        {"start_s": nan}, {"start_s": 1e300}, {"stop_s": nan}, {"stop_s": 0}, {"every": "infs"}, {"every": "nans"},
        {"every": "1e300s"}, {"every": "0s"}, {"every": 10**30}, {"smallest_face_px": nan}, {"smallest_face_px": 1e9},
        {"redetect_s": inf}, {"redetect_s": nan}, {"time_limit_s": nan}, {"workers": 10**9}, {"workers": 1.5},
        {"threads": 0}, {"min_presence": nan},
    ],
)  # fmt: skip
def test_extraction_in_python_refuses_them_too(tmp_path: Path, settings: dict) -> None:
    with pytest.raises(InputError):
        mien.extract(tmp_path / "a.png", tmp_path / "out", **settings)
    assert not (tmp_path / "out").exists()


def test_other_functions_in_python_refuse_them_too(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with pytest.raises(InputError, match=r"noise_px is a number from 0 to 1,000, but got inf\."):
        mien.synthesize(tmp_path / "a", noise_px=inf)
    with pytest.raises(InputError, match=r"n_folds is a whole number from 2 to 1,000,000, but got -1\."):
        mien.train("no table", target="x", n_folds=-1)
    with pytest.raises(InputError, match="start_s"):
        Sampling(start_s=nan)


def test_a_study_file_with_numbers_that_are_none_is_refused() -> None:
    schema = {"": {"share": Setting(0.5, "A share.", least=0.0, below=1.0)}}
    for value in (nan, inf):
        with pytest.raises(InputError, match="'share' is a number from 0 to below 1, but got"):
            checked({"share": value}, schema, "study.toml")


@pytest.mark.parametrize(
    ("fits", "good", "bad"),
    [
        (Range(), [0, -1.5, np.float32(2)], [nan, inf, True, "1", None]),
        (Range(1, 5, whole=True), [1, np.int64(5)], [0, 6, 1.0, True, 10**400]),
        (Range(0, above=True), [1e-9], [0, -1, nan]),
    ],
)
def test_ranges_hold_what_they_say(fits: Range, good: list, bad: list) -> None:
    for value in good:
        check_number("x", value, fits)
    for value in bad:
        with pytest.raises(InputError, match=f"^x is {fits}"):
            check_number("x", value, fits)


def test_defaults_lie_within_their_ranges() -> None:
    pytest.importorskip("torch")
    for name in ("extract", "train", "evaluate", "synthesize", "faithfulness", "embed", "reduce", "demo"):
        for parameter in inspect.signature(getattr(mien, name)).parameters.values():
            if parameter.name in RANGES and parameter.default is not None:
                check_number(parameter.name, parameter.default, RANGES[parameter.name])
