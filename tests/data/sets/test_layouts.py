"""Data sets in the layouts in which they are given out: who is shown, what, how many; what is wrong is counted."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from PIL import Image

import mien
from mien.core.errors import InputError
from mien.core.people.unknown import is_own
from mien.core.samples import Samples
from mien.data.sets.catalogue import SETS
from mien.data.vocabulary import EXPRESSIONS

# As systems leave it beside anybody's files.
LITTER = ("Thumbs.db", ".DS_Store", "__MACOSX/._a.jpg", "desktop.ini", "readme.pdf")


def pictures(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() in (".mp4", ".avi", ".flv", ".txt", ".pdf", ".db", ".ini", ".wrl"):
            path.write_bytes(b"1")
        else:
            Image.new("L", (4, 4)).save(path, format=None if path.suffix[1:] else "PNG")


def litter(folder: Path) -> None:
    for name in LITTER:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def rows(samples: Samples, *columns: str) -> list[tuple[str, ...]]:
    return list(zip(samples.subject, *(samples.labels[c] for c in columns), strict=True))


def note(samples: Samples, part: str) -> str:
    found = [text for text in samples.notes if part in text]
    assert found, f"no note says '{part}': {samples.notes}"
    return found[0]


def jaffe(folder: Path) -> None:
    pictures(folder / "jaffe", ("KA.AN1.39.tiff", "KA.NE1.26.tiff", "NA.HA2.203.tiff", "YM.FE1.67.tiff"))


def kdef(folder: Path) -> None:
    pictures(
        folder / "KDEF_and_AKDEF" / "KDEF",
        ("AF01/AF01AFS.JPG", "AF01/AF01NEHL.JPG", "BF01/BF01SUFR.JPG", "AM31/AM31HAS.JPG"),
    )


def ck_plus(folder: Path) -> None:
    for sequence, frames in (("S005/001", 3), ("S010/002", 4), ("S999/001", 2)):
        stem = sequence.replace("/", "_")
        pictures(folder / "cohn-kanade-images", (f"{sequence}/{stem}_{n:08d}.png" for n in range(1, frames + 1)))
    write(folder / "Emotion/S005/001/S005_001_00000003_emotion.txt", "   3.0000000e+00\n")
    write(folder / "Emotion/S010/002/S010_002_00000004_emotion.txt", "   7.0000000e+00\n")


def bu_4dfe(folder: Path) -> None:
    for who in ("F001", "M002"):
        for word in ("Angry", "Happy"):
            pictures(folder, (f"{who}/{word}/{n:03d}.jpg" for n in range(11)))
            pictures(folder, (f"{who}/{word}/{n:03d}.wrl" for n in range(2)))


def wsefep(folder: Path) -> None:
    pictures(folder / "images", ("AD_7885.jpg", "AD_8268.jpg", "MG_1317.JPG", "MG_0850.jpg"))
    write(
        folder / "WSEFEP - norms & FACS.csv",
        "Displayer ID,Picture ID,Male/ Female,Display,Agreement (%),Putity   (0-1),Intensity (0-1),N,FACS \n"
        "AD,AD_7885.jpg,F,neutral,53,x,x,17,7B\nAD,AD_8286.jpg,F,disgust,80,0.66,0.73,30,4B\n"
        "MG,MG_1317.jpg,M,joy,88,0.79,0.58,26,4D\nMG,MG_9999.jpg,M,fear,77,0.62,0.61,22,1C\n",
    )


def fega(folder: Path) -> None:
    pictures(
        folder,
        ("0_F_22_ann_Allegria_1.png", "0_F_22_ann_Allegria_2.png", "0_F_22_ann_Paura_1.png", "1_M_40_ben_Neutra_1.png"),
    )


def raf_db(folder: Path) -> None:
    pictures(folder / "basic/Image/aligned", ("train_00001_aligned.jpg", "test_0001_aligned.jpg"))
    pictures(folder / "basic/Image/original", ("train_00001.jpg", "train_00002.jpg"))
    write(
        folder / "basic/EmoLabel/list_patition_label.txt",
        "train_00001.jpg 5\ntrain_00002.jpg 1\ntest_0001.jpg 7\ntest_0002.jpg 7\ntest_0003.jpg 9\n",
    )


def affectnet(folder: Path) -> None:
    pictures(folder / "Manually_Annotated_Images", ("1/aa.jpg", "1/bb.jpg", "2/cc.JPG"))
    line = "{},1,1,9,9,1;2,{},{},{}\n"
    header = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"
    training = header + line.format("1/aa.jpg", 1, 0.5, 0.25) + line.format("1/bb.jpg", 10, -2, -2)
    write(folder / "Manually_Annotated_file_lists/training.csv", training + line.format("9/zz.jpg", 1, 0, 0))
    write(folder / "Manually_Annotated_file_lists/validation.csv", line.format("2/cc.jpg", 7, -2, -2))


def fer2013(folder: Path) -> None:
    grey = " ".join(["7"] * 48 * 48)
    write(
        folder / "fer2013/fer2013.csv",
        f"emotion,pixels,Usage\n0,{grey},Training\n3,{grey.replace('7', '9')},PrivateTest\n6,1 2 3,Training\n"
        f"8,{grey},Training\n",
    )


def ravdess(folder: Path) -> None:
    pictures(
        folder,
        (
            "Video_Speech_Actor_01/Actor_01/01-01-06-01-02-01-01.mp4",
            "Video_Speech_Actor_01/Actor_01/02-01-06-01-02-01-01.mp4",
            "Video_Speech_Actor_01/Actor_01/02-01-02-02-02-01-01.mp4",
            "Video_Song_Actor_24/Actor_24/01-02-03-02-01-02-24.mp4",
        ),
    )


def crema_d(folder: Path) -> None:
    pictures(folder / "VideoFlash", ("1001_DFA_ANG_XX.flv", "1001_IEO_HAP_LO.flv", "1091_IEO_NEU_XX.flv"))


def aff_wild2(folder: Path) -> None:
    pictures(folder / "cropped_aligned", ("7-60/00001.jpg", "7-60/00002.jpg", "7-60/00004.jpg", "9_left/00001.jpg"))
    texts = folder / "6th ABAW Annotations/EXPR_Recognition_Challenge"
    header = "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other\n"
    write(texts / "Train_Set/7-60.txt", f"{header}0\n-1\n4\n7\n9\n")
    write(texts / "Validation_Set/9_left.txt", f"{header}1\n")
    write(folder / "6th ABAW Annotations/VA_Estimation_Challenge/Train_Set/7-60.txt", "valence,arousal\n0.1,0.2\n")


def afew(folder: Path) -> None:
    pictures(folder, ("Train_AFEW/Angry/000046280.avi", "Train_AFEW/Happy/000111222.avi", "Val_AFEW/Sad/001000000.avi"))


def muderi(folder: Path) -> None:
    pictures(folder, ("P1/Happiness/a.mp4", "P1/neutral/b.mp4", "P2/negative/c.avi"))


MAKERS = {
    "jaffe": jaffe, "kdef": kdef, "ck+": ck_plus, "bu-4dfe": bu_4dfe, "wsefep": wsefep, "fega": fega, "raf-db": raf_db,
    "affectnet": affectnet, "fer2013": fer2013, "ravdess": ravdess, "crema-d": crema_d, "aff-wild2": aff_wild2,
    "afew": afew, "muderi": muderi,
}  # fmt: skip


@pytest.fixture
def read(tmp_path: Path):
    """Read a made-up copy of a set."""

    def make(name: str) -> Samples:
        MAKERS[name](tmp_path / "given")
        litter(tmp_path / "given")
        return mien.read_samples(f"{name}:{tmp_path / 'given'}")

    return make


@pytest.mark.parametrize("name", MAKERS)
def test_every_layout_gives_files_that_are_there_in_common_words_with_terms_and_citation(name: str, read) -> None:
    samples = read(name)
    assert all(path.is_file() for path in samples.files())
    assert set(samples.labels["label"]) <= {*EXPRESSIONS, "negative"}
    assert len(samples.labels["own_label"]) == len(samples)
    assert samples.licence and samples.credit and samples.read_from.startswith(f"{name}:")
    assert not any(word in text for text in samples.notes for word in LITTER)


def test_jaffe(tmp_path: Path) -> None:
    """Two of its people are called as nobody is in tables, NA and KA; so all have the set's name before theirs."""
    people = ("KA", "KL", "KM", "KR", "MK", "NA", "NM", "TM", "UY", "YM")
    pictures(tmp_path, (f"{who}.{code}1.{i}.tiff" for i, who in enumerate(people) for code in ("AN", "NE")))
    samples = mien.read_samples(f"jaffe:{tmp_path}")
    assert rows(samples, "label") == [(f"jaffe {who}", word) for who in people for word in ("anger", "neutral")]
    some = samples[:4]
    assert mien.Samples(path=some.path, subject=some.subject).subject.tolist() == some.subject.tolist()


def test_kdef_sessions_show_the_same_people(read) -> None:
    samples = read("kdef")
    assert rows(samples, "label", "own_label", "session", "angle") == [
        ("F01", "fear", "afraid", "A", "straight"), ("F01", "neutral", "neutral", "A", "half left"),
        ("M31", "happiness", "happy", "A", "straight"), ("F01", "surprise", "surprised", "B", "full right"),
    ]  # fmt: skip


def test_ck_plus_neutral_first_and_peak_last(read) -> None:
    samples = read("ck+")
    assert rows(samples, "label", "recording", "frame") == [
        ("S005", "neutral", "S005_001", "00000001"), ("S005", "disgust", "S005_001", "00000003"),
        ("S010", "neutral", "S010_002", "00000001"), ("S010", "surprise", "S010_002", "00000004"),
    ]  # fmt: skip
    assert "sequences without a label (1): 'S999/001'" in note(samples, "without a label")


def test_ck_plus_wrong_emotion_files_are_counted(tmp_path: Path) -> None:
    ck_plus(tmp_path)
    write(tmp_path / "Emotion/S999/001/S999_001_00000002_emotion.txt", "happy")
    write(tmp_path / "Emotion/S777/001/S777_001_00000002_emotion.txt", "1.0")
    samples = mien.read_samples(f"ck+:{tmp_path}")
    assert len(samples) == 4
    assert "S999_001_00000002_emotion.txt" in note(samples, "no number from 0 to 7")
    assert "S777/001" in note(samples, "without pictures")


def test_bu_4dfe_first_and_middle_frames_of_whole_sequences(read) -> None:
    samples = read("bu-4dfe")
    assert rows(samples, "label", "recording", "frame")[:4] == [
        ("F001", "neutral", "F001_Angry", "000"), ("F001", "anger", "F001_Angry", "005"),
        ("F001", "neutral", "F001_Happy", "000"), ("F001", "happiness", "F001_Happy", "005"),
    ]  # fmt: skip
    assert len(samples) == 8 and note(samples, "middle one")


def test_bu_4dfe_frames_picked_before_are_all_read(tmp_path: Path) -> None:
    pictures(tmp_path, ("F001_Angry_020.png", "F001_Angry_025.png", "F001_Neutral_000.png"))
    assert rows(mien.read_samples(f"bu-4dfe:{tmp_path}"), "label") == [
        ("F001", "anger"), ("F001", "anger"), ("F001", "neutral"),
    ]  # fmt: skip


def test_bu_4dfe_sequence_that_breaks_off_has_no_expression_at_its_start(tmp_path: Path) -> None:
    pictures(tmp_path, (f"F001/Angry/{n:03d}.jpg" for n in range(5)))
    pictures(tmp_path, (f"M002/Happy/{n:03d}.jpg" for n in range(12)))
    samples = mien.read_samples(f"bu-4dfe:{tmp_path}")
    assert rows(samples, "label", "frame") == [
        ("F001", "neutral", "000"), ("M002", "neutral", "000"), ("M002", "happiness", "006"),
    ]  # fmt: skip
    assert note(samples, "break off near their neutral start")


def test_wsefep_from_its_sheet_with_its_known_mistakes_corrected(read) -> None:
    samples = read("wsefep")
    assert rows(samples, "label", "own_label") == [
        ("wsefep AD", "neutral", "neutral"), ("wsefep AD", "disgust", "disgust"), ("wsefep MG", "happiness", "joy"),
    ]  # fmt: skip
    assert samples.path.tolist()[1] == "images/AD_8268.jpg"
    assert samples.ratings["agreement"].tolist() == [53, 80, 88]
    np.testing.assert_array_equal(samples.ratings["intensity"], [np.nan, 0.73, 0.58])
    assert "MG_9999.jpg" in note(samples, "without a picture") and "MG_0850.jpg" in note(samples, "does not name")


def test_wsefep_from_its_workbook(tmp_path: Path) -> None:
    wsefep(tmp_path)
    sheet = tmp_path / "WSEFEP - norms & FACS.csv"
    book = openpyxl.Workbook()
    for line in sheet.read_text(encoding="utf-8").splitlines():
        book.active.append([float(cell) if cell.replace(".", "").isdigit() else cell for cell in line.split(",")])
    book.save(sheet.with_suffix(".xlsx"))
    sheet.unlink()
    samples = mien.read_samples(f"wsefep:{tmp_path}")
    assert samples.labels["label"].tolist() == ["neutral", "disgust", "happiness"]
    assert samples.ratings["agreement"].tolist() == [53, 80, 88]


def test_fega(read) -> None:
    samples = read("fega")
    assert rows(samples, "label", "recording", "frame") == [
        ("F_22_ann", "happiness", "0_F_22_ann_Allegria", "1"), ("F_22_ann", "happiness", "0_F_22_ann_Allegria", "2"),
        ("F_22_ann", "fear", "0_F_22_ann_Paura", "1"), ("M_40_ben", "neutral", "1_M_40_ben_Neutra", "1"),
    ]  # fmt: skip


def test_fega_notes_hold_no_name_of_a_file_as_people_are_named_in_them(tmp_path: Path) -> None:
    fega(tmp_path)
    pictures(tmp_path, ("0_F_22_ann_Noia_1.png",))
    told = note(mien.read_samples(f"fega:{tmp_path}"), "not named")
    assert "(1)" in told and "ann_Noia" not in told


def test_raf_db_aligned_pictures_where_there_are_any_and_nobody_known(read) -> None:
    samples = read("raf-db")
    found = dict(zip(samples.path, zip(samples.labels["label"], samples.labels["part"], strict=True), strict=True))
    assert found == {
        "basic/Image/aligned/test_0001_aligned.jpg": ("neutral", "test"),
        "basic/Image/aligned/train_00001_aligned.jpg": ("sadness", "train"),
        "basic/Image/original/train_00002.jpg": ("surprise", "train"),
    }
    assert all(map(is_own, samples.subject)) and "3 of 3 rows" in note(samples, "does not say who is shown")
    assert "test_0002" in note(samples, "without a picture") and "line 5" in note(samples, "lines of the list")


def test_raf_db_in_folders_of_codes(tmp_path: Path) -> None:
    pictures(tmp_path, ("DATASET/train/1/train_00001_aligned.jpg", "DATASET/test/7/test_0001_aligned.jpg"))
    samples = mien.read_samples(f"raf-db:{tmp_path}")
    assert Counter(samples.labels["label"]) == {"surprise": 1, "neutral": 1}


def test_affectnet_tables(read) -> None:
    samples = read("affectnet")
    assert samples.path.tolist() == ["Manually_Annotated_Images/1/aa.jpg", "Manually_Annotated_Images/2/cc.JPG"]
    assert samples.labels["label"].tolist() == ["happiness", "contempt"]
    assert samples.labels["part"].tolist() == ["train", "validation"]
    np.testing.assert_array_equal(samples.ratings["valence"], [0.5, np.nan])
    assert "1/bb.jpg" in note(samples, "labelled 'no face'") and "9/zz.jpg" in note(samples, "without a picture")
    assert "2 of 2 rows" in note(samples, "does not say who is shown")


def test_affectnet_arrays(tmp_path: Path) -> None:
    pictures(tmp_path / "train_set/images", ("0.jpg", "1.jpg", "2.jpg"))
    place = tmp_path / "train_set/annotations"
    place.mkdir()
    for number, code in ((0, "3"), (1, "6"), (2, "x"), (5, "1")):
        np.save(place / f"{number}_exp.npy", np.array(code))
    np.save(place / "0_val.npy", np.array("0.5"))
    np.save(place / "0_aro.npy", np.array("-2"))
    samples = mien.read_samples(f"affectnet:{tmp_path}")
    assert samples.labels["label"].tolist() == ["surprise", "anger"]
    np.testing.assert_array_equal(samples.ratings["valence"], [0.5, np.nan])
    assert "2.jpg" in note(samples, "no number") and "5_exp.npy" in note(samples, "without a picture")


def test_fer2013_pictures_are_written_once_from_the_table(read, tmp_path: Path) -> None:
    samples = read("fer2013")
    assert samples.labels["label"].tolist() == ["anger", "happiness"]
    assert samples.labels["part"].tolist() == ["train", "private test"]
    assert [np.asarray(Image.open(path)).tolist()[0][0] for path in samples.files()] == [7, 9]
    assert "line 4" in note(samples, "pixels from 0 to 255") and "line 5" in note(samples, "no number from 0 to 6")
    first = samples.files()[0]
    before = first.stat().st_mtime_ns
    assert mien.read_samples(f"fer2013:{tmp_path / 'given'}").path.tolist() == samples.path.tolist()
    assert first.stat().st_mtime_ns == before


@pytest.mark.parametrize("mark", [";", "\t"])
def test_fer2013_tables_that_a_spreadsheet_saved_are_read_by_their_marks(mark: str, tmp_path: Path) -> None:
    lines = [mark.join(("emotion", "pixels", "Usage")), mark.join(("3", " ".join(["7"] * 2304), "Training"))]
    (tmp_path / "fer2013.csv").write_text("\n".join(lines))
    assert mien.read_samples(f"fer2013:{tmp_path}").labels["label"].tolist() == ["happiness"]


def test_fer2013_a_changed_table_does_not_get_the_pictures_of_the_old_one(tmp_path: Path) -> None:
    for value in (7, 200):
        grey = " ".join([str(value)] * 48 * 48)
        write(tmp_path / "fer2013.csv", f"emotion,pixels,Usage\n0,{grey},Training\n3,{grey},PrivateTest\n")
        shown = mien.read_samples(f"fer2013:{tmp_path}").files()[0]
        assert np.asarray(Image.open(shown)).max() == value


def test_fer2013_needs_a_folder_that_can_be_written_to(tmp_path: Path) -> None:
    grey = " ".join(["7"] * 48 * 48)
    write(tmp_path / "fer2013.csv", f"emotion,pixels,Usage\n0,{grey},Training\n")
    write(tmp_path / "mien_pictures", "a file")
    with pytest.raises(InputError, match="cannot be written to as a folder"):
        mien.read_samples(f"fer2013:{tmp_path}")


def test_fer2013_folders(tmp_path: Path) -> None:
    pictures(tmp_path, ("train/angry/Training_1.jpg", "train/happy/im0.png", "test/angry/im0.png", "test/odd/1.jpg"))
    samples = mien.read_samples(f"fer2013:{tmp_path}")
    assert Counter(zip(samples.labels["label"], samples.labels["part"], strict=True)) == {
        ("anger", "train"): 1, ("happiness", "train"): 1, ("anger", "test"): 1,
    }  # fmt: skip
    assert "test/odd/1.jpg" in note(samples, "not named")


def test_ravdess_films_with_and_without_sound_are_one(read) -> None:
    samples = read("ravdess")
    assert sorted(rows(samples, "label", "own_label", "channel", "intensity")) == [
        ("01", "calm", "calm", "speech", "strong"), ("01", "fear", "fearful", "speech", "normal"),
        ("24", "happiness", "happy", "song", "strong"),
    ]  # fmt: skip
    assert "02-01-06-01-02-01-01.mp4" in note(samples, "modality")


def test_crema_d(read) -> None:
    assert rows(read("crema-d"), "label", "intensity") == [
        ("1001", "anger", "unspecified"), ("1001", "happiness", "low"), ("1091", "neutral", "unspecified"),
    ]  # fmt: skip


def test_aff_wild2_frames_of_a_film_are_one_person(read) -> None:
    samples = read("aff-wild2")
    assert rows(samples, "label", "frame", "part") == [
        ("7-60", "neutral", "00001", "train"), ("7-60", "other", "00004", "train"),
        ("9_left", "anger", "00001", "validation"),
    ]  # fmt: skip
    assert "7-60/00003.jpg" in note(samples, "without a picture") and "line 6" in note(samples, "no number from -1")
    assert note(samples, "A video counts as a person")


def test_afew_people_are_the_actors_where_the_labels_say_so(tmp_path: Path) -> None:
    afew(tmp_path)
    samples = mien.read_samples(f"afew:{tmp_path}")
    assert samples.labels["label"].tolist() == ["anger", "happiness", "sadness"]
    assert all(map(is_own, samples.subject)) and "3 of 3 rows" in note(samples, "counts as a person of its own")
    clip = '<Movie><StartTime>{}</StartTime><Length>1</Length><Actor NameOfActor="Ann B"/></Movie>'
    write(
        tmp_path / "Labels/Train_6.xml",
        f"<Movies>{clip.format('00:00:46,280')}{clip.format('00:01:11,222')}</Movies>",
    )
    samples = mien.read_samples(f"afew:{tmp_path}")
    assert samples.subject.tolist()[:2] == ["actor 1", "actor 1"] and is_own(samples.subject[2])
    assert "Ann" not in str(samples.notes)


def test_muderi_in_the_form_that_the_card_shows(read) -> None:
    assert rows(read("muderi"), "label") == [("P1", "happiness"), ("P1", "neutral"), ("P2", "negative")]


def test_copies_case_and_nested_folders_are_ordinary(tmp_path: Path) -> None:
    pictures(tmp_path, ("KDEF/KDEF/AF01/AF01ANS.JPG", "KDEF/AF01/AF01ANS.JPG", "kdef/am02/am02has.jpg",
                        "KDEF/AM02/AM02HAS (1).JPG", "KDEF/AF31/AF31V.JPG"))  # fmt: skip
    (tmp_path / "KDEF/AF31/AF31SAS.JPG").write_bytes(b"")
    samples = mien.read_samples(f"kdef:{tmp_path}")
    assert sorted(samples.labels["label"]) == ["anger", "happiness"] and len(set(samples.subject)) == 2
    assert note(samples, "files that are there twice (2)")
    assert "AF31V.JPG" in note(samples, "not named") and "AF31SAS.JPG" in note(samples, "empty files")


@pytest.mark.parametrize("name", MAKERS)
def test_another_folder_is_refused_with_what_was_expected_and_what_is_there(name: str, tmp_path: Path) -> None:
    pictures(tmp_path, ("holiday/1.png", "holiday/2.png"))
    with pytest.raises(InputError) as refused:
        mien.read_samples(f"{name}:{tmp_path}")
    first = " ".join(mien.datasets(name)[0]["tree"].splitlines()[0].split())
    assert first in str(refused.value) and str(tmp_path) in str(refused.value) and "\\n" not in str(refused.value)
    with pytest.raises(InputError, match="does not exist"):
        mien.read_samples(f"{name}:{tmp_path / 'nowhere'}")


def test_an_archive_that_was_not_unpacked_is_named(tmp_path: Path) -> None:
    (tmp_path / "KDEF_and_AKDEF.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"unpack 'KDEF_and_AKDEF\.zip' there"):
        mien.read_samples(f"kdef:{tmp_path}")


def test_a_folder_that_cannot_be_read_is_named_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    kdef(tmp_path)
    walk, locked = os.walk, tmp_path / "KDEF_and_AKDEF/KDEF/BF01"

    def guarded(top: Path, onerror):
        for at, folders, names in walk(top):
            if Path(at) == locked:
                onerror(PermissionError(13, "Permission denied", str(locked)))
            else:
                yield at, folders, names

    monkeypatch.setattr(os, "walk", guarded)
    samples = mien.read_samples(f"kdef:{tmp_path}")
    assert len(samples) == 3 and "KDEF/BF01" in note(samples, "cannot be read (Permission denied)")


def test_the_name_of_a_set_is_known_in_capitals(tmp_path: Path) -> None:
    kdef(tmp_path)
    assert mien.read_samples(f"KDEF:{tmp_path}").read_from == f"kdef:{tmp_path}"


def test_afew_from_the_folder_of_one_part(tmp_path: Path) -> None:
    afew(tmp_path)
    assert mien.read_samples(f"afew:{tmp_path / 'Train_AFEW'}").labels["part"].tolist() == ["train", "train"]


@pytest.mark.parametrize("name", SETS)
def test_every_data_set_has_a_card(name: str) -> None:
    card = mien.datasets(name)[0]
    assert card["people"] in ("known", "unknown", "partly")
    assert all(card[fact] for fact in ("title", "meaning", "licence", "access", "subjects", "layout", "tree"))
    assert card["citation"] or name == "synthetic"


def test_an_unknown_data_set_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"Did you mean 'affectnet'"):
        mien.datasets("AffectNett")
