"""The report of hand-made study folders: complete, escaped, self-contained, honest."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.files import write_json
from mien.data.shards import write_shard
from mien.data.weights import FILES
from mien.explain.explain import explain_all
from mien.report.page import weights_rows
from mien.report.report import report, written
from mien.report.sections.headline import noise_words
from mien.stats.scores import Score

EVIL = "<script>alert(1)</script>"
VOID = {"meta", "br", "img", "link", "hr", "input"}


def score(value, low, high, chance=0.5):
    return {"value": value, "low": low, "high": high, "chance": chance}


def evaluation(classes, **changed):
    return {
        "target": "expression",
        "model": "net",
        "protocol": {"scheme": "stratified", "n_folds": 10, "n_subjects": 20, "n_samples": 40, "seed": 0},
        "classes": classes,
        "scores": {"accuracy": score(0.9, 0.8, 0.95), "balanced_accuracy": score(0.91, 0.82, 0.96)},
        "confusion": [[17, 3], [1, 19]],
        "calibration": {"confidence": [None, 0.9], "accuracy": [None, 0.8], "count": [0, 40],
                        "expected_calibration_error": 0.1, "brier": 0.15},
        "per_class": {classes[0]: {"auc": score(0.95, 0.9, 0.99)}},
        "noise_check": {"balanced_accuracy": score(0.52, 0.44, 0.61)},
        "left_out": {"no face": 2},
        **changed,
    }  # fmt: skip


def only_our_script(page):
    """The one script is the package's own, allowed by its hash; it reaches for nothing."""
    ours = (files("mien.report") / "templates" / "report.js").read_text(encoding="utf-8")
    assert Page(page).tags.count("script") == 1 and page.count(f"<script>{ours}</script>") == 1
    digest = base64.b64encode(hashlib.sha256(ours.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1].replace("&#39;", "'")
    assert f"script-src 'sha256-{digest}';" in policy and "default-src 'none'" in policy and "unsafe" not in policy
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "innerHTML",
        "eval(",
        "import(",
        "WebSocket",
        "sendBeacon",
        "http:",
        "https:",
    ):
        assert word not in ours.replace("http://www.w3.org/2000/svg", "")


def add_model(folder, name="net", classes=("neutral", "smiling"), **changed):
    write_json(folder / "models" / name / "evaluation.json", evaluation(list(classes), **changed))
    spec = {
        "name": name,
        "kind": "sequence",
        "target": "expression",
        "classes": list(classes),
        "weights_sha256": "ab" * 32,
    }
    write_json(folder / "models" / name / "model.json", spec)


def add_evidence(folder, name="net", classes=("neutral", "smiling"), shape=(8, 68, 2), **given):
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(int(np.prod(shape)), len(classes)))
    values = np.random.default_rng(0).normal(size=(6, *shape)).astype(np.float32)
    labels = [classes[i % len(classes)] for i in range(6)]
    explain_all(module, values, classes=classes, labels=labels, subjects=list("aabbcc"), n_steps=4,
                output=folder / "evidence" / name, **given)  # fmt: skip


def add_faces(folder):
    rows = [("ok", ""), ("ok", ""), ("no face", ""), ("unreadable", f"truncated {EVIL}")]
    for i, (status, reason) in enumerate(rows):
        shard = Faces.build(1, source=[f"S{i}.jpg"], status=[status], reason=[reason])
        write_shard(shard, folder / "faces" / f"{i}.parquet")


class Page(HTMLParser):
    """Tags, attributes and visible text of a page; fails on unbalanced tags."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.words, self.open = [], [], [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture
def full(tmp_path, weights):
    (tmp_path / "study.toml").write_text(f'title = "Smiles {EVIL}"\n[input]\nsamples = "labels.csv"\n')
    data = {"name": "London Set", "licence": "CC BY 4.0", "credit": "DeBruine & Jones"}
    write_json(
        tmp_path / "provenance.json",
        {"samples": data, "seed": 7, "extract": {"weights": {"face_landmarker.task": "64ab"}}},
    )
    add_faces(tmp_path)
    add_model(tmp_path)
    add_evidence(tmp_path)
    add_evidence(tmp_path, name="table", shape=(3,), names=["mouthSmileLeft", "jawOpen", EVIL])
    return tmp_path


def test_everything_a_study_holds_is_told(full):
    page = Page(report(full).read_text())
    text = page.text
    for words in (
        "told 'neutral' and 'smiling' apart with a balanced accuracy of 0.91 (95 % interval 0.82 to 0.96, chance 0.50)"
        " on 40 samples of 20 people held out of training.",
        "blendshapes (face_landmarker.task) Apache-2.0", "64ab",
        "London Set", "CC BY 4.0", "DeBruine & Jones", "labels.csv", "seed 7",
        "2 faces in 4 frames", "source 3 of 4 no face", "source 4 of 4 unreadable truncated",
        "10 stratified folds", "No person is in training and test at once", "0.80 – 0.95",
        "With shuffled labels the same procedure reached 0.52", "as it has to be when nothing leaks",
        "Left out: 2 × no face", "neutral 0.95 (0.90 – 0.99)", "Brier score 0.150",
        "Largest shares of the evidence for 'smiling': mouth", "left mouth corner pulled up (smile)",
        "5 typical samples",
        "apparent expressions or impressions of raters", "noseSneer, cheekPuff", "hold 20 people. That is few",
        "The 68 points hold none on forehead", "abab", "torch",
    ):  # fmt: skip
        assert words in text.replace("\u00a0", " "), words
    assert page.tags.count("svg") >= 12


def test_nothing_from_data_becomes_markup(tmp_path, weights):
    (tmp_path / "study.toml").write_text(f'title = "{EVIL}"\n"{EVIL}" = "{EVIL}"\n')
    write_json(tmp_path / "provenance.json", {EVIL: {"name": EVIL, "licence": EVIL, "credit": EVIL}})
    add_faces(tmp_path)
    classes = (EVIL, '"><img src=x onerror=alert(1)>')
    add_model(tmp_path, classes=classes, left_out={EVIL: 1}, protocol={"scheme": EVIL, "n_subjects": 2, "seed": EVIL})
    add_evidence(tmp_path, classes=classes)
    add_evidence(tmp_path, name="table", classes=classes, shape=(2,), names=[EVIL, "</svg><script>"])
    (tmp_path / "models" / EVIL.replace("/", "")).mkdir()
    (tmp_path / "models" / EVIL.replace("/", "") / "evaluation.json").write_text(EVIL)
    html = report(tmp_path).read_text()
    page = Page(html)
    only_our_script(html)
    assert "img" not in page.tags and "onerror=" not in html.replace("onerror=alert(1)&gt;", "")
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 10


def test_one_file_that_reaches_for_nothing(full):
    html = report(full).read_text()
    page = Page(html)
    only_our_script(html)
    assert not {"link", "iframe", "object", "embed", "form", "img", "base"} & set(page.tags)
    assert not [a for a in page.attributes if a[1].startswith("on") or a[1] in ("src", "style")]
    links = [value for _, name, value in page.attributes if name in ("href", "xlink:href")]
    assert links and all(value.startswith("#") for value in links)
    ids = {value for _, name, value in page.attributes if name == "id"}
    assert {value[1:] for value in links} <= ids
    assert "url(" not in html and "@import" not in html


def test_the_policy_allows_this_style_and_nothing_else(full):
    html = report(full).read_text()
    policy = next(v for _, n, v in Page(html).attributes if n == "content" and v.startswith("default-src"))
    style = re.search(r"<style>(.*?)</style>", html, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "unsafe" not in policy and "http" not in policy


def test_phones_and_printers_are_served(full):
    html = report(full).read_text()
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in html
    assert "@media print" in html and "@media (max-width" in html and "prefers-color-scheme: dark" in html


def test_what_is_absent_is_no_section(tmp_path):
    add_faces(tmp_path)
    text = Page(report(tmp_path).read_text()).text
    assert "Faces were found in 2 of 4 sources." in text
    assert "Scores" not in text and "Evidence" not in text and "What was asked" not in text


def test_damaged_parts_are_told_and_the_rest_is_there(tmp_path):
    add_model(tmp_path)
    (tmp_path / "models" / "broken").mkdir()
    (tmp_path / "models" / "broken" / "evaluation.json").write_text("{")
    (tmp_path / "study.toml").write_text("=")
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "a.parquet").write_bytes(b"not parquet")
    add_evidence(tmp_path, shape=(4,))
    numbers = next((tmp_path / "evidence").rglob("evidence.safetensors"))
    numbers.write_bytes(b"")
    text = Page(report(tmp_path).read_text()).text
    assert "Not everything could be read" in text and "balanced accuracy of 0.91" in text
    for words in ("broken/evaluation.json", "study.toml", "a.parquet", "evidence.safetensors"):
        assert words in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scores", {"accuracy": 0.9}),
        ("scores", {"accuracy": {"value": "high"}}),
        ("confusion", [[1, None]]),
        ("protocol", {"n_subjects": "many"}),
        ("calibration", {"count": "x"}),
        ("per_class", [1]),
        ("noise_check", {"a": {"value": []}}),
        ("left_out", {"no face": "2"}),
    ],
)
def test_scores_that_are_not_laid_out_right_are_told(tmp_path, name, value):
    add_model(tmp_path, **{name: value})
    text = Page(report(tmp_path).read_text()).text
    assert f"'{name}' is not laid out as" in text and "This model was not evaluated" in text


def test_missing_numbers_are_dashes(tmp_path):
    gone = {"value": None, "low": None, "high": None, "chance": None}
    add_model(tmp_path, scores={"accuracy": gone, "balanced_accuracy": gone}, noise_check=None, calibration=None)
    assert "– – –" in Page(report(tmp_path).read_text()).text


@pytest.mark.parametrize("where", ['main = "b"', '[study]\nmain = "b"', '[models]\nmain = "b"'])
def test_the_headline_is_about_the_declared_model_and_never_chosen_by_its_score(tmp_path, where):
    add_model(tmp_path, "a", scores={"balanced_accuracy": score(0.7, 0.6, 0.8)})
    add_model(tmp_path, "b", scores={"balanced_accuracy": score(0.8, 0.7, 0.9)})
    add_model(tmp_path, "c", scores={"balanced_accuracy": score(0.9, 0.8, 0.95)})
    text = Page(report(tmp_path).read_text()).text
    assert "The model 'a' (the first by name of 3; study.toml can declare another one as main) told" in text
    (tmp_path / "study.toml").write_text(where)
    assert "The model 'b' (declared as the main one) told" in Page(report(tmp_path).read_text()).text
    (tmp_path / "study.toml").write_text('main = "gone"')
    text = Page(report(tmp_path).read_text()).text
    assert "study.toml declares 'gone' as the main model" in text and "The model 'a'" in text


def test_a_leak_is_shouted_and_chance_is_not():
    assert "ABOVE CHANCE" in noise_words({"balanced_accuracy": Score(0.7, 0.6, 0.8, 0.5)})
    assert "nothing leaks" in noise_words({"balanced_accuracy": Score(0.5, 0.4, 0.6, 0.5)})
    assert "below chance" in noise_words({"balanced_accuracy": Score(0.4, 0.3, 0.45, 0.5)})
    assert noise_words(None) == ""


def test_without_weights_the_rest_of_the_evidence_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_HOME", str(tmp_path / "nowhere"))
    from mien.atlas import frontal as face_shapes
    from mien.data import canonical

    for cached in (canonical.canonical_mesh, face_shapes.frontal_points, face_shapes.contours):
        cached.cache_clear()
    add_evidence(tmp_path / "study")
    text = Page(report(tmp_path / "study").read_text()).text
    assert "could not be drawn on a face" in text and "Largest shares of the evidence for 'neutral': mouth" in text


def test_a_folder_without_a_study_is_refused(tmp_path):
    with pytest.raises(InputError, match="nothing to report"):
        report(tmp_path)
    with pytest.raises(InputError, match="not a folder"):
        report(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []


def test_the_same_folder_gives_the_same_page(full):
    first = report(full).read_text()
    assert report(full).read_text() == first
    assert json.loads((full / "provenance.json").read_text())["seed"] == 7


def test_one_damaged_shard_does_not_hide_the_whole_extraction(tmp_path):
    add_faces(tmp_path)
    (tmp_path / "faces" / "damaged.parquet").write_bytes(b"half a shard")
    text = Page(report(tmp_path).read_text()).text
    assert "Faces were found in 2 of 4 sources." in text
    assert "damaged.parquet is not a readable shard" in text


@pytest.mark.parametrize("part", [{"classes": 3}, {"recipe": []}, {"info": "x"}, {"settings": [1]}])
def test_a_malformed_model_description_does_not_stop_the_report(tmp_path, part):
    add_faces(tmp_path)
    add_model(tmp_path)
    path = tmp_path / "models" / "net" / "model.json"
    write_json(path, {**json.loads(path.read_text()), **part})
    text = Page(report(tmp_path).read_text()).text
    assert f"model.json: '{next(iter(part))}' is not laid out as" in text
    assert "balanced accuracy of 0.91" in text and "2 of 4" not in text


@pytest.mark.parametrize(
    "change",
    [{"settings": []}, {"sample": 5}, {"model": "net"}, {"names": None}, {"target": {"nam": "x"}}, {"space": "sounds"},
     {"topology": "stars"}, {"numbers_sha256": None}, {"settings": {"recipe": 3}}],
)  # fmt: skip
def test_malformed_evidence_does_not_stop_the_report(tmp_path, change):
    add_model(tmp_path)
    add_evidence(tmp_path, shape=(4,))
    path = next((tmp_path / "evidence").rglob("evidence.json"))
    write_json(path, {**json.loads(path.read_text()), **change})
    text = Page(report(tmp_path).read_text()).text
    assert "balanced accuracy of 0.91" in text
    assert text.count("Largest shares of the evidence for") >= 1
    if change != {"settings": {"recipe": 3}} and "topology" not in change:
        assert "Not everything could be read" in text


def test_checks_of_another_layout_are_no_section(tmp_path):
    add_model(tmp_path)
    write_json(tmp_path / "checks.json", {"rows": 3})
    assert "balanced accuracy of 0.91" in Page(report(tmp_path).read_text()).text


def test_evidence_of_an_earlier_model_was_shown_beside_the_new_one(tmp_path):
    add_model(tmp_path)
    add_evidence(tmp_path, shape=(4,))
    for number, path in enumerate(sorted((tmp_path / "evidence").rglob("evidence.json"))):
        facts = json.loads(path.read_text())
        write_json(path, {**facts, "model": {**facts["model"], "weights_sha256": ("ab" if number else "cd") * 32}})
    text = Page(report(tmp_path).read_text()).text
    assert text.count("this evidence explains an earlier model") == 1
    assert text.count("THIS EVIDENCE EXPLAINS AN EARLIER MODEL") == 1


def test_a_study_toml_gives_the_title_and_is_shown_whole(tmp_path):
    """What ``read_folder`` documents."""
    add_model(tmp_path)
    (tmp_path / "study.toml").write_text('title = "Smiles"\n[study]\nname = "other"\n[folds]\nscheme = "grouped"\n')
    page = Page(report(tmp_path).read_text())
    assert page.text.strip().startswith("Smiles") and "folds › scheme" in page.text and "What was asked" in page.text


def test_abstaining_is_told_with_its_reason(tmp_path):
    from mien.features.actions import ACTIONS, UNMEASURED

    values = np.random.default_rng(0).uniform(0, 1, (4, len(ACTIONS))).astype(np.float32)
    values[:2, ACTIONS.index("AU9")] = UNMEASURED
    given = {"names": ACTIONS, "method": "rule-reasons", "subjects": list("aabb")}
    explain_all("rules", values, output=tmp_path / "evidence" / "rules", **given)
    assert "abstain from 'disgust' in 2 of 4 samples" in Page(report(tmp_path).read_text()).text
    explain_all("rules", values[:2], output=tmp_path / "evidence" / "rules", **{**given, "subjects": list("aa")})
    text = Page(report(tmp_path).read_text()).text
    assert "abstain from 'disgust' in 2 of 2 samples: AU9 cannot be measured" in text
    assert "Not everything could be read" in text and "Largest shares of the evidence for 'happiness'" in text


def test_the_networks_behind_a_model_are_credited_by_file_or_checksum() -> None:
    sha256 = FILES["efficientnet-lite0-57934424.pth"].sha256
    for facts in ({"weights": "efficientnet-lite0-57934424.pth"}, [{"parts": [{"settings": {"body_sha256": sha256}}]}]):
        assert [row["name"] for row in weights_rows(facts)] == ["efficientnet-lite0 (efficientnet-lite0-57934424.pth)"]
    assert weights_rows({"body_sha256": "0" * 64}) == []


@pytest.mark.parametrize(
    "place", ["structure/structure.json", "comparison/comparison.json", "maps/people/pca/embedding.json"]
)
def test_what_a_section_cannot_read_counts_as_a_problem_of_the_folder(tmp_path, place):
    (tmp_path / "study.toml").write_text('title = "x"')
    assert written(tmp_path)[1] == []
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_text("{}")
    page, problems = written(tmp_path)
    assert len(problems) == 1 and place in problems[0] and "Not everything could be read" in page.read_text()
