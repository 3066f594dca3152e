"""Text for a paper: its numbers are the study's, its citations have entries, it claims nothing beyond the folder."""

import re
import shutil

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.files import read_json, write_json
from mien.explain.methods import METHODS
from mien.models.catalogue import MODELS
from mien.report.paper.citations import CITED, Citations, entries, fields_of, reference

docx = pytest.importorskip("docx")


def test_every_citation_has_an_entry_with_author_title_year_and_a_place():
    keys = {key for keys in CITED.values() for key in keys}
    assert keys == set(entries())
    for key in keys:
        found = fields_of(key)
        assert {"author", "title", "year"} <= set(found), key
        assert key == "mien" or {"journal", "booktitle", "series", "eprint"} & set(found), key
        assert "{" not in reference(key) and "\\" not in reference(key)


def test_every_published_method_of_explanation_is_cited():
    without = {name for name in METHODS if name not in CITED}
    assert without == {"attention", "rule-reasons"}


def test_names_that_are_cited_are_names_of_methods_models_or_parts():
    parts = {
        "pattern",
        "mien",
        "mediapipe-478",
        "detector",
        "intervals of shares",
        "intervals of scores",
        "torch",
        "p of scores",
    }
    assert set(CITED) <= parts | set(METHODS) | set(MODELS)


def test_sources_are_listed_once_and_in_the_order_of_the_alphabet():
    cite = Citations()
    assert cite("lime") == " (Ribeiro et al., 2016)" and cite("lime", "deeplift").count(";") == 1
    assert [line[:7] for line in cite.references()] == ["Ribeiro", "Shrikum"]
    assert cite.bibtex().count("@") == 2


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    mien.synthesize(folder / "people", subjects=12, expressions=("neutral", "smile"), frames=8, seed=3)
    model = folder / "study" / "models" / "mine"
    mien.train(folder / "people", target="expression", n_folds=3, output=model)
    mien.explain(
        model, folder / "people", method="integrated-gradients", n_steps=4, target="smile",
        output=folder / "study" / "evidence" / "mine",
    )  # fmt: skip
    return folder / "study"


def words_of(paragraphs):
    return " ".join(text for _, text in paragraphs)


def test_scores_of_the_text_are_those_of_the_evaluation(study):
    text = mien.methods_text(study)
    scores = read_json(study / "models" / "mine" / "evaluation.json")["scores"]
    for score in scores.values():
        assert f"{score['low']:.2f} to {score['high']:.2f}" in words_of(text.results)
    assert "24 samples of 12 people" in words_of(text.methods)
    assert "random seed 0" in words_of(text.methods) and "Sundararajan et al., 2017" in words_of(text.methods)


def test_a_model_at_chance_is_said_to_be_so_and_its_evidence_is_not_described(study, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(study, copy)
    path = copy / "models" / "mine" / "evaluation.json"
    stored = {name: value for name, value in read_json(path).items() if name != "checksum"}
    chance = {"value": 0.48, "low": 0.3, "high": 0.66, "chance": 0.5, "p": 0.61, "people": 12}
    stored["scores"] = dict.fromkeys(stored["scores"], chance)
    stored["per_class"] = {label: {"auc": chance, "recall": chance} for label in stored["per_class"]}
    write_json(path, stored)
    said = words_of(mien.methods_text(copy).results)
    assert "It is not shown to do better than chance." in said
    assert "exceeded an even spread" not in said


def test_people_are_not_named(study):
    text = mien.methods_text(study).markdown()
    assert not re.search(r"\bs0\d\d\b", text)


def test_markdown_word_and_bibtex_hold_the_same_text(study, tmp_path):
    text = mien.methods_text(study, tmp_path / "out")
    assert (tmp_path / "out" / "methods.md").read_text(encoding="utf-8") == text.markdown()
    document = docx.Document(str(tmp_path / "out" / "methods.docx"))
    said = [paragraph.text for paragraph in document.paragraphs]
    for heading, paragraph in (*text.methods, *text.results):
        assert f"{heading}. {paragraph}" in said
    assert set(text.references) <= set(said)
    assert text.tables == () and not document.tables
    keys = re.findall(r"@\w+\{(\w+),", (tmp_path / "out" / "references.bib").read_text(encoding="utf-8"))
    assert len(keys) == len(text.references) >= 3


def test_parts_without_words_are_named(study, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(study, copy)
    (copy / "profiles" / "all").mkdir(parents=True)
    (copy / "profiles" / "all" / "profiles.json").write_text("{}")
    assert mien.methods_text(copy).not_worded == ("profiles",)
    assert "Not worded here: profiles." in mien.methods_text(copy).markdown()


def test_a_study_without_models_and_evidence_is_a_sentence(tmp_path):
    (tmp_path / "study.toml").write_text('title = "empty"\n')
    with pytest.raises(InputError, match="no result to write about"):
        mien.methods_text(tmp_path)


def test_software_names_what_the_study_used_and_nothing_else(tmp_path):
    from mien.core.provenance import record
    from mien.report.paper.software import used_packages
    from mien.report.study_folder import read_folder

    mien.synthesize(tmp_path / "people", subjects=6, expressions=("neutral", "smile"), frames=4, seed=3)
    mien.train(
        tmp_path / "people", target="expression", model="logistic", n_folds=2, output=tmp_path / "study/models/named"
    )
    record(tmp_path / "study", "train named")
    assert used_packages(read_folder(tmp_path / "study")) == {
        "python", "numpy", "scipy", "pyarrow", "scikit-learn", "safetensors",
    }  # fmt: skip
    said = dict(mien.methods_text(tmp_path / "study").methods)
    assert "scikit-learn" in said["Software"]
    assert not any(package in said["Software"] for package in ("torch", "lightgbm", "nibabel", "rsatoolbox", "timm"))
    assert "Logistic regression on" in said["Models"] and "ridge" not in said["Models"]


def test_a_model_of_ratings_is_described_as_what_it_is_of_ratings():
    from mien.models.catalogue import MODELS

    for name in ("expression", "logistic", "picture", "picture-wide", "texture"):
        row = MODELS[name]
        assert "logistic" in row.words(False) and "ridge" not in row.words(False)
        assert "ridge" in row.words(True) and "logistic" not in row.words(True)


def test_one_sentence_has_one_minus_and_one_precision(tmp_path):
    from mien.report.paper.methods_text import _MINUS

    rng = np.random.default_rng(0)
    rows = [f"a{i},x{i},{v:.3f},{r:.3f}" for i, (v, r) in enumerate(rng.normal(size=(30, 2)))]
    (tmp_path / "table.csv").write_text("\n".join(["subject,path,smile,warm", *rows]) + "\n")
    mien.train(tmp_path / "table.csv", target="warm", model="logistic", n_folds=3, output=tmp_path / "study/models/m",
               recipe={"name": "columns", "source": "samples", "columns": ["smile"]})  # fmt: skip
    said = dict(mien.methods_text(tmp_path / "study").results)
    text = " ".join(said.values())
    assert "Pearson correlation" in text and not re.search(r"(?<![\w.])-\.?\d", text)
    decimals = {len(found) for found in re.findall(r"interval −?\d+\.(\d+) to", text)}
    assert decimals == {2}
    assert _MINUS.sub("−", "DASS-21, -0.5 to (-.3), 2019-2020") == "DASS-21, −0.5 to (−.3), 2019-2020"


def test_every_source_is_complete_and_written_as_what_it_is():
    from mien.report.paper.citations import CITED, entries, fields_of, reference

    assert {key for keys in CITED.values() for key in keys} == set(entries())
    for key, entry in entries().items():
        found, kind = fields_of(key), entry[1 : entry.index("{")]
        assert {"title", "author", "year"} <= set(found), key
        assert kind != "article" or {"journal", "volume", "pages"} <= set(found), key
        assert kind != "misc" or "eprint" in found, key
        assert kind != "inproceedings" or "booktitle" in found, key
        assert found["author"].split(",")[0].lower().replace("-", "").replace("š", "s") in key.replace(
            "mien", "the mien developers"
        ), key
        assert found["year"] in key or key == "mien", key
    assert "Michel, Vincent, et al. (2011)" in reference("pedregosa2011")
    assert "& et al." not in "".join(map(reference, entries()))


def test_several_ratings_in_one_text_are_those_of_the_command_line():
    from mien.core.errors import InputError
    from mien.explain.targets import find_target
    from mien.learn.table import named_targets

    ratings = {"warm": np.zeros(2), "smart": np.zeros(2), "warm, not cold": np.zeros(2)}
    samples = mien.Samples(path=["a", "b"], subject=["s", "t"], labels={}, ratings=ratings)
    assert named_targets(samples, "warm, smart") == ("warm", "smart")
    assert named_targets(samples, "warm, not cold") == "warm, not cold"
    assert named_targets(samples, ["warm"]) == ["warm"]
    with pytest.raises(InputError, match=r"explain_all\(\.\.\., targets=\['warm', 'smart'\]\)"):
        find_target("warm,smart", ["warm", "smart", "old"])
