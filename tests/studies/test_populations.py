"""The study 'populations' on made-up people: two groups that smile with other muscles; finished steps stay."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.compare.population_result import (
    MODELS,
    OWN,
    PEOPLE,
    POOLED,
    PopulationLooks,
    PopulationScores,
    all_but,
    same_people,
)
from mien.compare.retrained import RetrainedContrast, RetrainedLooks
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.samples import read_ready_faces, read_samples
from mien.data.synthetic import synthesize
from mien.report.privacy import privacy_of
from mien.report.sections.populations import _contrast_words, _outline, section
from mien.studies.population_protocols import check_names, folder_without, train_together
from mien.studies.population_retraining import dealt_samples
from mien.studies.population_scores import population_scores
from mien.studies.population_sources import PopulationsRun
from mien.studies.settings import STUDY_FILE
from mien.studies.stages import train_step
from mien.studies.study import new, read_study, run

PEOPLE_EACH = 10
CHANGED = {
    "folds": {"n_folds": 2},
    "evidence": {"settings": {"n_steps": 4}},
    "comparison": {"permutations": 99, "retrain": 1},
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up people in two groups; the study has run once."""
    folder = tmp_path_factory.mktemp("populations")
    synthesize(folder / "made", subjects=2 * PEOPLE_EACH, expressions=("neutral", "smile"), frames=8, seed=4)
    new("populations", folder / "study", samples=f"synthetic:{folder / 'made'}", target="expression", changed=CHANGED)
    run(folder / "study")
    return folder / "study"


def reader(tmp_path: Path, **changed: object) -> PopulationsRun:
    new("populations", tmp_path, target="expression", changed={"populations": changed})  # type: ignore[dict-item]
    return PopulationsRun(tmp_path, read_study(tmp_path / STUDY_FILE)[1])


def people(names: list[str], group: str, smile: str = "smile") -> Samples:
    """Everybody neutral and smiling, in a population."""
    both = np.repeat(np.array(names, dtype=object), 2)
    return Samples(
        path=np.array([f"{group}-{i}" for i in range(len(both))], dtype=object),
        subject=both,
        labels={"expression": np.tile(np.array(["neutral", smile], dtype=object), len(names))},
        group=np.full(len(both), group, dtype=object),
    )


def test_every_model_is_tested_on_every_population(study: Path) -> None:
    found = PopulationScores.read(study / "populations")
    assert [(p.name, p.people) for p in found.populations] == [("A", PEOPLE_EACH), ("B", PEOPLE_EACH)]
    each = [t for t in found.tests if t.trained != POOLED]
    assert {(t.trained, t.tested) for t in each} == {(a, b) for a in "AB" for b in "AB"}
    for test in each:
        assert len(test.people) == PEOPLE_EACH
        assert test.evaluation.protocol["scheme"] == ("stratified" if test.trained == test.tested else "held-out")
    pooled = {t.tested: len(t.people) for t in found.tests if t.trained == POOLED}
    assert pooled == {"A": PEOPLE_EACH, "B": PEOPLE_EACH, POOLED: 2 * PEOPLE_EACH}
    own = next(t for t in found.tests if (t.trained, t.tested) == ("A", "A"))
    assert own.evaluation.scores["balanced_accuracy"].value > 0.8
    assert {s.kind for s in found.shifts} == {PEOPLE, MODELS}


def test_nobody_is_explained_by_a_model_that_has_learnt_from_them(study: Path) -> None:
    looks = PopulationLooks.read(study / "populations")
    assert {(look.trained, look.shown) for look in looks.looks} == {(a, b) for a in "AB" for b in "AB"}
    scored = {t: {row.person for row in t.people} for t in PopulationScores.read(study / "populations").tests}
    who = {test.tested: names for test, names in scored.items()}
    for trained, shown in (("A", "B"), ("B", "A")):
        learnt = json.loads((study / f"models/landmark-rvfl-{trained}/model.json").read_text())["info"]["subjects"]
        place = study / f"populations/evidence/landmark-rvfl-{trained}-on-{shown}/smile/evidence.json"
        explained = set(json.loads(place.read_text())["subject"])
        assert explained == who[shown]
        assert not explained & set(learnt)


def test_own_models_differ_where_other_muscles_act(study: Path) -> None:
    looks = PopulationLooks.read(study / "populations")
    own = next(row for row in looks.contrasts if row.kind == OWN)
    effect = {row.name: row.effect for row in own.groups.rows}
    assert min(effect["left cheek"], effect["right cheek"]) > 0.5
    assert own.map is not None
    assert own.map.difference.shape == own.map.significant.shape
    assert {row.kind for row in looks.contrasts} == {OWN, PEOPLE, MODELS}
    assert {row.mask for row in looks.masks} == {"smile"}
    assert len(looks.trees[0].names) == 4


def test_report_shows_populations_without_names(study: Path) -> None:
    page = (study / "report.html").read_text()
    text = page[page.index('<section id="populations"') :]
    text = text[: text.index("</section>")]
    assert "where does it look for 'smile'?" in text
    assert text.count("data:image/png") == 2 * 9  # four maps, five differences, each over the average face
    assert not re.search(r"\bs0\d\d\b", text)
    # Two models differ by their training, too: what the test does not know is not called chance.
    assert "two trainings on the same people differ, too" in text
    assert all(
        "more than chance" not in part for part in re.findall(r"<p>([^<]*(?:models of|of its own)[^<]*)</p>", text)
    )
    assert "person 1" in text
    marked = [float(p.replace("&lt; ", "")) for p in re.findall(r"<strong>([^<]+)</strong></td><td", text) if "." in p]
    assert all(p <= 0.05 for p in marked)


def test_drawings_for_print_lie_beside_the_results(study: Path) -> None:
    names = sorted(path.name for path in (study / "populations").glob("*.svg"))
    assert names == ["landmark-rvfl-smile-differences.svg", "landmark-rvfl-smile-maps.svg"]


def test_finished_steps_are_not_repeated(study: Path) -> None:
    said: list[str] = []
    run(study, say=said.append)
    done = [line for line in said if line.endswith("done before.")]
    assert len(done) == 3 + 1 + 2 + 1 + 1
    assert not [line for line in said if line.endswith("...") and not line.startswith(("report", "re-train"))]


def test_models_are_trained_again_on_people_dealt_at_random(study: Path) -> None:
    found = RetrainedLooks.read(study / "populations")
    assert [(row.kind, row.a, row.b) for row in found.rows] == [
        (OWN, ("A", "A"), ("B", "B")), (MODELS, ("A", "A"), ("B", "A")), (MODELS, ("A", "B"), ("B", "B")),
    ]  # fmt: skip
    assert all(row.times == 1 and row.lacking == 0 and row.p_distance in (0.5, 1.0) for row in found.rows)
    files = sorted(path.name for path in (study / "populations/retrained").rglob("*"))
    assert files == ["001.json", "A-B", "landmark-rvfl"]  # models of dealt people do not stay


def test_two_trained_models_are_not_called_populations_that_differ(study: Path) -> None:
    """Over people, two models differ wherever they do; only re-training says whether populations are the cause."""
    words = section(study / "populations", privacy_of([], [], names=False))["models"][0]["looks"][0]
    own, people, models = words["words"][0], words["words"][1], words["words"][3]
    assert own.startswith("A and B, each with models of its own: over people, with the models as they are trained, ")
    assert "Trained again 1 times" in own and "no p can reach .05 (here 0.500 at best)" in own
    assert "re-train" not in people and "as they are trained" not in people
    assert "by more than chance" not in own + models
    assert not any(row["differs"] for block in words["regions"] for row in block["rows"])
    assert all("as they are trained" in block["notes"][-1] for block in words["regions"])
    forgotten = {row.key: row for row in RetrainedLooks.read(study / "populations").rows}
    looks = PopulationLooks.read(study / "populations")
    outlines = {row.kind: _outline(row, {}) for row in looks.contrasts}
    assert outlines[OWN] is None and outlines[MODELS] is None and outlines[PEOPLE] is not None
    assert not any(_outline(row, forgotten).any() for row in looks.contrasts if row.kind != PEOPLE)  # type: ignore[union-attr]
    assert "is not tested" in _contrast_words(looks.contrasts[0], {})


def test_what_exceeds_all_re_trainings_is_outlined(study: Path) -> None:
    looks = PopulationLooks.read(study / "populations")
    own = next(row for row in looks.contrasts if row.kind == OWN)
    found = RetrainedContrast(
        own.model, own.label, OWN, own.a, own.b, 19, 0, 0.4, 0.05, {"left cheek": 0.05, "chin": 0.3}, (0.05,), (70, 71)
    )
    outline = _outline(own, {found.key: found})
    assert outline is not None and np.flatnonzero(outline).tolist() == [70, 71]
    text = _contrast_words(own, {found.key: found})
    assert "more than the chance of training: where they look altogether, left cheek, 1 outlined cluster." in text
    none = replace(found, p_distance=0.4, p_regions={"chin": 0.3}, p_clusters=(0.2,), outlined=())
    assert "and not the chance of training, is not shown" in _contrast_words(own, {none.key: none})


def test_whole_people_are_dealt_to_populations_of_the_same_sizes() -> None:
    made = [people([f"{name}{i}" for i in range(count)], name) for name, count in (("x", 5), ("y", 9))]
    both = replace(
        made[0], path=np.concatenate([part.path for part in made]), labels={},
        subject=np.concatenate([part.subject for part in made]), group=np.concatenate([part.group for part in made]),
    )  # fmt: skip
    first = np.zeros(14)
    for seed in range(40):
        dealt = dealt_samples(both, ("x", "y"), [seed])
        assert sorted(dealt.path) == sorted(both.path)
        of = {name: set(dealt.group[dealt.subject == name]) for name in dict.fromkeys(both.subject)}
        assert all(len(groups) == 1 for groups in of.values())
        assert [sum(groups == {name} for groups in of.values()) for name in "xy"] == [5, 9]
        first += [of[name] == {"x"} for name in of]
    assert first.min() >= 5 and first.max() <= 25  # 40 * 5 / 14 = 14 each


def test_the_result_of_an_earlier_version_is_named(study: Path, tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text('{"format": "something"}')
    with pytest.raises(InputError, match="run the study again"):
        PopulationScores.read(tmp_path)


def test_of_three_populations_one_is_left_out_at_a_time(study: Path, tmp_path: Path) -> None:
    run = reader(tmp_path)
    run.settings["folds"]["n_folds"] = 2
    run.settings["comparison"]["permutations"] = 99
    run.settings["samples"]["source"] = f"synthetic:{study.parent / 'made'}"
    made = read_samples(f"synthetic:{study.parent / 'made'}")
    third = {name: "xyz"[i % 3] for i, name in enumerate(dict.fromkeys(made.subject))}
    run.__dict__["samples"] = replace(made, group=np.array([third[name] for name in made.subject], dtype=object))
    run.__dict__["faces"] = read_ready_faces(f"synthetic:{study.parent / 'made'}")
    train_together(run, ["landmark-rvfl"])
    for name in run.populations:
        train_step(run, f"landmark-rvfl-{name}", model="landmark-rvfl", target=run.target, recipe=None,
                   samples=run.samples[run.group == name])  # fmt: skip
    population_scores(run, ["landmark-rvfl"]).write(tmp_path)
    found = PopulationScores.read(tmp_path)
    who = {name: set(run.samples.subject[run.group == name]) for name in "xyz"}
    for name in "xyz":
        test = next(t for t in found.tests if (t.trained, t.tested) == (all_but(name), name))
        assert {row.person for row in test.people} == who[name]
        assert test.evaluation.protocol["scheme"] == "held-out"
        learnt = json.loads((folder_without(run, "landmark-rvfl", name) / "model.json").read_text())["info"]["subjects"]
        assert set(learnt) == set().union(*(who[other] for other in "xyz" if other != name))
        drops = {s.b[0] for s in found.shifts if s.kind == MODELS and s.a == (name, name)}
        assert {POOLED, all_but(name)} <= drops
    rows = section(tmp_path, privacy_of([], [], names=True))["models"][0]["matrix"]
    assert [(row["trained"], len(row["cells"])) for row in rows] == [
        *((name, 3) for name in run.populations),
        (f"{POOLED}, other people", 3), ("all populations but this one", 3),
    ]  # fmt: skip


def test_the_same_people_in_other_recordings_are_a_row_of_their_own(tmp_path: Path) -> None:
    synthesize(tmp_path / "made", subjects=8, expressions=("neutral", "smile"), frames=8, clips=2)
    run = reader(tmp_path / "study")
    run.settings["folds"]["n_folds"] = 2
    run.settings["comparison"]["permutations"] = 99
    run.settings["samples"]["source"] = f"synthetic:{tmp_path / 'made'}"
    run.settings["protocols"]["also"] = ["user-specific"]
    for name in run.populations:
        train_step(run, f"landmark-rvfl-{name}", model="landmark-rvfl", target=run.target, recipe=None,
                   samples=run.samples[run.group == name])  # fmt: skip
    train_together(run, ["landmark-rvfl"])
    found = population_scores(run, ["landmark-rvfl"])
    found.write(tmp_path)
    known = [t for t in found.tests if t.trained == same_people(t.tested)]
    assert [t.tested for t in known] == list(run.populations)
    assert all(t.evaluation.protocol["scheme"] == "user-specific" for t in known)
    shown = section(tmp_path, privacy_of([], [], names=True))["models"][0]
    assert shown["matrix"][-1]["trained"] == "the same people on purpose, other recordings"
    assert sum("knows the same people, on purpose" in text for text in shown["words"]) == 2


def test_a_population_is_not_called_like_several(tmp_path: Path) -> None:
    run = reader(tmp_path)
    run.__dict__["samples"] = people(list("abcd"), "pooled")
    with pytest.raises(InputError, match="several together"):
        check_names(run)


class TestSources:
    """Which samples are compared."""

    def made(self, tmp_path: Path, *parts: Samples, **changed: object) -> Samples:
        run = reader(tmp_path, sources={"x": "x.csv", "y": "y.csv"}, **changed)
        run.__dict__["_read"] = dict(zip("xy", parts, strict=True))
        return run.samples

    def test_classes_get_one_name_and_unshared_ones_go(self, tmp_path: Path) -> None:
        one, other = people(list("abcd"), "x"), people(list("efgh"), "y", smile="happy")
        found = self.made(tmp_path, one, other, same={"happy": "smile"})
        assert set(found.target("expression")) == {"neutral", "smile"}
        assert set(found.group) == {"x", "y"}
        with pytest.raises(InputError, match="share 1 classes"):
            self.made(tmp_path / "b", one, other)

    def test_ratings_are_cut_by_conditions(self, tmp_path: Path) -> None:
        one, other = people(list("abcd"), "x"), people([f"p{i}" for i in range(12)], "y")
        rated = replace(other, labels={}, ratings={"happy": np.linspace(0, 100, len(other))})
        found = self.made(tmp_path, one, rated, same={"happy > 65": "smile", "happy < 30": "neutral"})
        label, group = found.target("expression"), found.group
        assert [(label[group == "y"] == name).sum() for name in ("neutral", "smile")] == [7, 9]

    def test_people_in_both_populations_are_refused_left_out_or_told_apart(self, tmp_path: Path) -> None:
        one, other = people(list("abcde"), "x"), people(list("efghi"), "y")
        with pytest.raises(InputError, match="people_in_several"):
            self.made(tmp_path, one, other)
        left = self.made(tmp_path / "b", one, other, people_in_several="leave out")
        assert "e" not in set(left.subject)
        apart = self.made(tmp_path / "c", one, other, people_in_several="other people")
        assert {"x: e", "y: e"} <= set(apart.subject)

    def test_a_refusal_names_the_study_s_folder(self, tmp_path: Path) -> None:
        new("populations", tmp_path / "mine", target="expression")
        with pytest.raises(InputError, match=r"mine.study\.toml: give 'samples.source'"):
            run(tmp_path / "mine")

    def test_one_source_or_several(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="neither"):
            reader(tmp_path).samples  # noqa: B018

    def test_words_of_several_sources_stand_in_a_file(self, tmp_path: Path) -> None:
        for name, smile in (("x", "happy"), ("y", "joy")):
            rows = [f"{name}{i}-{word}.png,{name}{i},{word}" for i in range(4) for word in ("neutral", smile)]
            (tmp_path / f"{name}.csv").write_text("path,subject,expression\n" + "\n".join(rows) + "\n")
        words = "set,label,common\nx,happy,smile\nx,neutral,neutral\ny,joy,smile\ny,neutral,neutral\n"
        (tmp_path / "words.csv").write_text(words)
        found = reader(tmp_path, sources={"x": "x.csv", "y": "y.csv"}, same={"file": "words.csv"}).samples
        assert set(found.target("expression")) == {"neutral", "smile"}
        assert set(found.target("own_expression")) == {"neutral", "happy", "joy"}

    def test_words_of_one_population_go_by_its_name_in_a_file_or_in_place(self, tmp_path: Path) -> None:
        for name, words in (("one", ("still", "grin")), ("other", ("grin", "still"))):
            rows = [f"{name}{i}-{word}.png,{name}{i},{word}" for i in range(4) for word in words]
            (tmp_path / name).mkdir()
            (tmp_path / name / "samples.csv").write_text("path,subject,expression\n" + "\n".join(rows) + "\n")
        sources = {"x": "one/samples.csv", "y": "other/samples.csv"}
        # The same word means another class in each.
        lines = ["x,still,neutral", "x,grin,smile", "y,still,smile", "y,grin,neutral"]
        (tmp_path / "words.csv").write_text("\n".join(["set,label,common", *lines]))
        tables = {"x": {"still": "neutral", "grin": "smile"}, "y": {"still": "smile", "grin": "neutral"}}
        for number, same in enumerate(({"file": "../words.csv"}, tables, {"file": "../words.csv", "smile": "happy"})):
            places = {name: f"../{place}" for name, place in sources.items()}
            found = reader(tmp_path / f"study{number}", sources=places, same=same).samples
            smile = "happy" if "smile" in same else "smile"
            assert set(found.target("expression")) == {"neutral", smile}
            own, label = found.target("own_expression"), found.target("expression")
            assert set(own[(found.group == "x") & (label == smile)]) == {"grin"}
            assert set(own[(found.group == "y") & (label == smile)]) == {"still"}
        with pytest.raises(InputError, match=r"has words for z, but the populations .* are called samples, one, x, o"):
            reader(tmp_path / "wrong", sources=places, same={"z": {"still": "neutral"}}).samples  # noqa: B018
        (tmp_path / "words.csv").write_text("set,label,common\nx,still,neutral\nx,grin,smile\nz,still,smile\n")
        said: list[str] = []
        run = replace(reader(tmp_path / "file", sources=places, same={"file": "../words.csv"}), say=said.append)
        with pytest.raises(InputError, match=r"share 0 classes.* called 'y' or 'other' or 'samples' there, and their"):
            run.samples  # noqa: B018
        assert any("has words for z" in line for line in said)
