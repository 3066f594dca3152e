"""Labels of several data sets in one vocabulary: the built-in one, and a user's own."""

from pathlib import Path

import pytest

import mien
from mien.core.errors import InputError
from mien.core.labels import label_key
from mien.data.vocabulary import EXPRESSIONS, common_word, words_of


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text("path,subject,expression,room\na.png,a,Smiling,1a\nb.png,b,neutral,1b\nc.png,c,bored,1a\n")
    return path


def test_no_word_of_the_built_in_vocabulary_means_two_things() -> None:
    words = [label_key(word) for common, words in EXPRESSIONS.items() for word in (common, *words)]
    assert len(set(words)) == len(words)
    assert common_word("Angry") == "anger" and common_word("anger") == "anger" and common_word("wink") == ""


@pytest.mark.parametrize("same", ["smiling=happiness,bored=", {"smiling": "happiness", "bored": ""}])
def test_words_given_one_by_one_rename_and_leave_out_and_others_stay(table: Path, same) -> None:
    samples = mien.read_samples(table, same=same)
    assert samples.labels["expression"].tolist() == ["happiness", "neutral", ""]
    assert samples.labels["own_expression"].tolist() == ["Smiling", "neutral", "bored"]
    assert samples.labels["room"].tolist() == ["1a", "1b", "1a"] and "own_room" not in samples.labels


def test_a_file_of_words_by_set(table: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text("set,label,common\nmine,smiling,happiness\nmine,neutral,neutral\n,bored,\nother,bored,calm\n")
    assert mien.read_samples(table, same=words).labels["expression"].tolist() == ["happiness", "neutral", ""]
    toml = tmp_path / "words.toml"
    toml.write_text('bored = ""\n[mine]\nsmiling = "happiness"\nneutral = "neutral"\n[other]\nbored = "calm"\n')
    assert mien.read_samples(table, same=str(toml)).labels["expression"].tolist() == ["happiness", "neutral", ""]


def test_a_file_has_to_name_every_label_of_a_set_that_it_names(table: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text("set,label,common\nmine,smiling,happiness\nmine,neutral,neutral\n")
    with pytest.raises(InputError, match=r"'bored' \(1 rows of mine, column 'expression'\) has no common word"):
        mien.read_samples(table, same=words)
    words.write_text("set,label,common\nother,smiling,happiness\n")
    assert mien.read_samples(table, same=words).labels["expression"].tolist() == ["Smiling", "neutral", "bored"]


def test_words_for_every_set_leave_others_as_they_are(table: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text("label,common\nsmiling,smile\n")
    assert mien.read_samples(table, same=words).labels["expression"].tolist() == ["smile", "neutral", "bored"]
    words.write_text("label,common\ngrin,smile\n")
    assert mien.read_samples(table, same=words).labels["expression"].tolist() == ["Smiling", "neutral", "bored"]


def test_a_known_set_is_renamed_from_its_own_words(tmp_path: Path) -> None:
    for name in ("1001_DFA_ANG_XX.flv", "1002_DFA_HAP_XX.flv"):
        (tmp_path / name).write_bytes(b"1")
    words = tmp_path / "words.csv"
    words.write_text("set,label,common\ncrema-d,anger,negative\ncrema-d,happy,positive\n")
    samples = mien.read_samples(f"crema-d:{tmp_path}", same=words)
    assert samples.labels["label"].tolist() == ["negative", "positive"]
    assert samples.labels["own_label"].tolist() == ["anger", "happy"]
    some = mien.read_samples(f"crema-d:{tmp_path}", same="anger=negative")
    assert some.labels["label"].tolist() == ["negative", "happiness"]


@pytest.mark.parametrize(
    ("same", "why"),
    [
        ("nowhere.csv", "there is no file 'nowhere.csv'"),
        ("=happiness", "LABEL=WORD"),
        ("still=neutral=x", "LABEL=WORD.*'still=neutral=x'"),
        ("smile=joy,Smile=happiness", "'Smile' has two common words, 'joy' and 'happiness'"),
        ({"smile": 3}, "has to be text, but is 3"),
    ],
)
def test_what_is_no_mapping_is_refused(same, why: str) -> None:
    with pytest.raises(InputError, match=why):
        words_of(same)


def test_words_that_no_label_has_are_refused_with_the_labels_that_there_are(table: Path) -> None:
    with pytest.raises(InputError, match=r"none of the labels that it names \('grin'\).*'Smiling', 'bored', 'neutral'"):
        mien.read_samples(table, same="grin=happiness")


def test_a_set_that_no_line_is_about_says_what_it_is_called(table: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text("set,label,common\nother,smiling,happiness\n")
    (note,) = [note for note in mien.read_samples(table, same=words).notes if "words.csv" in note]
    assert "names words for 'other'; these samples are called 'mine' there, and their labels stay" in note
    words.write_text("label,common\ngrin,smile\n")
    assert any("holds no word for them" in note for note in mien.read_samples(table, same=words).notes)
    words.write_text("set,label,common\nmine,smiling,happiness\nmine,neutral,neutral\nmine,bored,\nother,a,b\n")
    assert not any("words.csv" in note for note in mien.read_samples(table, same=words).notes)


def test_tables_of_one_name_go_by_that_of_their_folder(table: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text("set,label,common\nyoung,still,neutral\nyoung,smiling,smile\nsamples,still,rest\nold,still,calm\n")
    for name, common in (("young", "neutral"), ("old", "calm"), ("new", "rest")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "samples.csv").write_text("path,subject,expression\na.png,a,still\n")
        for given in (tmp_path / name, tmp_path / name / "samples.csv"):
            assert mien.read_samples(given, same=words).labels["expression"].tolist() == [common]


def test_words_that_leave_nothing_are_refused(table: Path) -> None:
    with pytest.raises(InputError, match=r"same leaves out every label of mine \(column 'expression': 'Smiling'"):
        mien.read_samples(table, same="smiling=,neutral=,bored=")


def test_a_file_without_its_columns_is_refused(table: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text("set,from,to\nmine,smiling,happiness\n")
    with pytest.raises(InputError, match="no column 'label'"):
        mien.read_samples(table, same=words)
    (tmp_path / "words.toml").write_text("[mine\n")
    with pytest.raises(InputError, match="not readable TOML"):
        mien.read_samples(table, same=tmp_path / "words.toml")


@pytest.mark.data("london")
def test_london_has_common_words_beside_its_own(shared_data) -> None:
    samples = mien.read_samples(f"london:{shared_data('london')}")
    assert set(samples.labels["label"]) == {"neutral", "happiness"} and set(samples.labels["own_label"]) == {
        "neutral", "smiling",
    }  # fmt: skip
    renamed = mien.read_samples(f"london:{shared_data('london')}", same="smiling=smile")
    assert set(renamed.labels["label"]) == set(renamed.labels["expression"]) == {"neutral", "smile"}
