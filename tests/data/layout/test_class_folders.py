"""A folder per class: who is shown, and which folders are classes. Nobody may be counted as several people unasked."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.data.layout.file_names import shared_people
from mien.data.layout.file_patterns import PATTERNS, known_pattern, person_in
from mien.data.layout.person_names import suggested_pattern
from mien.data.samples import read_samples


def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def refusal(folder, **settings):
    with pytest.raises(InputError) as error:
        read_samples(folder, **settings)
    return str(error.value)


PEOPLE = {
    "KDEF": (["AF01ANS", "BF01HAHL", "am33nes", "AF01ANS_mirror"], ["F01", "F01", "m33", "F01"]),
    "RaFD": (["Rafd090_01_Caucasian_female_happy_frontal", "Rafd045_71_Moroccan_male_sad_left"], ["01", "71"]),
    "CK+": (["S005_001_00000011", "S138_008_00000009"], ["S005", "S138"]),
    "JAFFE": (["KA.AN1.39", "NA.HA2.203"], ["KA", "NA"]),
    "RAVDESS": (["03-01-06-01-02-01-12", "02-01-01-01-01-02-24"], ["12", "24"]),
    "CREMA-D": (["1001_DFA_ANG_XX", "1091_WSI_SAD_XX", "1076_IEO_HAP_LO"], ["1001", "1091", "1076"]),
    "BU-4DFE": (["F001_Angry_020", "M043_Neutral_000"], ["F001", "M043"]),
    "FEGA": (["0_F_22_ann_Allegria_1", "0_M_40_ben_Neutra_8"], ["F_22_ann", "M_40_ben"]),
    "ADFES": (["F01-Anger-Face Forward", "M12-Pride-Turn Left"], ["F01", "M12"]),
    "NimStim": (["01F_AN_C", "45M_HA_O"], ["01F", "45M"]),
    "FACES": (["004_o_m_a_a", "140_y_f_n_b"], ["004", "140"]),
    "CFD": (["CFD-WM-033-025-HC", "CFD-BF-001-003-N"], ["WM-033", "BF-001"]),
    "SAVEE": (["DC_a01", "JK_su15", "KLn30"], ["DC", "JK", "KL"]),
    "Yale faces": (["subject01.happy", "subject15.leftlight"], ["subject01", "subject15"]),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_names_of_known_sets_give_the_person(name):
    stems, people = PEOPLE[name]
    pattern = known_pattern(stems)
    assert pattern is not None and pattern.name == name
    assert [person_in(pattern, stem) for stem in stems] == people


def test_every_known_set_is_checked_and_its_example_is_its_own():
    sure = [row for row in PATTERNS if row.sure]
    assert [row.name for row in sure] == list(PEOPLE)
    for row in sure:
        assert known_pattern([row.example]) is row


def test_names_that_anybody_may_give_are_no_known_set(tmp_path):
    """Two letters and four digits are those of WSEFEP, but of many cameras, too."""
    make(tmp_path, "angry/IM_0001.jpg", "angry/IM_0002.jpg", "happy/IM_0003.jpg", "happy/IM_0004.jpg")
    assert known_pattern(["AD_7885"]) is None
    assert len(set(read_samples(tmp_path).subject)) == 4


def test_a_known_set_is_read_by_people_and_says_so(tmp_path):
    make(tmp_path, "angry/AF01ANS.jpg", "angry/BF01ANS.jpg", "happy/AF01HAS.jpg", "happy/AM02HAS.jpg")
    samples = read_samples(tmp_path)
    assert list(samples.subject) == ["F01", "F01", "F01", "M02"]
    assert "names are those of KDEF" in samples.notes[0] and "2 people in all" in samples.notes[0]


ONE_PERSON_TWICE = {
    "word first": [f"{word}-{name}" for name in ("ann", "bob") for word in ("happy", "sad")],
    "class": [f"P{i}{word}" for i in range(9) for word in ("Patients", "Controls")],
    "number": [f"P{i:02d}-{k}" for i in range(9) for k in (1, 2)],
    "letter": [f"p{i}{k}" for i in range(9) for k in "ab"],
    "words": [f"{name}_{k:04d}" for name in ("Ann_Lee", "Bob_Ray", "Cy_Fox") for k in range(3)],
    "words without a mark": [f"{name}{k}" for name in ("anna", "bert", "carl") for k in range(3)],
    "frames": [f"clip{i}_{k:04d}" for i in range(2) for k in range(30)],
    "number in front": [f"{i:02d}_take{k}_left" for i in range(9) for k in (1, 2)],
    "codes only": [f"01-0{k}-0{e}-{i:02d}" for i in range(4) for e in range(3) for k in (1, 2)],
    "known set, one odd name": ["AF01ANS", "AF01HAS", "AM02ANS", "AM02HAFL", "readme"],
}
PERSON_AND_EXPRESSION = {
    "code": ([f"{i:03d}{code}" for i in range(9) for code in ("NE", "HA")], 9),
    "code and view": ([f"{i:03d}{code}" for i in range(9) for code in ("NES", "HAHL")], 9),
    "word": ([f"VP{i}_{word}" for i in range(9) for word in ("neutral", "smile")], 9),
    "number and word": ([f"{i:03d}_{word}" for i in range(9) for word in ("sad", "happy")], 9),
    "name, word, number": ([f"{who}-{w}-{k}" for who in ("anna", "bert") for w in ("happy", "sad") for k in "12"], 2),
    "German": ([f"{who}_{word}" for who in ("Anna Lee", "J\u00f6rg") for word in ("fr\u00f6hlich", "wu\u0308tend")], 2),
    "spelling": (["vp1_happy", "VP01_sad", "VP_2 happy", "vp2 sad"], 2),
}
# What would be suggested for such names, where one answer only is possible.
SUGGESTED = {
    "RAVDESS of unknown frames": ([f"x{e}-01-0{e}-0{k}-{a:02d}" for a in range(9) for e in (3, 4) for k in (1, 2)], ""),
    "prefix of all": ([f"img_{e}_subj{i}" for i in range(9) for e in ("happy", "sad")], [f"subj{i}" for i in range(9)]),
    "number first": ([f"1_{e}_{who}" for who in ("anna", "bert", "carl") for e in ("happy", "sad")],
                     ["anna", "bert", "carl"]),
    "two numbers": ([f"{i:02d}_{k}_{e}" for i in range(9) for e in ("happy", "sad") for k in range(2)], ""),
    "word first": ([f"{e}-{who}" for who in ("ann", "bob") for e in ("happy", "sad")], ["ann", "bob"]),
    "number of a clip": ([f"clip{i}_{e}" for i in range(9) for e in ("happy", "sad")], ""),
    "parts": ([f"{part}_{i}_{e}" for part in ("Training", "Test") for i in range(9) for e in ("happy", "sad")], ""),
}  # fmt: skip
OTHERS = {
    "plain numbers": [f"{i:05d}" for i in range(60)],
    "one word": [f"img_{i:05d}" for i in range(60)],
    "parts of the data": [f"Training_{7 * i}" for i in range(40)] + [f"PublicTest_{7 * i + 1}" for i in range(40)],
    "aligned": [f"train_{i:05d}_aligned" for i in range(60)],
    "sex and number": [f"{sex}{i:02d}" for sex in "FM" for i in range(30)],
    "group and number": [f"{word}_{i:02d}" for word in ("pat", "con") for i in range(30)],
    "one picture each": [f"sub-{i:02d}_happy" for i in range(30)],
    "checksums": [f"{(i * 2654435761) % 2**64:016x}" for i in range(60)],
}


@pytest.mark.parametrize("kind", ONE_PERSON_TWICE)
def test_names_that_look_like_one_person_twice_are_refused(tmp_path, kind):
    stems = ONE_PERSON_TWICE[kind]
    assert shared_people(stems, ["patients", "controls"]) is not None
    make(tmp_path, *(f"{('patients', 'controls')[i % 2]}/{stem}.jpg" for i, stem in enumerate(stems)))
    message = refusal(tmp_path)
    assert "look as if several showed one person" in message and "subject_pattern='.+'" in message
    assert len(set(read_samples(tmp_path, subject_pattern=".+").subject)) == len(stems)


@pytest.mark.parametrize("kind", PERSON_AND_EXPRESSION)
def test_a_person_before_an_expression_is_read_and_told(tmp_path, kind):
    stems, people = PERSON_AND_EXPRESSION[kind]
    make(tmp_path, *(f"{('patients', 'controls')[i % 2]}/{stem}.jpg" for i, stem in enumerate(stems)))
    samples = read_samples(tmp_path)
    assert len(set(samples.subject)) == people
    assert "so the person is read from them" in samples.notes[0] and f"{people} people in all" in samples.notes[0]


@pytest.mark.parametrize("kind", SUGGESTED)
def test_a_pattern_is_suggested_only_where_it_cannot_split_a_person(tmp_path, kind):
    stems, people = SUGGESTED[kind]
    happy = [("happy", "sad")["sad" in stem or (("-04-" in stem) and "x4" in stem)] for stem in stems]
    paths = [f"{label}/{stem}.jpg" for label, stem in zip(happy, stems, strict=True)]
    pattern = suggested_pattern(paths, happy)
    message = refusal(make(tmp_path, *paths))
    if not people:
        assert pattern == "" and "Which part of a name is the person cannot be seen" in message
        return
    assert f"subject_pattern='{pattern}'" in message
    assert sorted(set(read_samples(tmp_path, subject_pattern=pattern).subject)) == people


def test_letters_that_number_a_persons_files_are_not_suggested_as_people(tmp_path):
    people = ["anna", "bert", "carl", "dora", "emil", "fred", "gina", "hans"]
    classes = [("control", "patient")[k % 2] for k in range(8) for _ in "ab"]
    paths = [f"{c}/{p}-{n}.mp4" for c, p, n in zip(classes, np.repeat(people, 2), "ab" * 8, strict=True)]
    pattern = suggested_pattern(paths, classes)
    make(tmp_path, *paths)
    assert sorted(set(read_samples(tmp_path, subject_pattern=pattern).subject)) == people
    # Words could be either; numbers are never suggested.
    words = [path.replace("-a.", "-x1.").replace("-b.", "-x2.") for path in paths]
    assert suggested_pattern(words, classes) == ""


@pytest.mark.parametrize("ending", ["_frame1", "-0001", "_f003", "_12.5s", ".mp4_frame_0012", "frame7", "_0002_crop"])
def test_pictures_out_of_films_of_known_sets_give_the_person(tmp_path, ending):
    films = [f"01-01-0{e}-01-02-01-{actor:02d}" for e in (3, 4) for actor in (1, 2, 12)]
    make(tmp_path, *(f"{('happy', 'sad')[film[7] == '4']}/{film}{ending}.png" for film in films))
    assert sorted(set(read_samples(tmp_path).subject)) == ["01", "02", "12"]
    stems = [f"{actor}_DFA_{e}_XX{ending}" for e in ("ANG", "HAP") for actor in (1001, 1002)]
    assert {person_in(known_pattern(stems), stem) for stem in stems} == {"1001", "1002"}


def test_folders_of_frames_are_named_for_their_films(tmp_path):
    films = [f"01-01-0{e}-01-02-01-{actor:02d}" for e in (3, 4) for actor in (1, 2)]
    make(tmp_path, *(f"{('happy', 'sad')[film[7] == '4']}/{film}/{k:04d}.png" for film in films for k in (1, 2)))
    assert sorted(set(read_samples(tmp_path).subject)) == ["01", "02"]


@pytest.mark.parametrize("kind", OTHERS)
def test_other_names_are_people_of_their_own_and_a_note_says_so(tmp_path, kind):
    stems = OTHERS[kind]
    make(tmp_path, *(f"{('happy', 'sad')[i % 2]}/{stem}.jpg" for i, stem in enumerate(stems)))
    samples = read_samples(tmp_path)
    assert len(set(samples.subject)) == len(stems)
    assert "every file counts as a person of its own" in samples.notes[0]


def test_parts_of_the_data_are_not_classes(tmp_path):
    for part in ("Train", "val_set", "test"):
        make(tmp_path, *(f"{part}/{label}/{part}{label}{k}x.png" for label in ("happy", "sad") for k in range(2)))
    samples = read_samples(tmp_path, subject_pattern=".+")
    assert sorted(set(samples.labels["label"])) == ["happy", "sad"] and len(samples) == 12
    assert "'Train', 'test', 'val_set' are parts of the data" in samples.notes[0]
    assert all(file.is_file() for file in samples.files())


@pytest.mark.parametrize("parts", [("trn", "tst"), ("tr", "ts"), ("Training", "Validation"), ("train", "val")])
@pytest.mark.parametrize("class_first", [False, True])
def test_parts_are_neither_classes_nor_people(tmp_path, parts, class_first):
    for number, part in enumerate(parts):
        for label in ("happy", "sad"):
            folders = f"{label}/{part}" if class_first else f"{part}/{label}"
            make(tmp_path, *(f"{folders}/{40 + 10 * number + k + 2 * (label == 'sad')}.png" for k in range(2)))
    samples = read_samples(tmp_path)
    assert sorted(set(samples.labels["label"])) == ["happy", "sad"] and len(set(samples.subject)) == 8
    assert any("of the data, not classes" in note for note in samples.notes)
    where = "^[^/]+/([^/]+)/" if class_first else "^([^/]+)/"
    assert "look like parts of the data and not like people" in refusal(tmp_path, subject_pattern=where)


def test_spellings_of_a_class_in_two_parts_are_one_class(tmp_path):
    make(tmp_path, "train/Happy/a.png", "train/Sad/b.png", "test/happy/c.png", "test/sad/d.png")
    assert len(set(read_samples(tmp_path).labels["label"])) == 2


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["train/happy/a.png", "happy/b.png", "sad/c.png"], "stand beside 'happy', 'sad'"),
        (["train/happy/a.png", "train/sad/b.png", "test/c.png"], "'test/c.png' lies in none of the classes' folders"),
        (["train/happy/a.png", "train/sad/b.png", "test/happy/c.png"], "'test' has no folder 'sad'"),
        (["train/a.png", "test/b.png"], "parts of the data, not for classes"),
        (["train/happy/a.png"], "only the sub-folder 'happy' has any"),
    ],
)
def test_parts_that_do_not_hold_the_classes_are_refused(tmp_path, names, words):
    assert words in refusal(make(tmp_path, *names))


@pytest.mark.parametrize(
    ("folders", "words"),
    [
        (["sub-01", "sub-02", "sub-03"], "look like people"),
        (["Actor_01", "Actor_02"], "look like people"),
        (["AF01", "AM02", "BF01"], "look like people"),
        (["S005", "S010"], "look like people"),
        (["001", "002", "003"], "look like people"),
        ([f"{i}" for i in range(1, 20)], "look like people"),
        (["session1", "session2"], "look like sessions"),
        (["ses-01", "ses-02"], "look like sessions"),
        (["Tag 1", "Tag 2"], "look like sessions"),
    ],
)
def test_a_folder_per_person_or_session_is_no_folder_per_class(tmp_path, folders, words):
    make(tmp_path, *(f"{folder}/{i}x.png" for i, folder in enumerate(folders)))
    message = refusal(tmp_path)
    assert words in message and "samples.csv" in message
    make(tmp_path, *(f"{folder}/happy/y{i}.png" for i, folder in enumerate(folders)))
    assert words in refusal(tmp_path)


def test_folders_below_the_classes_may_be_people_or_the_classes(tmp_path):
    make(tmp_path, *(f"{who}/{face}/{who}{face}.png" for who in ("ann", "bob") for face in ("happy", "sad")))
    message = refusal(tmp_path)
    assert "such as those in 'ann/happy', and so in 'bob'" in message and "samples.csv" in message
    by_folder = read_samples(tmp_path, subject_pattern="^[^/]+/([^/]+)/")
    assert sorted(set(by_folder.subject)) == ["happy", "sad"]


@pytest.mark.parametrize("folders", [["0", "1", "2", "3"], ["AU01", "AU12"], [f"class_{i}" for i in range(12)]])
def test_numbered_classes_are_classes(tmp_path, folders):
    make(tmp_path, *(f"{folder}/{i}x.png" for i, folder in enumerate(folders)))
    assert len(set(read_samples(tmp_path).labels["label"])) == len(folders)
