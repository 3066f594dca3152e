"""What a study asked for is shown, the rest is named once; names that begin alike are not mixed up."""

from pathlib import Path

import pytest

from mien.core.errors import InputError
from mien.core.files import write_json
from mien.report.asked import Parts, earlier_words, read_parts, write_parts
from mien.report.study_folder import read_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "study.toml").write_text('title = "Old and new"\n')
    for place in ("comparison", "structure", "maps/people/pca", "maps/people/umap", "maps/net/pca"):
        (tmp_path / place).mkdir(parents=True)
    for name in ("net", "net-2"):
        write_json(tmp_path / "models" / name / "evaluation.json", {"classes": ["a", "b"], "scores": {}})
    return tmp_path


def test_names_that_begin_alike_are_told_apart() -> None:
    parts = Parts(("models/net", "evidence/net/lime/smile"))
    assert parts.shows("models/net")
    assert parts.shows("evidence/net/lime/smile")
    assert not parts.shows("models/net-2")
    assert not parts.shows("evidence/net/lime/smile-2")
    assert not parts.shows("evidence/net")
    assert parts.leads_to("evidence/net")


def test_the_rest_of_the_folder_is_named_at_its_highest_folder(folder: Path) -> None:
    everything = read_folder(folder)
    assert [part.name for part in everything.models] == ["net", "net-2"]
    assert everything.earlier == []
    write_parts(folder, ["models/net", "maps/people/pca", "structure"])
    study = read_folder(folder)
    assert [part.name for part in study.models] == ["net"]
    assert study.earlier == ["models/net-2", "comparison", "maps/net", "maps/people/umap"]
    assert study.shows("structure")
    assert not study.shows("comparison")
    assert study.problems == []
    assert "models/net-2, comparison, maps/net, maps/people/umap" in earlier_words(study.earlier)
    assert earlier_words([]) == ""
    (folder / "study.toml").write_text('title = "Newer"\n')
    assert "changed since the study last ran to its end" in read_folder(folder).problems[0]


def test_a_broken_list_is_told_and_everything_is_shown(folder: Path) -> None:
    write_json(folder / "parts.json", {"shown": 3})
    with pytest.raises(InputError, match="is not laid out as 'mien study run' writes it"):
        read_parts(folder)
    study = read_folder(folder)
    assert len(study.models) == 2
    assert "parts.json is not laid out" in study.problems[0]
