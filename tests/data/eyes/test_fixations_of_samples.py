"""Raw samples to fixations: planted fixations are recovered, gaps end them, chunk borders and units change nothing."""

import socket
from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.errors import InputError, MienError
from mien.data.eyes import eyelink, follow, tables
from mien.data.eyes.detectors import (
    DETECTORS,
    IDT,
    IVT,
    RECORDED,
    SACCADES,
    FixationRules,
    Piece,
    half_window,
    velocities,
)
from tests.data.eyes.made_up import PX, asc, recording


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing goes to the network."""
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a connection was opened"))


def by_hand(method: str) -> None:
    if method != IDT:
        pytest.importorskip("pymovements")


def table(path: Path, time: np.ndarray, xy: np.ndarray, head: str = "time_s,x,y", times: float = 1.0) -> Path:
    rows = (f"{t * times:.6g},{'' if np.isnan(x) else f'{x:.6g}'},{'' if np.isnan(x) else f'{y:.6g}'}"
            for t, (x, y) in zip(time, xy, strict=True))  # fmt: skip
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


@pytest.mark.parametrize("method", [IVT, IDT, SACCADES])
@pytest.mark.parametrize("ending", [".asc", ".csv"])
def test_planted_fixations_are_recovered(tmp_path: Path, method: str, ending: str) -> None:
    by_hand(method)
    time, xy, planted = recording()
    path = tmp_path / f"v1{ending}"
    if ending == ".asc":
        path.write_text(asc(time, xy))
    else:
        table(path, time, xy)
    found = mien.fixations(path, method=method, pixels_per_degree=PX, screen="1280x1024")
    assert len(found) == len(planted) and set(found.viewer) == {"v1"}
    # The window of velocities is 20 ms wide, saccades last 40 ms.
    np.testing.assert_allclose(found.onset_s, planted[:, 0], atol=0.015)
    np.testing.assert_allclose(found.duration_s, planted[:, 1] - planted[:, 0], atol=0.03)
    np.testing.assert_allclose(np.stack([found.x_px, found.y_px], 1), planted[:, 2:], atol=0.05 * PX)
    one = found.recordings[0]
    assert one.rate_hz == 500 and one.seen == 1 and one.gaps == 0
    if method == IVT:
        assert one.precision_deg == pytest.approx(0.01 * 2, rel=0.1)  # Two axes, differences of two draws.
    if ending == ".asc":
        assert (one.error_deg, one.worst_error_deg, one.rate_said_hz) == (0.4, 0.85, 500)


@pytest.mark.parametrize("method", [IVT, IDT, SACCADES])
def test_a_blink_ends_a_fixation_and_nothing_bridges_it(tmp_path: Path, method: str) -> None:
    by_hand(method)
    time, xy, planted = recording(6, long_s=0.6, noise_deg=0.005)
    start = planted[2, 0] + 0.2
    xy[(time >= start) & (time < start + 0.1)] = np.nan
    # Samples that were not written at all are as lost as those without a place.
    gone = (time >= planted[4, 0] + 0.2) & (time < planted[4, 0] + 0.3)
    found = mien.fixations(table(tmp_path / "v.csv", time[~gone], xy[~gone]), method=method, pixels_per_degree=PX)
    assert len(found) == 8
    ends = found.onset_s + found.duration_s
    for first, last in ((start, start + 0.1), (planted[4, 0] + 0.2, planted[4, 0] + 0.3)):
        assert not ((found.onset_s < last - 0.003) & (ends > first + 0.003)).any()
    one = found.recordings[0]
    assert one.gaps == 1 and one.longest_gap_s == pytest.approx(0.102, abs=0.003)
    assert one.seen == pytest.approx(1 - 50 / (~gone).sum())


@pytest.mark.parametrize("method", [IVT, IDT, SACCADES])
def test_where_chunks_end_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    by_hand(method)
    time, xy, _ = recording(30, noise_deg=0.03, blinks=[(2.0, 2.1), (5.0, 5.05)])
    for path in (tmp_path / "v.asc", tmp_path / "w.csv"):
        if path.suffix == ".asc":
            path.write_text(asc(time, xy))
        else:
            table(path, time, xy)
        once = mien.fixations(path, method=method, pixels_per_degree=PX)
        with monkeypatch.context() as patch:
            patch.setattr(eyelink.EyeLink.__init__, "__defaults__", (20_001,))
            patch.setattr(tables.SampleTable.__init__, "__defaults__", (20_001,))
            patch.setattr(follow.follow, "__defaults__", (300,))
            pieces = mien.fixations(path, method=method, pixels_per_degree=PX)
        assert len(once) > 25
        for name in ("onset_s", "duration_s", "x_px", "y_px", "rms_deg"):
            np.testing.assert_allclose(getattr(pieces, name), getattr(once, name), atol=1e-9)


def test_fixations_by_dispersion_are_those_of_pymovements_but_for_the_sample_that_leaves() -> None:
    detection = pytest.importorskip("pymovements.events.detection")
    time, xy, _ = recording(8, noise_deg=0.02)
    deg = xy / PX
    found = DETECTORS[IDT].run(Piece(time, *deg.T, 0.002, 0, True), FixationRules(min_s=0.1))
    theirs = detection.idt(deg, minimum_duration=50, dispersion_threshold=1.0).frame
    assert len(found.first) == len(theirs)
    np.testing.assert_allclose(found.first, theirs["onset"].to_numpy(), atol=1)
    np.testing.assert_allclose(found.last, theirs["offset"].to_numpy(), atol=1)


def test_thresholds_of_saccades_are_those_of_pymovements(tmp_path: Path) -> None:
    micro = pytest.importorskip("pymovements.events.detection.microsaccades")
    from mien.data.eyes.screen import screen_of

    time, xy, _ = recording(10, noise_deg=0.05)
    source = tables.SampleTable(
        table(tmp_path / "v.csv", time, xy), "", {}, screen_of("", "", None, PX), "", "", "", "mean", "v", 2000
    )
    spread = follow.velocity_spread(source, screen_of("", "", None, PX), FixationRules())
    half = half_window(0.002, 0.02)
    speed = velocities(Piece(time, *(xy / PX).T, 0.002, 0, True), 0.02)[half:-half]
    np.testing.assert_allclose(spread, micro.compute_threshold(speed), atol=0.03)


def test_pictures_and_runs_begin_with_messages(tmp_path: Path) -> None:
    time, xy, planted = recording(9, long_s=0.5, move_s=0.004)
    begins = [(planted[i, 0], f"IMAGE p{i}.png") for i in (2, 5)]
    (tmp_path / "s01.asc").write_text(asc(time, xy, messages=[*begins, (planted[7, 0], "IMAGE_OFF")]))
    found = mien.fixations(
        tmp_path / "s01.asc", method=IDT, message=r"IMAGE (\S+)", until="IMAGE_OFF", pixels_per_degree=PX
    )
    assert found.picture.tolist() == ["p2.png"] * 3 + ["p5.png"] * 2
    np.testing.assert_allclose(found.onset_s[:3], planted[2:5, 0] - planted[2, 0], atol=0.02)
    assert any("belong to no picture or run" in note for note in found.notes)
    again = mien.fixations(tmp_path / "s01.asc", method=IDT, message=r"IMAGE (?P<run>\S+)", pixels_per_degree=PX)
    assert set(again.run) == {"p2.png", "p5.png"} and set(again.picture) == {""}
    stream = again.stream()
    assert stream.kind == "intervals" and stream.on_runs and stream.columns == ("x_px", "y_px")


def test_the_trackers_own_fixations_and_both_eyes(tmp_path: Path) -> None:
    time, xy, _ = recording(3)
    own = "EFIX L\t200\t400\t202\t  500.0\t  400.0\t   1000\nEFIX R\t201\t400\t201\t  520.0\t  400.0\t   1000"
    text = asc(time, xy, both=True).replace("END\t", own + "\nEND\t")
    (tmp_path / "b.asc").write_text(text)
    found = mien.fixations(tmp_path / "b.asc", method=RECORDED)
    assert (found.onset_s.tolist(), found.duration_s.tolist(), found.x_px.tolist()) == ([0.1], [0.202], [500])
    assert mien.fixations(tmp_path / "b.asc", method=RECORDED, eye="right").x_px.tolist() == [520]
    one_lost = text.replace("\t 1023.0\t...", "\t    0.0\t...")
    (tmp_path / "c.asc").write_text(one_lost)
    left = mien.fixations(tmp_path / "c.asc", method=IDT, eye="left", pixels_per_degree=PX)
    assert left.recordings[0].seen == 1
    with pytest.raises(InputError, match=r"none of the .* samples"):
        mien.fixations(tmp_path / "c.asc", method=IDT, pixels_per_degree=PX)


def test_files_of_other_trackers(tmp_path: Path) -> None:
    time, xy, planted = recording(5, rate=250, noise_deg=0.002)
    size = {"screen": "1280x1024", "screen_cm": "37.6x30.1", "distance_cm": 75, "method": IDT}
    x, y = xy.T
    rows = list(zip(time, x, y, strict=True))
    made = {
        "tobii.tsv": ["Recording timestamp\tParticipant name\tPresented Stimulus name\tGaze point X\tGaze point Y",
                      *(f"{t * 1e6:.0f}\tP1\ta.png\t{a:.1f}\t{b:.1f}" for t, a, b in rows)],
        "gaze_positions.csv": ["gaze_timestamp,world_index,confidence,norm_pos_x,norm_pos_y",
                               *(f"{t:.6f},0,0.9,{a / 1280:.7f},{1 - b / 1024:.7f}" for t, a, b in rows)],
        "gazepoint.csv": ["MEDIA_ID,TIME(2026/01/01 10:00:00.000),BPOGX,BPOGY,BPOGV",
                          *(f"0,{t:.6f},{a / 1280:.7f},{b / 1024:.7f},1" for t, a, b in rows)],
        "german.csv": ["Zeit;X;Y", *(f"{t * 1000:.1f};{a:.2f};{b:.2f}".replace(".", ",") for t, a, b in rows)],
    }  # fmt: skip
    for name, lines in made.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        more = {"columns": {"time": "Zeit", "x": "X", "y": "Y"}, "time_unit": "ms"} if name == "german.csv" else {}
        found = mien.fixations(tmp_path / name, **size, **more)
        assert len(found) == 5 and found.recordings[0].rate_hz == pytest.approx(250, rel=1e-3), name
        np.testing.assert_allclose(np.stack([found.x_px, found.y_px], 1), planted[:, 2:], atol=3)
    tobii = mien.fixations(tmp_path / "tobii.tsv", **size)
    assert set(tobii.viewer) == {"P1"} and set(tobii.picture) == {"a.png"} and tobii.recordings[0].tracker == "tobii"


@pytest.mark.parametrize("code", [0, -1, -32768])
def test_places_that_are_a_trackers_code_are_lost_samples_and_no_fixation(tmp_path: Path, code: int) -> None:
    time, xy, planted = recording(4, rate=250, noise_deg=0.002)
    gone = (time > 0.1) & (time < planted[0, 1] - 0.02)
    xy[gone] = code
    more = {"screen": "1280x1024", "pixels_per_degree": PX, "method": IDT}
    found = mien.fixations(table(tmp_path / "v.csv", time, xy), **more)
    assert len(found) == 4 and found.x_px.min() > 150 and found.recordings[0].seen == pytest.approx(1 - gone.mean())
    assert any(f"places such as ({code}, {code}) are none ({gone.sum()} of them)" in note for note in found.notes)


def test_a_code_of_one_eye_is_no_part_of_the_mean_of_both(tmp_path: Path) -> None:
    time, xy, planted = recording(3, rate=250, noise_deg=0.002)
    lines = ["time_s,left_x,left_y,right_x,right_y"]
    for t, (x, y) in zip(time, xy, strict=True):
        left = "0,0" if 0.1 < t < 0.12 else f"{x:.2f},{y:.2f}"
        lines.append(f"{t:.6f},{left},{x:.2f},{y:.2f}")
    (tmp_path / "v.csv").write_text("\n".join(lines))
    found = mien.fixations(tmp_path / "v.csv", screen="1280x1024", pixels_per_degree=PX, method=IDT)
    np.testing.assert_allclose(found.x_px, planted[np.searchsorted(planted[:, 1], found.onset_s), 2], atol=3)


def test_times_in_nanoseconds(tmp_path: Path) -> None:
    time, xy, _ = recording(3, rate=200)
    lines = ["timestamp [ns],gaze x [px],gaze y [px]"]
    lines += [
        f"{1_700_000_000_000_000_000 + round(t * 1e9)},{x:.2f},{y:.2f}" for t, (x, y) in zip(time, xy, strict=True)
    ]
    (tmp_path / "gaze.csv").write_text("\n".join(lines))
    found = mien.fixations(tmp_path / "gaze.csv", screen="1280x1024", pixels_per_degree=PX, method=IDT)
    assert len(found) == 3 and found.recordings[0].rate_hz == pytest.approx(200, rel=1e-3)


def test_degrees_from_the_middle_are_pixels_from_the_corner(tmp_path: Path) -> None:
    time, xy, planted = recording(4, move_s=0.004)
    screen = {"screen": "1280x1024", "screen_cm": "37.6x30.1", "distance_cm": 75}
    cm = (xy - [640, 512]) * np.array([37.6 / 1280, 30.1 / 1024])
    found = mien.fixations(
        table(tmp_path / "v.csv", time, np.rad2deg(np.arctan2(cm, 75))),
        method=IDT,
        units="degrees",
        origin="centre",
        **screen,
    )
    np.testing.assert_allclose(np.stack([found.x_px, found.y_px], 1), planted[:, 2:], atol=3)


def test_written_and_read_again_and_as_fixations_of_pictures(tmp_path: Path) -> None:
    time, xy, _ = recording(6)
    (tmp_path / "s.asc").write_text(asc(time, xy, messages=[(0.0, "IMAGE a.png")]))
    found = mien.fixations(
        tmp_path / "s.asc", method=IDT, message="IMAGE (.+)", pixels_per_degree=PX, output=tmp_path / "o.csv"
    )
    again = mien.load_eye_recordings(tmp_path / "o.csv")
    np.testing.assert_allclose(again.onset_s, found.onset_s, atol=1e-6)
    assert again.recordings == found.recordings and again.settings["method"] == IDT
    looked = mien.read_fixations(tmp_path / "o.csv", picture_size="1280x1024")
    assert looked.picture.tolist() == ["a.png"] * 6 and looked.duration_s.tolist() == again.duration_s.tolist()
    (tmp_path / "o.csv").write_text("viewer\n")
    with pytest.raises(InputError, match="was changed since"):
        mien.load_eye_recordings(tmp_path / "o.csv")


@pytest.mark.parametrize(
    ("text", "more", "sentence"),
    [
        ("", {}, "is empty"),
        ("a,b\n1,2\n", {}, "none is the time of samples"),
        ("time_s,u,v\n1,2,3\n", {}, "none are the places of samples"),
        ("time_s,x,y\n0,1,1\n0.1,fast,1\n0.2,1,1\n", {}, "column 'x'.*are numbers"),
        ("time_s,x,y\n0,10,10\n0.1,10,10\n0.05,10,10\n0.15,10,10\n", {}, "does not come after"),
        ("time_s,x,y\n0,.1,.1\n0.1,.4,.4\n0.2,.3,.3\n", {}, "shares of the screen"),
        ("time_s,x,y\n0,900,10\n0.1,900,10\n0.2,900,10\n", {"screen": "640x480"}, "lie beyond a screen of 640 x 480"),
        ("time_s,x,y\n0,,\n0.1,,\n0.2,,\n", {}, "none of the 3 samples"),
        ("time_s,x,y\n0,9,9\n", {}, "too short"),
        ("time_s,x,y\n0,9,9\n0.1,9,9\n0.2,9,9\n", {"pixels_per_degree": None}, "degrees of visual angle"),
        ("time_s,x,y\n0,9,9\n0.1,9,9\n0.2,9,9\n", {"units": "shares"}, "the size of the screen in pixels is needed"),
        ("time_s,x,y\n0,9,9\n0.1,9,9\n0.2,9,9\n", {"columns": {"x": "X"}}, "has no column 'X'"),
        ("time_s,x,y\n0,9,9\n0.1,9,9\n0.2,9,9\n", {"method": "recorded"}, "only EyeLink files"),
        ("time_s,x,y\n0,9,9\n0.1,9,9\n0.2,9,9\n", {"method": "hmm"}, "method is one of"),
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence(tmp_path: Path, text: str, more: dict, sentence: str) -> None:
    (tmp_path / "v.csv").write_text(text)
    with pytest.raises(MienError, match=sentence):
        mien.fixations(tmp_path / "v.csv", **({"method": IDT, "pixels_per_degree": PX} | more))


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    time, xy, _ = recording(4)
    good = table(tmp_path / "v.csv", time, xy)
    (tmp_path / "w.asc").write_text("** nothing\n")
    found = mien.fixations([good, tmp_path / "w.asc"], method=IDT, pixels_per_degree=PX)
    assert [one.status == "ok" for one in found.recordings] == [True, False]
    assert "no line 'SAMPLES" in found.recordings[1].status and len(found) == 4


def test_a_corner_and_a_clock_that_does_not_fit_are_said(tmp_path: Path) -> None:
    time, xy, _ = recording(4)
    (tmp_path / "v.asc").write_text(asc(time, xy / 4, rate=1000))
    found = mien.fixations(tmp_path / "v.asc", method=IDT, pixels_per_degree=PX)
    assert any("top left quarter of a screen of 1280 x 1024" in note for note in found.notes)
    assert any("states 1000 Hz" in note for note in found.notes)


@pytest.mark.parametrize(("times", "unit", "fits"), [(1000.0, "s", "ms"), (1.0, "ms", "s"), (1e6, "ms", "us")])
def test_a_unit_of_time_that_no_tracker_can_have_is_refused(tmp_path: Path, times: float, unit: str, fits: str) -> None:
    time = np.arange(600) / 30
    path = table(tmp_path / "v.csv", time, np.full((600, 2), 300.0), head="t,x,y", times=times)
    more = {"columns": {"time": "t"}, "screen": "1000x800", "pixels_per_degree": 40, "method": "i-dt"}
    with pytest.raises(
        InputError, match=rf"with times in {unit}, .* Give the unit of the times \(time_unit='{fits}'\)"
    ):
        mien.fixations(path, time_unit=unit, **more)
    assert len(mien.fixations(path, time_unit=fits, **more)) == 1
