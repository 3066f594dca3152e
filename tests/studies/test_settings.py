"""study.toml: written with comments, read back to the defaults, checked with sentences that name the key."""

import tomllib
from pathlib import Path

import pytest

from mien.core.errors import InputError
from mien.studies.registry import STUDIES, module_of
from mien.studies.settings import checked, template, toml
from mien.studies.study import new, run

ASKED = {"samples": {"source": "buhmap"}}


@pytest.mark.parametrize("name", list(STUDIES))
def test_a_new_study_holds_every_setting_at_its_default_with_its_meaning(name: str, tmp_path: Path) -> None:
    faces = {"faces": ["face"]} if name == "object-nets" else {}
    path = new(name, tmp_path, changed={**ASKED, "samples": {**ASKED["samples"], **faces}})
    text = path.read_text(encoding="utf-8")
    module = module_of(name)
    found = checked(tomllib.loads(text), module.SETTINGS, "study.toml")
    for table, settings in module.SETTINGS.items():
        for key, setting in settings.items():
            assert found[table][key] == ("buhmap" if key == "source" else faces.get(key, setting.default))
            assert setting.meaning.splitlines()[0] in text


def test_a_study_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    new("fast-landmarks", tmp_path)
    with pytest.raises(InputError, match="is there already"):
        new("fast-landmarks", tmp_path)


def test_values_are_written_as_toml_reads_them() -> None:
    values = {"a": True, "b": [1, 2], "c": 'quo"te\\', "d": {"n_steps": 16, "x": 0.5}, "e": "Müller"}
    text = "".join(f"{key} = {toml(value)}\n" for key, value in values.items())
    assert tomllib.loads(text) == values


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("colour = 1", "no setting 'colour'"),
        ("[sample]\nx = 1", r"no table \[sample\]. Did you mean 'samples'"),
        ("[folds]\nn_fold = 3", "no setting 'folds.n_fold'. Did you mean 'n_folds'"),
        ("[folds]\nn_folds = 'ten'", "'folds.n_folds' is a whole number from 2, but got 'ten'"),
        ("[folds]\nn_folds = true", "'folds.n_folds' is a whole number from 2, but got True"),
        ("[folds]\nn_folds = 1", "'folds.n_folds' is a whole number from 2, but got 1"),
        ("[folds]\nscheme = 'random'", "'folds.scheme' is 'stratified', .* but got 'random'"),
        ("[reduction]\ncounts = [17, '8']", "'reduction.counts': each is a whole number from 1, but got '8'"),
        ("[reduction]\ncounts = [0]", "'reduction.counts': each is a whole number from 1, but got 0"),
        ("[reduction]\nmethods = ['relief']", "'reduction.methods': each is .* but got 'relief'"),
        ("[networks]\ntrain = ['resnet']", "'networks.train': each is .* but got 'resnet'"),
        ("[evidence]\nsettings = 16", "'evidence.settings' is a dict"),
        ("", "'samples.source' is empty"),
    ],
)
def test_wrong_settings_are_told_by_their_key(line: str, words: str) -> None:
    source = "" if line == "" else "[samples]\nsource = 'buhmap'\n"
    given = tomllib.loads(f"study = 'fast-landmarks'\n{line}\n" if line.startswith("colour") else f"{source}{line}\n")
    given.setdefault("samples", {"source": "buhmap"} if line else {})
    with pytest.raises(InputError, match=words):
        checked(given, module_of("fast-landmarks").SETTINGS, "study.toml")


def test_a_folder_without_a_study_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mien study new"):
        run(tmp_path)
    (tmp_path / "study.toml").write_text("study = 3\n")
    with pytest.raises(InputError, match="has to name the study"):
        run(tmp_path)
    (tmp_path / "study.toml").write_text("study = 'slow-landmarks'\n")
    with pytest.raises(InputError, match="no study 'slow-landmarks'"):
        run(tmp_path)
    (tmp_path / "study.toml").write_text("study = \n")
    with pytest.raises(InputError, match="not readable TOML"):
        run(tmp_path)


def test_whole_numbers_pass_for_numbers() -> None:
    given = {"samples": {"source": "buhmap"}, "reduction": {"tolerance": 0}}
    assert checked(given, module_of("fast-landmarks").SETTINGS, "x")["reduction"]["tolerance"] == 0.0
    assert "tolerance = 0.01" in template("fast-landmarks", module_of("fast-landmarks").SETTINGS, "Words.")


@pytest.mark.parametrize(
    "content", ["", "study = ''\n", "study = 'fast-landmark'\n", "study = 3\n", "study = [\n", "\x00"]
)
def test_a_study_file_that_names_no_study_is_refused_by_its_path(content: str, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"study\.toml"):
        run(tmp_path)
