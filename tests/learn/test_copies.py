"""Nobody is in training and test under two names: copies of pictures and faces join the people who are named."""

from dataclasses import replace

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.people.words import apart_words
from mien.core.samples import Samples
from mien.learn.copies import LEAST_DISTINCT, marks_of, units_of
from mien.learn.evaluate import evaluate
from mien.learn.table import usable
from mien.learn.train import train
from mien.reduce.clips import from_array


def twice(made, other_names=True):
    """The same faces again under other names, and other people if wanted."""
    samples, faces = made
    again = [f"copy/{path}" for path in samples.path]
    people = [f"{name}-again" if other_names else name for name in samples.subject]
    both = Samples(
        path=[*samples.path, *again],
        subject=[*samples.subject, *people],
        labels={name: [*values, *values] for name, values in samples.labels.items()},
        ratings={name: [*values, *values] for name, values in samples.ratings.items()},
    )
    copies = replace(faces, source=np.array([f"copy/{source}" for source in faces.source], dtype=object))
    return both, Faces.concat([faces, copies])


def test_units_are_joined_along_chains_of_copies():
    people, path = np.array(list("ABCDE"), dtype=object), np.array(list("abcde"), dtype=object)
    units, notes = units_of(people, [{"1"}, {"1", "2"}, {"3"}, {"2"}, set()], path)
    assert list(units) == ["A", "A", "C", "A", "E"]
    assert "2 samples are copies" in notes[0] and "3 instead of 5" in notes[0] and "'a' and 'b'" in notes[0]
    assert units_of(people, [set()] * 5, path)[1] == []
    same, notes = units_of(np.array(["A", "A"], dtype=object), [{"1"}, {"1"}], path)
    assert list(same) == ["A", "A"] and "count double" in notes[0]


def test_notes_on_copies_name_no_folder_of_the_disk():
    people = np.array(["A", "B", "A", "B"], dtype=object)
    for path, named in [
        (["/home/me/Secret/a.jpg", "/home/me/Secret/b.jpg"], "'a.jpg' and 'b.jpg'"),
        (["C:\\Secret\\a.jpg", "\\\\server\\Secret\\b.jpg"], "'a.jpg' and 'b.jpg'"),
        (["photos/a.jpg", "b.jpg"], "'photos/a.jpg' and 'b.jpg'"),
    ]:
        _, (note,) = units_of(people[:2], [{"1"}, {"1"}], np.array(path, dtype=object))
        assert f"such as {named}." in note and "Secret" not in note


def test_files_and_features_are_marks_but_few_numbers_are_not(tmp_path):
    for name, content in [("a", b"x"), ("b", b"x"), ("c", b"y")]:
        (tmp_path / name).write_bytes(content)
    values = np.zeros((3, 20), np.float32)
    values[0, : LEAST_DISTINCT - 1] = values[2, : LEAST_DISTINCT - 1] = range(LEAST_DISTINCT - 1)
    a, b, c = marks_of(values, [tmp_path / "a", tmp_path / "b", tmp_path / "c"])
    assert a == b and not a & c
    values[0, :LEAST_DISTINCT] = values[2, :LEAST_DISTINCT] = range(LEAST_DISTINCT)
    a, b, c = marks_of(values)
    assert a == c and len(a) == 1 and b == set()


def test_copies_under_other_people_stay_on_one_side_of_every_fold(make_pictures):
    made = make_pictures(n_subjects=8)
    samples, faces = twice(made)
    found = train(samples, target="expression", faces=faces, n_folds=4)
    fold = dict(zip(found.predictions.path, found.predictions.fold, strict=True))
    assert all(fold[path] == fold[f"copy/{path}"] for path in made[0].path)
    assert found.evaluation.protocol["n_subjects"] == 8
    assert any("16 samples are copies" in note and "8 instead of 16" in note for note in found.evaluation.notes)
    # The model still knows everybody by name.
    assert "s00-again" in found.model.info["subjects"]
    with pytest.raises(InputError, match="trained on 1 of these subjects, such as 'S0_AGAIN'"):
        evaluate(found.model, Samples(path=["new.png"], subject=["S0_AGAIN"]), faces=faces)


def test_copies_of_one_person_are_told(make_pictures):
    samples, faces = twice(make_pictures(n_subjects=8), other_names=False)
    table = usable(samples, faces, {"name": "expression"}, "expression")
    assert list(table.subjects) == list(samples.subject)
    assert any("count double" in note for note in table.notes)


def test_copies_are_known_although_each_is_measured_from_another_person(make_pictures):
    samples, faces = twice(make_pictures(n_subjects=8))
    table = usable(samples, faces, {"name": "expression", "relative_to": "subject"}, "expression")
    assert len(set(table.subjects)) == 8


def test_evaluation_counts_copies_once_as_people(make_pictures):
    samples, faces = make_pictures(n_subjects=12)
    learnt = np.isin(samples.subject, [f"s{i:02d}" for i in range(8)])
    model = train(samples[learnt], target="expression", faces=faces, evaluate=False).model
    new, both = twice((samples[~learnt], faces))
    held = evaluate(model, new, faces=both)
    # Of copies of what the model has learnt on only names and last bits are known.
    assert apart_words(held.protocol) == "no person is in training and test at once, by name"
    assert held.protocol["n_subjects"] == 4 and any("4 instead of 8" in note for note in held.notes)


def test_groups_are_never_split_however_spelt(make_pictures):
    samples, faces = make_pictures(n_subjects=8)
    spelt = [f"Site {int(s[1:]) % 4}" if int(s[1:]) < 4 else f"site_0{int(s[1:]) % 4}" for s in samples.subject]
    table = usable(replace(samples, group=np.array(spelt)), faces, {"name": "expression"}, "expression", "group")
    assert len(set(table.subjects)) == 4
    found = train(
        replace(samples, group=np.array(spelt)), target="expression", faces=faces, group_by="group", n_folds=2
    )
    assert "s00" in found.model.info["subjects"]
    # Sentences are about the groups, which are no people.
    assert any("The samples show 4 values of 'group'" in note for note in found.evaluation.notes)
    assert apart_words(found.evaluation.protocol) == "no value of 'group' is in training and test at once"
    assert not any("people" in note for note in found.evaluation.notes if "group" in note)


def test_copies_in_two_groups_join_the_groups(make_pictures):
    samples, faces = twice(make_pictures(n_subjects=8))
    sites = np.array([f"{'again' if 'again' in name else 'site'}-{int(name[1:3]) % 4}x" for name in samples.subject])
    table = usable(replace(samples, group=sites), faces, {"name": "expression"}, "expression", "group")
    assert len(set(table.subjects)) == 4
    assert any("Values of 'group' that share a copy count as one" in n and "4 instead of 8" in n for n in table.notes)


def test_landmarks_to_be_reduced_join_spellings_and_copies():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 3, 5, 2))
    x[5] = x[0]
    clips = from_array(x, ["a", "A ", "b", "bb", "unknown", "a"], ["P1", "p01", "Q", "unknown", "unknown", "R"])
    assert list(clips.subjects[[0, 1, 5]]) == ["P1"] * 3 and len(set(clips.subjects)) == 4
    assert clips.learnt["subjects"][-1] == "unknown person in 4" and "R" in clips.learnt["subjects"]
    assert len(clips.notes) == 4
    gaps = from_array(x, list("ababab"), ["P1", "P1", None, "", float("nan"), "999"])
    assert len(set(gaps.subjects)) == 4 and "unknown in 4 rows" in gaps.notes[0]  # the last one is a copy of the first


def test_new_samples_may_spell_classes_otherwise_than_the_model(make_pictures):
    samples, faces = make_pictures(n_subjects=12)
    learnt = np.isin(samples.subject, [f"s{i:02d}" for i in range(8)])
    model = train(samples[learnt], target="expression", faces=faces, evaluate=False).model
    new = samples[~learnt]
    shouted = replace(new, labels={"expression": np.array([v.upper() for v in new.labels["expression"]])})
    held, spelt = evaluate(model, new, faces=faces), evaluate(model, shouted, faces=faces)
    assert held.scores["accuracy"] == spelt.scores["accuracy"]
    assert "'REST' for 'rest'" in spelt.notes[0]


def test_notes_are_about_what_the_model_uses(make_pictures):
    samples, faces = make_pictures(n_subjects=8)
    table = replace(samples, labels={**samples.labels, "site": np.array(["A x", "a X"] * (len(samples) // 2))})
    notes = usable(table, faces, {"name": "expression"}, "expression").notes
    assert not any("'site'" in note for note in notes) and any("'site'" in note for note in table.notes)
    assert any("'site'" in note for note in usable(table, faces, {"name": "expression"}, "site", learnable=False).notes)
    assert table[:4].column_notes == table.column_notes


def test_unknown_people_are_said_to_be_unknown_by_train_and_evaluate(make_pictures):
    samples, faces = make_pictures(n_subjects=12)
    first = np.isin(samples.subject, [f"s{i:02d}" for i in range(8)])
    names = np.where(samples.subject == "s00", "999", samples.subject)
    names = np.array([name.lstrip("s") for name in names], dtype=object)
    learnt = Samples(path=samples.path[first], subject=names[first], labels={"f": samples.labels["expression"][first]})
    found = train(learnt, target="f", faces=faces, n_folds=4)
    protocol = found.evaluation.protocol
    assert protocol["n_unknown"] == int((names[first] == "999").sum()) and protocol["n_subjects"] > 8
    spelt = np.array([f"sub-{name}" for name in names[~first]], dtype=object)
    spelt[spelt == "sub-08"] = "sub-01"
    held = Samples(path=samples.path[~first], subject=spelt, labels={"f": samples.labels["expression"][~first]})
    scored = evaluate(found.model, held, faces=faces)
    assert scored.protocol["n_unknown_learnt"] == protocol["n_unknown"] and scored.protocol["n_alike"] == 1
    assert any("people who are not known: some of them may be among these" in note for note in scored.notes)
    assert any("such as '01' and 'sub-01'" in note for note in scored.notes)
    # Near copies are looked for as far as the faces of the training are at hand; else that they are not is said.
    assert any(f"among the {len(learnt)} training samples whose faces are in the same" in note for note in scored.notes)
    alone = faces[np.isin(faces.source, held.path)]
    scored = evaluate(found.model, held, faces=alone)
    assert any("saved anew, made smaller, cut or mirrored is not recognised" in note for note in scored.notes)
