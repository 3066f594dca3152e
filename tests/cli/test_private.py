"""``--private``: what a verb writes is for its user alone."""

import os

import pytest
from typer.testing import CliRunner

from mien.cli.main import app, commands_of_verbs


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_files_and_folders_of_a_verb_are_private(tmp_path) -> None:
    study = tmp_path / "study"
    study.mkdir(mode=0o755)
    done = CliRunner().invoke(app, ["study", "new", "fast-landmarks", "-o", str(study), "--private"])
    assert done.exit_code == 0, done.output
    assert study.stat().st_mode & 0o777 == 0o700 and (study / "study.toml").stat().st_mode & 0o777 == 0o600


def test_every_verb_that_writes_a_folder_has_the_option() -> None:
    for name, command in commands_of_verbs():
        options = {option for parameter in command.params for option in parameter.opts}
        assert ("--private" in options) == bool(options & {"--output", "folder", "--folder"}), name
