"""No face, no name and no place on the disk appears unless it is asked for."""

import numpy as np
import pytest

from mien.atlas.summary import summarise
from mien.cohort.participants import participants
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.faces import Faces
from mien.core.files import write_json
from mien.core.target import Target
from mien.data.shards import write_shard
from mien.explain.methods import sign_is_direction
from mien.explain.store import save_evidence
from mien.explain.thumbnails import Shown, save_shown
from mien.report.draw import svg
from mien.report.draw.pdf import pdf
from mien.report.draw.pictures import not_drawn, picture_plots, save_picture_plots
from mien.report.draw.svg import AMOUNT
from mien.report.page import privacy_of_study, removers
from mien.report.privacy import (
    FEWEST_IN_A_MEAN,
    cleaned,
    cleaned_drawing,
    name_remover,
    privacy_of,
    privacy_of_evidence,
    without_paths,
)
from mien.report.report import report
from mien.report.study_folder import read_folder

RNG = np.random.default_rng(0)


def pictures(people, per_person=1, method="integrated-gradients"):
    count = people * per_person
    return Evidence(
        values=RNG.normal(size=(count, 3, 16, 16)), space="pixels", names=("red", "green", "blue"),
        target=Target("smiling"), method=method,
        settings={SIGN_IS_DIRECTION: sign_is_direction(method)},
        sample=[f"/home/eva/Zoe_{i}.jpg" for i in range(count)],
        subject=[f"Zoe{i // per_person}" for i in range(count)], label=["smiling"] * count,
        output=np.linspace(0, 1, count), gap=np.full(count, np.nan), status=["ok"] * count,
    )  # fmt: skip


def kept(evidence):
    rows = np.arange(min(3, len(evidence)))
    return Shown(rows, RNG.integers(0, 255, (len(rows), 16, 16, 3)).astype(np.uint8))


def study_of(tmp_path, evidence):
    """A study in a folder whose name is a person's, with that person's name wherever mien writes one."""
    folder = tmp_path / "Zoe Miller" / "study"
    place = folder / "evidence" / "net" / evidence.method / "smiling"
    save_evidence(evidence, place)
    save_shown(kept(evidence), place)
    failed = {"source": ["pictures/Zoe_9.jpg"], "status": ["unreadable"], "reason": ["Zoe_9.jpg is truncated."]}
    write_shard(Faces.build(1, **failed), folder / "faces" / "Zoe_9-1.parquet")
    note = "2 samples show several people, such as 'Zoe1'."
    write_json(folder / "models" / "net" / "evaluation.json", {"target": "expression", "notes": [note]})
    write_json(folder / "models" / "net" / "model.json", {"name": "net", "kind": "picture", "target": "expression"})
    write_json(folder / "models" / "gone" / "model.json", {"name": "gone", "kind": 3})
    write_json(
        folder / "provenance.json", {"train net": {"samples": "/home/eva/My data/table.csv", "faces": str(folder)}}
    )
    (folder / "study.toml").write_text('[samples]\nsource = "C:\\\\Users\\\\eva\\\\table.csv"\nfirst = "Zoe1"\n')
    return folder


def test_a_page_names_nobody_and_no_place_and_shows_no_face(tmp_path):
    folder = study_of(tmp_path, pictures(3))
    page = report(folder).read_text()
    assert not [word for word in ("Zoe", "eva", "Users", str(tmp_path), "/home", "<image") if word in page]
    # What it says stays: the source's number, the person's, the table's own name.
    for words in ("source 1 of 1", "&#39;person 2&#39;", "table.csv", "--show-names", "--show-faces", "model.json"):
        assert words in page, words
    named = report(folder, show_names=True).read_text()
    assert "Zoe_9.jpg" in named and "&#39;Zoe1&#39;" in named and "<image" not in named
    assert not [place for place in ("/home", "Users", str(tmp_path)) if place in named]
    faces = report(folder, show_faces=True).read_text()
    assert "<image" in faces and "Zoe" not in faces and "sample 1 of person 1" in faces


def test_the_mean_over_few_faces_is_not_drawn_and_says_why():
    few, enough = pictures(FEWEST_IN_A_MEAN - 1, per_person=3), pictures(FEWEST_IN_A_MEAN)
    assert picture_plots(few, summarise(few), kept(few)) == []
    (single, reason) = not_drawn(few, summarise(few), kept(few), privacy_of_evidence(few))
    assert "show faces" in single and "one of 7, and means over fewer than 8 people" in reason
    (plot,) = picture_plots(enough, summarise(enough), kept(enough))
    assert plot.kind == "mean" and "mean picture" not in plot.svg
    assert len(not_drawn(enough, summarise(enough), None, privacy_of_evidence(enough))) == 0
    unknown = Evidence(**{**vars(enough), "subject": [""] * len(enough)})
    assert picture_plots(unknown, summarise(unknown), None) == []
    assert (
        "how many people it shows is not known"
        in not_drawn(unknown, summarise(unknown), None, privacy_of_evidence(unknown))[0]
    )
    asked = privacy_of_evidence(few, faces=True)
    assert [plot.kind for plot in picture_plots(few, summarise(few), kept(few), "logit", asked)] == ["pictures", "mean"]


def test_the_faces_of_nobody_may_be_seen(tmp_path):
    evidence = pictures(2)
    nobody = Evidence(**{**vars(evidence), "settings": {"synthetic": True}})
    assert [plot.kind for plot in picture_plots(nobody, summarise(nobody), kept(nobody))] == ["pictures", "mean"]
    assert not_drawn(nobody, summarise(nobody), kept(nobody), privacy_of_evidence(nobody)) == []
    assert "<image" in report(study_of(tmp_path, nobody)).read_text()


def test_captions_number_samples_and_people_the_same_on_the_whole_page():
    evidence = pictures(2, per_person=2)
    asked = privacy_of_evidence(evidence, faces=True)
    drawn = picture_plots(evidence, summarise(evidence), kept(evidence), "logit", asked)[0].svg
    assert "sample 3 of person 2, smiling: logit 0.667" in drawn and "Zoe" not in drawn
    named = privacy_of_evidence(evidence, faces=True, names=True)
    drawn = picture_plots(evidence, summarise(evidence), kept(evidence), "logit", named)[0].svg
    assert "Zoe_2.jpg, smiling" in drawn and "/home" not in drawn


def test_drawings_that_are_no_longer_asked_for_go(tmp_path):
    evidence = pictures(3)
    save_shown(kept(evidence), tmp_path)
    save_picture_plots(evidence, summarise(evidence), tmp_path, "logit", privacy_of_evidence(evidence, faces=True))
    assert (tmp_path / "pictures.svg").is_file() and (tmp_path / "mean.svg").is_file()
    assert save_picture_plots(evidence, summarise(evidence), tmp_path, "logit") == []
    assert not list(tmp_path.glob("*.svg"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see /home/eva/study/faces/a.parquet.", "see a.parquet."),
        ("'/home/eva/My study/a b.jpg' is damaged", "'a b.jpg' is damaged"),
        ("/home/eva/My study/table.csv", "table.csv"),
        ("C:\\Users\\eva\\table.csv, row 3", "table.csv, row 3"),
        ("\\\\server\\share\\eva\\t.csv", "t.csv"),
        ("~/data/t.csv and file:///home/eva/t.csv", "t.csv and t.csv"),
        ("/t.csv", "t.csv"),
        ("evidence/net/saliency and models/net", "evidence/net/saliency and models/net"),
        ("12/40 km/h, and/or https://doi.org/10.1/x", "12/40 km/h, and/or https://doi.org/10.1/x"),
        ("1 / 2 and 3 /4", "1 / 2 and 3 /4"),
    ],
)
def test_of_a_path_its_last_part_is_left(text, left):
    assert without_paths(text) == left


def test_names_go_without_taking_words_with_them():
    known = privacy_of(["a/S1.jpg", "a/mouth.jpg", "12"], ["S1", "F1", "anna", "mouth", "Group", "smiling"])
    remove = name_remover(known, ["smiling"])
    assert remove("S1.jpg and 'S1', S10 and S1's") == "sample 1 and 'person 3', S10 and person 3's"
    assert (
        remove("such as 'anna'; anna is a name, the mouth is not")
        == "such as 'person 4'; anna is a name, the mouth is not"
    )
    assert remove("12 samples; '12'") == "12 samples; 'sample 3'"
    assert remove("Group 'smiling' and 'Group'") == "Group 'smiling' and 'person 2'"
    assert remove("anna, S1, mouths") == "person 4, person 3, mouths"
    nested = {"scores": "Macro F1", "notes": ["'S1'", ("F1", 3, None)]}
    found = cleaned(nested, without_paths, remove, ["notes"])
    assert found == {"scores": "Macro F1", "notes": ["'person 3'", ("person 1", 3, None)]}


def test_amounts_have_one_hue_in_pictures_and_words():
    evidence = pictures(8, method="guided-grad-cam")
    summary = summarise(evidence)
    asked = privacy_of_evidence(evidence, faces=True)
    plots = picture_plots(evidence, summary, kept(evidence), "logit", asked)
    for plot in plots:
        assert "against" not in plot.svg + plot.caption and AMOUNT in plot.svg
        assert "−" not in plot.svg and "#d6402b" not in plot.svg and "#2b7bd6" not in plot.svg
    assert not summary.directed and "what speaks" not in plots[1].svg
    # The stored values keep their sign.
    assert (evidence.values < 0).any() and (summary.signed_mean < 0).any()


def test_other_spellings_of_a_name_are_names_too():
    remove = name_remover(privacy_of(["a.png", "b.png"], ["s001", "Müller"]), kept=["happy"])
    said = remove("Spellings taken for one person each: 's001' and 'S001'; 'Müller' and 'MÜLLER '; 'happy' stays.")
    assert said == (
        "Spellings taken for one person each: 'person 2' in several spellings; 'person 1' in several spellings; "
        "'happy' stays."
    )


def test_names_written_out_because_they_cannot_be_seen_are_removed_too():
    remove = name_remover(privacy_of([], ["anna\u200blee"]))
    assert remove(r"Spellings taken for one: 'anna\u200blee' and 'annalee'.") == (
        "Spellings taken for one: 'person 1' in several spellings."
    )


def test_numbered_people_leave_the_places_and_sizes_of_a_drawing_as_they_are():
    drawn = svg.picture(
        42, 10, svg.text(10, 3, "S1 & '3'", size=10), svg.text(3, 3, "10", size=3, stroke_width="3"), title="of 'S1'"
    )
    remove = name_remover(privacy_of([], ["3", "10", "42", "S1"]))
    found = cleaned_drawing(drawn, remove)
    assert found == drawn.replace("S1 &amp; '3'", "person 4 &amp; 'person 2'").replace("of 'S1'", "of 'person 4'")
    assert pdf(found).startswith(b"%PDF")


def test_people_whose_rows_no_model_has_seen_are_named_by_no_page_either(tmp_path):
    """Notes of a cohort name spellings of codes; a row without a recording is in the table of participants alone."""
    table = tmp_path / "people.csv"
    table.write_text("subject,path,phq_1\nKim-07,a.mp4,1\nkim-07,b.mp4,2\nKim-9,gone.mp4,0\n")
    participants(table, output=tmp_path / "study")
    study = read_folder(tmp_path / "study")
    _, remove = removers(study, privacy_of_study(study))
    said = remove("Spellings taken for one person each: 'Kim-07' and 'kim-07'. They may be one: 'Kim-07' and 'Kim-9'.")
    assert "im-" not in said
    assert said.startswith("Spellings taken for one person each: 'person 1' in several spellings. ")
    assert said.endswith("'person 1' and 'person 2'.")
