"""From the folder of a data set as it is given out to a model: by its name alone, on rendered people."""

from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

import mien
from mien.cli.main import app

RUNNER = CliRunner()
CODES = {"neutral": "NE", "smile": "HA"}


def mien_(*words: object) -> str:
    done = RUNNER.invoke(app, [str(word) for word in words], prog_name="mien")
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.usefixtures("weights")
def test_train_and_evaluate_by_the_names_of_two_data_sets(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    made = mien.synthesize(
        tmp_path / "made", subjects=6, expressions=tuple(CODES), frames=2, pictures=True, size_px=200, seed=1
    )
    people = ("KA", "KL", "KM", "KR", "MK", "NA")
    for number, who in enumerate(people, start=1):
        for word, code in CODES.items():
            picture = Image.open(tmp_path / f"made/pictures/s{number:03d}-{word}-1.png")
            jaffe = tmp_path / f"japan/jaffe/{who}.{code}1.{number}.tiff"
            kdef = tmp_path / f"sweden/KDEF/KDEF/AF{number:02d}/AF{number:02d}{code}S.JPG"
            for path in (jaffe, kdef)[: 2 if number <= 4 else 1]:
                path.parent.mkdir(parents=True, exist_ok=True)
                picture.convert("L" if path is jaffe else "RGB").save(path)
    assert len(made.samples) == 2 * len(people)
    # Beside the set's own pictures lies another, which is not extracted.
    Image.new("RGB", (50, 50)).save(tmp_path / "japan/jaffe/cover.png")
    assert "12 files" in mien_("extract", f"jaffe:{tmp_path / 'japan'}", "-o", tmp_path / "study")
    model = tmp_path / "study/models/mine"
    shown = mien_(
        "train", f"jaffe:{tmp_path / 'japan'}", "--faces", tmp_path / "study", "--target", "label", "--n-folds", 3,
        "-o", model,
    )  # fmt: skip
    assert "12 samples of 6 people" in shown and "cover.png" in " ".join(shown.split())
    mien_("extract", f"kdef:{tmp_path / 'sweden'}", "-o", tmp_path / "others")
    found = mien.evaluate(model, f"kdef:{tmp_path / 'sweden'}", faces=tmp_path / "others")
    assert found.classes == ("happiness", "neutral") and found.scores["accuracy"].value > 0.7


def test_extract_names_what_holds_no_pictures(tmp_path: Path) -> None:
    from mien.core.errors import InputError

    with pytest.raises(InputError, match="landmarks come with it"):
        mien.extract(f"buhmap:{tmp_path}", tmp_path / "study")
    with pytest.raises(InputError, match="does not exist"):
        mien.extract(f"kdef:{tmp_path / 'nowhere'}", tmp_path / "study")
