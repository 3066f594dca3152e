"""Comparing groups: the person is the unit, known differences come out, nothing is seen where there is nothing."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mien.cli.main import app
from mien.compare.group_comparison import read_group_comparison
from mien.compare.groups import compare
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.target import Target
from mien.report.report import report
from mien.report.sections.groups import section

NAMES = ("brow", "eye", "mouth", "chin")


def people(seed: int, count: int, each: int, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    own = np.repeat(draw.normal(size=(count, len(NAMES))), each, axis=0)
    values = own + 0.5 * draw.normal(size=own.shape)
    values[:, 2] += shift
    return values, np.repeat([f"{seed}-{i}" for i in range(count)], each)


def test_the_planted_measure_is_the_one_that_differs() -> None:
    (a, who_a), (b, who_b) = people(1, 12, 3, shift=2.5), people(2, 14, 3)
    result = compare(a, b, who_a, who_b, names=NAMES, labels=("patients", "others"))
    rows = {row.name: row for row in result.rows}
    assert rows["mouth"].p_corrected < 0.01 and rows["mouth"].low > 0
    assert all(rows[name].p_corrected > 0.05 for name in NAMES if name != "mouth")
    assert "mouth (more in patients" in result.words()
    assert list(result.table.columns[:4]) == ["name", "effect", "low", "high"]


def test_more_pictures_of_a_person_are_no_more_people() -> None:
    (a, who_a), (b, who_b) = people(3, 6, 1, shift=1.0), people(4, 6, 1)
    once = compare(a, b, who_a, who_b, names=NAMES)
    often = compare(np.tile(a, (50, 1)), np.tile(b, (50, 1)), np.tile(who_a, 50), np.tile(who_b, 50), names=NAMES)
    assert [row.p for row in often.rows] == [row.p for row in once.rows]
    assert often.people == (6, 6) and often.samples == (300, 300)


def test_swapping_the_sets_turns_the_sign_and_keeps_p() -> None:
    (a, who_a), (b, who_b) = people(5, 7, 2), people(6, 5, 2, shift=1.0)
    one, other = compare(a, b, who_a, who_b, names=NAMES), compare(b, a, who_b, who_a, names=NAMES)
    np.testing.assert_allclose([row.effect for row in one.rows], [-row.effect for row in other.rows])
    np.testing.assert_allclose([row.p for row in one.rows], [row.p for row in other.rows])


def test_the_same_people_are_compared_with_themselves_whatever_their_order_and_spelling() -> None:
    a, who = people(7, 9, 2)
    order = np.random.default_rng(0).permutation(len(a))
    again = np.array([name.replace("-", "_").upper() for name in who[order]])
    result = compare(a + np.array([0, 0, 0.3, 0]), a[order], who, again, names=NAMES)
    assert result.settings["paired"] and result.settings["exact"]
    assert [row.p for row in result.rows] == [1.0, 1.0, 2 / 2**9, 1.0]


def test_people_in_both_sets_have_to_be_explained() -> None:
    (a, who), (b, _) = people(8, 8, 1), people(9, 8, 1)
    half = np.array([*who[:4], "x1", "x2", "x3", "x4"])
    with pytest.raises(InputError, match=r"4 people, such as '.*', are in both sets and 8 in one only"):
        compare(a, b, who, half, names=NAMES)
    assert compare(a, b, who, half, names=NAMES, paired=True).settings["left_out"] == 8
    with pytest.raises(InputError, match="no two groups"):
        compare(a, b, who, half, names=NAMES, paired=False)


def test_missing_values_are_left_out_and_measures_that_few_have_are_not_tested() -> None:
    (a, who_a), (b, who_b) = people(10, 8, 2, shift=3.0), people(11, 8, 2)
    a[::3, 2] = np.nan
    a[2:, 0] = np.nan
    rows = {row.name: row for row in compare(a, b, who_a, who_b, names=NAMES).rows}
    assert rows["brow"].people_a == 1 and np.isnan(rows["brow"].p) and np.isnan(rows["brow"].p_corrected)
    assert rows["mouth"].p_corrected < 0.01


@pytest.mark.parametrize("correction", ["benjamini-hochberg", "largest"])
def test_noise_differs_in_one_study_of_twenty(correction: str) -> None:
    seen = []
    for seed in range(200):
        (a, who_a), (b, who_b) = people(1000 + seed, 6, 2), people(5000 + seed, 8, 2)
        result = compare(a, b, who_a, who_b, correction=correction, n_permutations=199, seed=seed)
        seen.append(min(row.p_corrected for row in result.rows) <= 0.05)
    assert np.mean(seen) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_five_pairs_are_too_few_for_any_p_below_a_twentieth_and_that_is_said() -> None:
    a, who = people(16, 5, 1)
    result = compare(a + 10, a, who, who, names=NAMES)
    assert [row.p for row in result.rows] == [2 / 32] * 4
    assert "no p can be below 0.062" in result.settings["notes"][-1]


def test_wrong_sets_are_refused_in_a_sentence() -> None:
    (a, who_a), (b, who_b) = people(12, 6, 1), people(13, 6, 1)
    for words, call in {
        "at least 4 people": lambda: compare(a[:3], b, who_a[:3], who_b),
        "6 samples, but 5 subjects": lambda: compare(a, b, who_a[:5], who_b),
        "no number": lambda: compare([["x"]] * 6, b, who_a, who_b),
        "infinite": lambda: compare(a * np.inf, b, who_a, who_b),
        "shape \\(samples, measures\\)": lambda: compare(a[0], b, None, who_b),
        "other measures": lambda: compare(a[:, :3], b, who_a, who_b),
        "3 measures, but 4 different names": lambda: compare(a[:, :3], b, who_a, who_b, names=NAMES),
        "two different names": lambda: compare(a, b, who_a, who_b, labels=("x", "x")),
        "not by 'bonferroni'": lambda: compare(a, b, who_a, who_b, correction="bonferroni"),
        "no sample with values": lambda: compare(a * np.nan, b, who_a, who_b),
    }.items():
        with pytest.raises(InputError, match=words):
            call()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    (a, who_a), (b, who_b) = people(14, 5, 1), people(15, 5, 1)
    a[:, 1] = np.nan
    result = compare(a, b, who_a, who_b, names=NAMES, output=tmp_path)
    back = read_group_comparison(tmp_path / "groups.json")
    assert back.to_json() == result.to_json() and back.words() == result.words()
    (tmp_path / "groups.json").write_text("{}")
    with pytest.raises(InputError, match="mien compare"):
        read_group_comparison(tmp_path / "groups.json")


def test_tables_are_compared_by_the_command_as_in_python(tmp_path: Path) -> None:
    paths = []
    for number, shift in enumerate((3.0, 0.0)):
        values, who = people(20 + number, 8, 2, shift)
        paths.append(tmp_path / f"{number}.csv")
        rows = [",".join(["Subject", "age note", *NAMES])]
        rows += [f"{name},old,{','.join(map(str, row))}" for name, row in zip(who, values.tolist(), strict=True)]
        paths[-1].write_text("\n".join(rows), encoding="utf-8")
    words = ["compare", *map(str, paths), "--labels", "one,other", "-o", str(tmp_path / "out")]
    answer = CliRunner().invoke(app, words)
    assert answer.exit_code == 0 and "mouth (more in one" in answer.output
    result = compare(*paths, labels=("one", "other"))
    assert read_group_comparison(tmp_path / "out" / "groups.json").to_json() == result.to_json()
    assert [row.name for row in compare(*paths, names=["chin", "mouth"]).rows] == ["chin", "mouth"]
    with pytest.raises(InputError, match="has no measure 'ear'"):
        compare(*paths, names=["ear"])
    (tmp_path / "bare.csv").write_text("mouth\n1\n")
    with pytest.raises(InputError, match="no column 'subject'"):
        compare(paths[0], tmp_path / "bare.csv")


def test_a_column_of_one_table_names_the_groups(tmp_path: Path) -> None:
    (a, who_a), (b, who_b) = people(30, 8, 2, 3.0), people(31, 9, 2)
    rows = [",".join(["subject", "Clinic", *NAMES])]
    for group, values, who in (("ASD", a, who_a), ("TD", b, who_b), ("", a[:2], ["x", "y"]), ("other", b[:1], ["z"])):
        rows += [f"{name},{group},{','.join(map(str, row))}" for name, row in zip(who, values.tolist(), strict=True)]
    table = tmp_path / "all.csv"
    table.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(InputError, match=r"names 3 groups: .*ASD.*TD.*other"):
        compare(table, by="clinic")
    found = compare(table, by="clinic", labels=("ASD", "TD"))
    apart = compare(a, b, who_a, who_b, names=NAMES, labels=("ASD", "TD"))
    assert found.rows == apart.rows and found.people == (8, 9)
    assert found.settings["notes"] == [
        "Rows that are in neither group by 'Clinic': 1 of other groups and 2 without a value."
    ]
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(table)
    assert compare(frame, by="Clinic", labels=("ASD", "TD")).rows == found.rows
    answer = CliRunner().invoke(app, ["compare", str(table), "--by", "clinic", "--labels", "TD,ASD"])
    assert answer.exit_code == 0 and "mouth (more in ASD" in answer.output
    with pytest.raises(InputError, match="Did you mean 'Clinic'"):
        compare(table, by="Clinics")
    with pytest.raises(InputError, match="leave out the second"):
        compare(table, table, by="Clinic")
    with pytest.raises(InputError, match="give a second one"):
        compare(table)


def test_comparisons_of_a_study_stand_in_its_report(tmp_path: Path) -> None:
    (a, who_a), (b, who_b) = people(32, 8, 2, 3.0), people(33, 9, 2)
    compare(a, b, who_a, who_b, names=NAMES, labels=("ASD", "TD"), output=tmp_path / "groups" / "clinic")
    (tmp_path / "groups" / "broken").mkdir()
    (tmp_path / "groups" / "broken" / "groups.json").write_text("{}")
    problems: list[str] = []
    (block,) = section(tmp_path / "groups", problems)
    assert block["name"] == "clinic" and block["rows"][0]["name"] == "mouth" and block["rows"][0]["differs"]
    assert "run it again" in problems[0]
    assert 'id="groups"' in report(tmp_path).read_text(encoding="utf-8")


def test_evidence_is_compared_by_its_sign_and_two_models_are_named_as_what_differs() -> None:
    def evidence(seed: int, weights: str, **settings: object) -> Evidence:
        draw = np.random.default_rng(seed)
        rows, nothing = 8, np.full(8, np.nan, dtype=np.float32)
        texts = np.array([f"{seed}-{i}" for i in range(rows)], dtype=object)
        values = draw.normal(size=(rows, 2)) + np.array([3.0 * (seed == 1), 0.0])
        return Evidence(
            values=values.astype(np.float32), space="named features", names=("one", "other"), target=Target("x"),
            method="occlusion", settings=dict(settings), sample=texts, subject=texts, label=texts, output=nothing,
            gap=nothing, status=np.array(["ok"] * rows, dtype=object), model={"weights_sha256": weights},
        )  # fmt: skip

    same = compare(evidence(1, "w"), evidence(2, "w"))
    assert same.settings["measure"] == "signed" and not same.settings["notes"]
    assert same.rows[0].p_corrected < 0.05 < same.rows[1].p_corrected
    assert "different models" in compare(evidence(1, "w"), evidence(2, "v")).settings["notes"][-1]
    amounts = [evidence(seed, "w", signed_attribution=False) for seed in (1, 2)]
    assert compare(*amounts).settings["measure"] == "share"
    with pytest.raises(InputError, match="says nothing about for and against"):
        compare(*amounts, measure="signed")


def test_one_person_in_both_groups_of_a_table_is_named_and_notes_stand_once(tmp_path: Path) -> None:
    table = tmp_path / "c.csv"
    rows = [f"s{i},{'ab'[i % 2]},{i},{'' if i % 2 else i},a" for i in range(12)]
    table.write_text("\n".join(["subject,grp,x,only,text", *rows]))
    result = compare(table, by="grp")
    notes = result.settings["notes"]
    assert len(notes) == len({*notes}) and any(
        "fewer than 4 people in each group have them: 'only'" in n for n in notes
    )
    done = CliRunner().invoke(app, ["compare", str(table), "--by", "grp"], env={"COLUMNS": "80"})
    assert done.exit_code == 0 and "corrected" in done.output and "equivalent" in done.output
    table.write_text("\n".join(["subject,grp,x,only,text", *rows, "s0,b,3,3,a"]))
    with pytest.raises(InputError, match=r"1 person, 's0', is in both sets and 11 in one only.*--paired"):
        compare(table, by="grp")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e300, 1e-200])
def test_measures_whose_squares_are_no_numbers_are_refused(size: float) -> None:
    (a, who), (b, whose) = people(8, 8, 1), people(9, 8, 1)
    a[0, 1] = size
    if size < 1:
        a[1:, 1] = 0
    with pytest.raises(InputError, match=r"the measure 'm1' has the size .*another unit"):
        compare(a, b, who, whose, names=("m0", "m1", "m2", "m3"))
