"""Pictures of things: categories and sources from tables, folders and the data set of drawn objects."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mien
from mien.core.errors import InputError
from mien.data.stimuli import read_stimuli


def pictures(folder: Path, *names: str) -> Path:
    for name in names:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(place)
    return folder


def table(folder: Path, text: str) -> Path:
    (folder / "s.csv").write_text(text, encoding="utf-8")
    return folder / "s.csv"


def test_names_of_things_are_taken_as_they_are_written(tmp_path: Path) -> None:
    """Words that say of people that nobody knows them, and names that are alike, mean nothing among things."""
    text = "path,category,source\na,1,mirror\nb,1,Mirror\nc,2,unknown\nd,2,model 1\ne,2,999\nf,2,blank\n"
    samples = mien.read_samples(table(tmp_path, text))
    assert samples.things and [note[:9] for note in samples.notes] == ["Spellings"]
    assert samples.subject.tolist() == ["mirror", "mirror", "unknown", "model 1", "999", "blank"]
    # Numbered categories are categories.
    assert samples.labels["category"].tolist() == ["1", "1", "2", "2", "2", "2"] and "source" not in samples.labels
    assert samples[[1, 3]].subject.tolist() == ["mirror", "model 1"] and samples[[1]].things


def test_a_picture_without_a_source_is_one_of_its_own(tmp_path: Path) -> None:
    samples = mien.read_samples(table(tmp_path, "path,category,source\na,x,\nb,x,NA\nc,y,cup\n"))
    assert len(set(samples.subject)) == 3
    assert "2 of 3 pictures name no source" in samples.notes[0]


def test_a_column_of_people_stays_one_of_people(tmp_path: Path) -> None:
    samples = mien.read_samples(table(tmp_path, "path,subject,source\na,P1,web\nb,P2,web\n"))
    assert not samples.things and samples.labels["source"].tolist() == ["web", "web"]


def test_a_category_of_one_source_is_said(tmp_path: Path) -> None:
    stimuli = read_stimuli(table(tmp_path, "path,category,source\na,face,ann\nb,face,ann\nc,cup,1\nd,cup,2\n"))
    assert stimuli.notes_on("category") == [
        "Of the category 'face' only one source is shown ('ann', 2 pictures): no other is left to test a probe of it."
    ]


def test_a_folder_per_category_takes_folders_below_it_for_sources(tmp_path: Path) -> None:
    pictures(tmp_path, "face/ann/1.png", "face/ann/2.png", "cup/1.png", "cup/2.png")
    stimuli = read_stimuli(tmp_path)
    assert stimuli.labels["category"].tolist() == ["cup", "cup", "face", "face"]
    assert stimuli.subject.tolist() == ["cup/1.png", "cup/2.png", "face/ann", "face/ann"]
    assert "Nothing says what is shown in 2 of 4 pictures" in stimuli.notes[0]
    by_name = read_stimuli(tmp_path, subject_pattern=r"(\d)\.png")
    assert by_name.subject.tolist() == ["1", "2", "1", "2"]


@pytest.mark.parametrize(
    ("text", "settings", "words"),
    [
        ("path,source,kind\na,x,cup\n", {}, r"Add a column 'category'.*Other labels: kind"),
        ("path,source,category\na,x,\nb,y,cup\n", {}, r"1 of 2 pictures have no category, the first is 'a'"),
        ("path,category\na,cup\n", {}, r"no column 'subject'"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, text: str, settings: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_stimuli(table(tmp_path, text), **settings)


def test_another_column_can_say_the_category(tmp_path: Path) -> None:
    stimuli = read_stimuli(table(tmp_path, "path,source,kind\na,x,cup\nb,y,face\n"), category="kind")
    assert stimuli.labels["category"].tolist() == ["cup", "face"]


@pytest.mark.data("objects")
def test_drawn_objects_keep_families_together() -> None:
    """Medals are one source, and what looks nearly alike in one category is never two."""
    stimuli = read_stimuli("objects:")
    names = stimuli.labels["name"]
    of = dict(zip(names, stimuli.subject, strict=True))
    assert len(stimuli) == 870 and len(set(stimuli.subject)) == 733 and stimuli.synthetic and stimuli.notes == ()
    assert of["1st place medal"] == of["3rd place medal"] != of["trophy"]
    assert of["blue book"] == of["closed book"] and of["mirror"] == "mirror"
    # A source lies within one category.
    kinds = {source: set(stimuli.labels["category"][stimuli.subject == source]) for source in set(stimuli.subject)}
    assert all(len(found) == 1 for found in kinds.values())
    grey = np.array([np.asarray(Image.open(p).convert("L").resize((32, 32), Image.Resampling.BOX), float).ravel()
                     for p in stimuli.files()])  # fmt: skip
    grey -= grey.mean(axis=1, keepdims=True)
    grey /= np.linalg.norm(grey, axis=1, keepdims=True)
    alike = np.argwhere(np.triu(grey @ grey.T, 1) > 0.935)
    category = stimuli.labels["category"]
    split = [(names[a], names[b]) for a, b in alike if category[a] == category[b] and of[names[a]] != of[names[b]]]
    assert len(alike) > 20 and split == []
