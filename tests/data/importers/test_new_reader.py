"""A reader of another tool's output is one file and one row: a made-up one is read from Python and the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import mien
import mien.data.importers
from mien.cli.main import app
from mien.core.errors import InputError
from mien.data.importers.readers import READERS, Reader

FILE = '''
"""Tables of a tool that writes how far the mouth is open."""

from pathlib import Path

import numpy as np

from mien.core.faces import Faces
from mien.core.topology import NO_POINTS


def read_mouthmeter(path: Path, *, source: str = "", size_px: tuple[int, int] = (0, 0)) -> Faces:
    opening = np.array([float(line) for line in path.read_text().split()])
    rows = len(opening)
    return Faces.build(
        rows, topology=NO_POINTS, extra={"opening": opening}, source=np.full(rows, source, dtype=object),
        frame=np.arange(rows), time_s=np.zeros(rows), track=np.zeros(rows, dtype=np.int64),
        width_px=np.full(rows, size_px[0]), height_px=np.full(rows, size_px[1]),
    )
'''


@pytest.fixture
def mouthmeter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the tool's output, after its file and its row were added."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "mouthmeter.py").write_text(FILE)
    monkeypatch.setattr(mien.data.importers, "__path__", [*mien.data.importers.__path__, str(tmp_path / "home")])
    row = Reader("mouthmeter", "mouthmeter:read_mouthmeter", "how far the mouth is open", endings=(".mouth",),
                 takes=("source", "size_px"))  # fmt: skip
    monkeypatch.setitem(READERS, row.name, row)
    output = tmp_path / "output"
    output.mkdir()
    for name in ("a", "b"):
        (output / f"{name}.mouth").write_text("0.5\n1.5\n")
    (output / "notes.txt").write_text("none of the tool's")
    return output


def test_a_new_reader_is_known_to_python(mouthmeter: Path, tmp_path: Path) -> None:
    done = mien.import_(mouthmeter, tmp_path / "study", tool="mouthmeter", size="640x360")
    assert [(Path(file.file).name, file.rows) for file in done] == [("a.mouth", {"ok": 2}), ("b.mouth", {"ok": 2})]
    faces = mien.read_faces(tmp_path / "study")
    assert np.array_equal(faces.extra["opening"], [0.5, 1.5, 0.5, 1.5])
    assert sorted(set(faces.source)) == ["output/a", "output/b"] and (faces.width_px == 640).all()


def test_a_new_reader_is_known_to_the_command_line(mouthmeter: Path, tmp_path: Path) -> None:
    given = ["import", str(mouthmeter), "-o", str(tmp_path / "study")]
    result = CliRunner().invoke(app, [*given, "--from", "mouthmeter", "--json"])
    assert result.exit_code == 0, result.stderr
    assert [file["rows"] for file in json.loads(result.stdout)["imported"]] == [{"ok": 2}, {"ok": 2}]
    result = CliRunner().invoke(app, [*given, "--from", "mouthmetre"])
    assert result.exit_code == 2 and "Did you mean 'mouthmeter'?" in " ".join(result.stderr.split())


def test_an_option_names_the_tools_that_take_it(mouthmeter: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--size belongs to --from openface or mediapipe or mouthmeter"):
        mien.import_(mouthmeter / "a.mouth", tmp_path / "study", tool="pyfeat", size="640x360")
