"""Volumes by parcel or voxel: equal to nilearn's maskers; grids, clocks, confounds and missing volumes are said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("nibabel")

import nibabel

import mien
from mien.core.errors import InputError
from mien.data.streams.confounds import without
from mien.data.streams.volumes import Volumes

AFFINE = np.diag([3.0, 3.0, 4.0, 1.0])
SHAPE = (6, 5, 4)


def image(
    path: Path, values: np.ndarray, repetition: float = 2.0, unit: str = "sec", affine: np.ndarray = AFFINE
) -> Path:
    made = nibabel.Nifti1Image(np.asarray(values), affine)
    if values.ndim > 3:
        made.header.set_zooms((*made.header.get_zooms()[:3], repetition))
    made.header.set_xyzt_units("mm", unit)
    nibabel.save(made, path)
    return path


@pytest.fixture
def study(tmp_path: Path) -> dict[str, Path]:
    rng = np.random.default_rng(0)
    volumes = rng.normal(100, 10, size=(*SHAPE, 30)).astype(np.float32)
    labels = np.zeros(SHAPE, dtype=np.int16)
    labels[1:3], labels[4] = 7, 2
    table = tmp_path / "labels.tsv"
    table.write_text("index\tname\n2\tamygdala\n7\tinsula\n9\tabsent\n")
    return {
        "bold": image(tmp_path / "sub-03_task-film_run-2_bold.nii.gz", volumes),
        "atlas": image(tmp_path / "atlas.nii.gz", labels),
        "labels": table,
        "folder": tmp_path,
    }


def test_parcels_are_means_over_labels_as_nilearn_has_them(study: dict[str, Path]) -> None:
    maskers = pytest.importorskip("nilearn.maskers")
    stream = mien.read_brain(study["bold"], atlas=study["atlas"], labels=study["labels"])
    theirs = maskers.NiftiLabelsMasker(str(study["atlas"]), standardize=None).fit_transform(str(study["bold"]))
    np.testing.assert_allclose(stream.values, theirs, rtol=1e-5)
    assert stream.columns == ("amygdala", "insula") and stream.space is not None
    assert stream.time_s[:3].tolist() == [0, 2, 4] and set(stream.run) == {"run-2"} and set(stream.viewer) == {"sub-03"}
    volume = stream.space.volume(np.array([1.0, 2.0]))
    assert volume[4, 0, 0] == 1 and volume[2, 0, 0] == 2 and np.isnan(volume[0, 0, 0])
    assert stream.space.centres_mm[0].tolist() == [12, 6, 6]


@pytest.mark.parametrize(("rows", "said"), [
    ("2\tamygdala\n2\tinsula\n", r"row 3: label 2 is called 'insula', but above it is 'amygdala'"),
    ("11\tamygdala\n12\tinsula\n", r"names labels 11 to 12, but the atlas holds 2 to 7: none is the same"),
])  # fmt: skip
def test_names_that_are_not_those_of_the_atlas_are_refused(study: dict[str, Path], rows: str, said: str) -> None:
    study["labels"].write_text(f"index\tname\n{rows}")
    with pytest.raises(InputError, match=said):
        mien.read_brain(study["bold"], atlas=study["atlas"], labels=study["labels"])


def test_names_that_the_atlas_does_not_hold_are_said(study: dict[str, Path]) -> None:
    notes = mien.read_brain(study["bold"], atlas=study["atlas"], labels=study["labels"]).notes
    assert "1 labels that labels.tsv names are not in the atlas, such as 'absent' (9)." in notes


def test_voxels_of_a_mask_keep_their_places(study: dict[str, Path]) -> None:
    stream = mien.read_brain(study["bold"], mask=study["atlas"])
    values = nibabel.load(study["bold"]).get_fdata()
    assert stream.columns[0] == "1,0,0" and stream.space is not None and stream.space.unit == "voxel"
    np.testing.assert_allclose(stream.values[:, 0], values[1, 0, 0])
    both = mien.read_brain(study["bold"], mask=study["atlas"], atlas=study["atlas"])
    assert both.columns == ("parcel 2", "parcel 7")


def test_slabs_give_what_reading_at_once_gives(study: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    once = mien.read_brain(study["bold"], atlas=study["atlas"])
    monkeypatch.setattr("mien.data.streams.volumes.SLAB", 7 * int(np.prod(SHAPE)))
    np.testing.assert_array_equal(mien.read_brain(study["bold"], atlas=study["atlas"]).values, once.values)


def test_volumes_of_three_dimensions_are_one_run(study: dict[str, Path]) -> None:
    whole = nibabel.load(study["bold"]).get_fdata(dtype=np.float32)
    files = [image(study["folder"] / f"vol{i:03d}.nii", whole[..., i]) for i in range(30)]
    with pytest.raises(InputError, match="repetition_s"):
        mien.read_brain(files, atlas=study["atlas"])
    stream = mien.read_brain(files, atlas=study["atlas"], repetition_s=2)
    np.testing.assert_allclose(stream.values, mien.read_brain(study["bold"], atlas=study["atlas"]).values, rtol=1e-6)


def test_an_atlas_on_another_grid_is_a_sentence_with_both_grids(study: dict[str, Path]) -> None:
    pytest.importorskip("nilearn")
    coarse = np.zeros((3, 3, 2), dtype=np.int16)
    coarse[0], coarse[1] = 1, 2
    other = image(study["folder"] / "other.nii.gz", coarse, affine=np.diag([6.0, 6, 8, 1]))
    with pytest.raises(
        InputError, match=r"3 x 3 x 2 voxels of 6 x 6 x 8 mm.*6 x 5 x 4 voxels of 3 x 3 x 4 mm.*resample"
    ):
        mien.read_brain(study["bold"], atlas=other)
    stream = mien.read_brain(study["bold"], atlas=other, resample=True)
    assert len(stream.columns) == 2 and any("resampled" in note for note in stream.notes)
    beside = np.zeros((3, 3, 2), dtype=np.int16)
    beside[0], beside[2] = 1, 2
    partly = image(study["folder"] / "partly.nii.gz", beside, affine=np.diag([12.0, 6, 8, 1]))
    lost = mien.read_brain(study["bold"], atlas=partly, resample=True)
    assert len(lost.columns) == 1 and any("1 of 2 labels of partly.nii.gz have no voxel" in note for note in lost.notes)
    away = np.diag([6.0, 6, 8, 1])
    away[0, 3] = 5000
    far = image(study["folder"] / "far.nii.gz", coarse, affine=away)
    with pytest.raises(InputError, match=r"far.nii.gz does not lie where the volumes do: .* \(5000, 0, 0\)"):
        mien.read_brain(study["bold"], atlas=far, resample=True)


@pytest.mark.parametrize(
    ("repetition", "unit", "says"),
    [(0.0, "sec", "is 0"), (2000.0, "sec", "perhaps 2"), (2.0, "unknown", "without a unit")],
)
def test_a_clock_that_is_not_to_be_believed_is_asked_for(
    study: dict[str, Path], repetition: float, unit: str, says: str
) -> None:
    values = nibabel.load(study["bold"]).get_fdata(dtype=np.float32)
    odd = image(study["folder"] / "odd.nii.gz", values, repetition, unit)
    with pytest.raises(InputError, match=says):
        mien.read_brain(odd, atlas=study["atlas"])
    assert mien.read_brain(odd, atlas=study["atlas"], repetition_s=1.5).time_s[1] == 1.5
    milli = image(study["folder"] / "milli.nii.gz", values, 2000, "msec")
    assert mien.read_brain(milli, atlas=study["atlas"]).time_s[1] == 2
    assert any("3 s was given" in note for note in mien.read_brain(milli, atlas=study["atlas"], repetition_s=3).notes)


def test_missing_volumes_stay_missing_and_are_counted(study: dict[str, Path]) -> None:
    values = nibabel.load(study["bold"]).get_fdata(dtype=np.float32)
    values[..., 4:6] = np.nan
    values[4, 0, 0, 9] = np.nan  # one voxel of the first parcel
    values[1, 0, 0] = np.nan  # outside the field of view all the time
    holes = image(study["folder"] / "holes.nii.gz", values)
    stream = mien.read_brain(holes, atlas=study["atlas"], detrend=True, standardise=True)
    assert np.isnan(stream.values).nonzero()[0].tolist() == [4, 4, 5, 5, 9]
    assert any("2 of 30 volumes" in note for note in stream.notes)
    assert abs(np.nanstd(stream.values, axis=0) - 1).max() < 1e-9


def confounds(path: Path, rows: int = 30) -> np.ndarray:
    rng = np.random.default_rng(1)
    table = rng.normal(size=(rows, 2))
    lines = ["trans_x\trot_z\tframewise_displacement\tnon_steady_state_outlier00"]
    for i, (x, z) in enumerate(table):
        lines.append(f"{x}\t{z}\t{'n/a' if not i else 0.9 if i == 7 else 0.1}\t{int(i == 0)}")
    path.write_text("\n".join(lines) + "\n")
    return table


def test_confounds_are_taken_out_as_least_squares_has_it(study: dict[str, Path]) -> None:
    path = study["folder"] / "sub-03_task-film_run-2_desc-confounds_timeseries.tsv"
    table = confounds(path)
    raw = mien.read_brain(study["bold"], atlas=study["atlas"]).values
    stream = mien.read_brain(
        study["bold"], atlas=study["atlas"], confounds=path, confound_columns=("trans_x", "rot_*"), scrub_mm=0.5
    )
    kept = np.setdiff1d(np.arange(30), [0, 7])
    design = np.column_stack([np.ones(28), table[kept]])
    expected = raw[kept] - design @ np.linalg.lstsq(design, raw[kept], rcond=None)[0]
    np.testing.assert_allclose(stream.values[kept], expected, atol=1e-8)
    assert np.isnan(stream.values[[0, 7]]).all() and any("2 of 30 volumes were left out" in n for n in stream.notes)


def test_confounds_of_another_run_or_length_are_refused(study: dict[str, Path]) -> None:
    other = study["folder"] / "sub-03_task-film_run-1_desc-confounds_timeseries.tsv"
    confounds(other)
    asked = {"atlas": study["atlas"], "confound_columns": ("trans_x",)}
    with pytest.raises(InputError, match="run 'run-1' by its name"):
        mien.read_brain(study["bold"], confounds=other, **asked)
    short = study["folder"] / "short.tsv"
    confounds(short, 28)
    with pytest.raises(InputError, match="28 rows, but the run has 30 volumes"):
        mien.read_brain(study["bold"], confounds=short, **asked)
    confounds(short)
    short.write_text(short.read_text().replace("0.9", "oops"))
    with pytest.raises(InputError, match="row 9: 'framewise_displacement' holds 'oops'"):
        mien.read_brain(study["bold"], atlas=study["atlas"], confounds=short, scrub_mm=0.5)
    with pytest.raises(InputError, match="no column 'trans_y', of the set 'motion'"):
        mien.read_brain(study["bold"], atlas=study["atlas"], confounds=short, confound_columns=("motion",))


def test_smoothing_spreads_and_keeps_what_is_missing(study: dict[str, Path]) -> None:
    pytest.importorskip("nilearn")
    values = np.zeros((9, 9, 9, 2), dtype=np.float32)
    values[4, 4, 4], values[0, 0, 0] = 1, np.nan
    point = image(study["folder"] / "point.nii.gz", values, affine=np.eye(4))
    mask = image(study["folder"] / "mask.nii.gz", np.ones((9, 9, 9), dtype=np.int16), affine=np.eye(4))
    stream = mien.read_brain(point, mask=mask, smooth_mm=2.0)
    centre, beside = stream.column("4,4,4")[0], stream.column("5,4,4")[0]
    assert beside / centre == pytest.approx(2 ** -(4 / 4), rel=1e-3)  # half at half the width
    assert np.isnan(stream.column("0,0,0")).all()


@pytest.mark.filterwarnings("ignore")
def test_what_is_no_volume_is_a_sentence(study: dict[str, Path]) -> None:
    cut = study["folder"] / "cut.nii.gz"
    cut.write_bytes(study["bold"].read_bytes()[:9000])
    with pytest.raises(InputError, match="cut"):
        mien.read_brain(cut, atlas=study["atlas"])
    text = study["folder"] / "text.nii.gz"
    text.write_text("nothing")
    with pytest.raises(InputError, match="cannot be read as a volume"):
        mien.read_brain(text, atlas=study["atlas"])
    with pytest.raises(InputError, match="Say which voxels"):
        mien.read_brain(study["bold"])
    with pytest.raises(InputError, match="whole number"):
        mien.read_brain(study["bold"], atlas=image(study["folder"] / "p.nii.gz", np.full(SHAPE, 0.4)))


def test_confounds_that_say_the_same_twice_change_nothing() -> None:
    rng = np.random.default_rng(2)
    values, one = rng.normal(size=(40, 3)), rng.normal(size=(40, 1))
    twice = np.hstack([one, 2 * one, np.ones((40, 1))])
    np.testing.assert_allclose(without(values, twice, True), without(values, one, True), atol=1e-10)


def test_many_volumes_stay_in_memory_a_few_at_a_time() -> None:
    class Proxy:
        most = 0

        def __getitem__(self, at: tuple) -> np.ndarray:
            count = at[1].stop - at[1].start
            Proxy.most = max(Proxy.most, count)
            return np.broadcast_to(np.float32(1), (64, 64, 40, count))

    class Image:
        shape, dataobj = (64, 64, 40, 450), Proxy()

    run = Volumes("1", "", (Image(),), (64, 64, 40), np.eye(4), 2.0)
    assert sum(slab.shape[3] for slab in run.slabs()) == 450 and Proxy.most * 64 * 64 * 40 <= 1 << 23
