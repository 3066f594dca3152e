"""``mien embed`` as its users call it."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.core.errors import InputError
from mien.manifold import methods
from mien.manifold.embed import embed
from mien.manifold.embedding import load_embedding
from mien.manifold.methods import METHODS

RUN = CliRunner()


def table(folder):
    rng = np.random.default_rng(2)
    kind = rng.normal(size=40)
    path = folder / "ratings.csv"
    pd.DataFrame({"id": [f"face {i}" for i in range(40)], "kind": kind, "mean": -kind + 0.1 * rng.normal(size=40),
                  "old": rng.normal(size=40)}).to_csv(path, index=False)  # fmt: skip
    return path


def test_maps_pictures_and_page_are_written(tmp_path):
    study = tmp_path / "study" / "maps" / "ratings"
    found = RUN.invoke(
        app,
        ["embed", str(table(tmp_path)), "--of", "table", "--method", "pca", "--method", "mds", "--attribute", "kind",
         "--attribute", "kind>mean", "--n-permutations", "99", "-o", str(study), "--json"],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    results = json.loads(found.stdout)
    assert [r["method"] for r in results] == ["pca", "mds"]
    assert results[0]["attributes"]["kind"]["p"] < 0.05
    for method in ("pca", "mds"):
        assert (study / method / "embedding.parquet").is_file() and (study / method / "kind.svg").is_file()
    page = (study / "maps.html").read_text()
    assert "face 7" not in page and "sample 8" in page
    steps = json.loads((tmp_path / "study" / "provenance.json").read_text())
    assert "embed ratings" in json.dumps(steps)


def test_wrong_use_is_a_sentence_and_exit_code_2(tmp_path):
    path = str(table(tmp_path))
    for arguments, words in (
        (["--of", "tables"], "is one of ratings"),
        (["--of", "table", "--attribute", "happy"], "no column 'happy' to test. The columns are: kind, mean, old"),
        (["--of", "table", "--method", "magic"], "no map 'magic'"),
        (["--of", "scores"], "To map a model's scores, give --model"),
        (["--of", "table", "--model", "m"], "--model plays no part with --of table"),
        (["--of", "evidence"], "holds no evidence.json"),
        ([], "say so: --of table"),
        (["--of", "table", "--n-dims", "4"], "2 or 3 dimensions, but --n-dims is 4"),
    ):
        found = RUN.invoke(app, ["embed", path, "-o", str(tmp_path / "out"), *arguments])
        assert found.exit_code == 2, arguments
        assert words in " ".join(found.stderr.split())


def test_the_page_is_coloured_by_every_column_also_where_nothing_is_tested(tmp_path):
    path = table(tmp_path)
    rows = pd.read_csv(path)
    rows.loc[3, "old"] = np.nan
    rows.to_csv(path, index=False)
    found = RUN.invoke(app, ["embed", str(path), "--of", "table", "-o", str(tmp_path / "out")])
    assert found.exit_code == 0 and "1 row was left out" in found.stderr
    page = (tmp_path / "out" / "maps.html").read_text()
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert list(data["attributes"]) == ["kind", "mean", "old"] and data["tested"] == []
    assert data["attributes"]["old"][3] is None and data["maps"][0]["points"][3] is None
    np.testing.assert_allclose(data["attributes"]["kind"][10:], rows.kind[10:], atol=1e-4)


def test_a_column_with_a_mark_in_its_name_comes_before_a_difference(tmp_path):
    path = table(tmp_path)
    pd.read_csv(path).assign(**{"kind>mean": np.arange(40.0)}).to_csv(path, index=False)
    wanted = ["--attribute", "kind>mean", "--attribute", "old>kind"]
    found = RUN.invoke(app, ["embed", str(path), "--of", "table", "-o", str(tmp_path / "out"), *wanted, "--json"])
    assert found.exit_code == 0, found.output
    assert list(json.loads(found.stdout)[0]["attributes"]) == ["kind>mean", "old - kind"]


def test_a_test_without_an_answer_says_why_and_does_not_spoil_the_others(tmp_path):
    path = table(tmp_path)
    few = np.where(np.arange(40) < 5, np.arange(40.0), np.nan)
    rows = pd.read_csv(path).assign(flat=1.0)
    rows.to_csv(path, index=False)
    arguments = ["embed", str(path), "--of", "table", "-o", str(tmp_path / "out"), "--attribute", "flat"]
    found = RUN.invoke(app, [*arguments, "--attribute", "kind"])
    assert found.exit_code == 0 and "nan" not in found.stdout and "–" in found.stdout
    assert "'flat' was not tested: it has the same value everywhere (of several" in " ".join(found.stdout.split())
    tests = json.loads(RUN.invoke(app, [*arguments, "--attribute", "kind", "--json"]).stdout)[0]["attributes"]
    alone = json.loads(RUN.invoke(app, [*arguments[:-2], "--attribute", "kind", "--json"]).stdout)[0]["attributes"]
    assert tests["flat"]["p"] is None and tests["kind"]["p"] == alone["kind"]["p"] < 0.05
    known = embed(rows[["kind", "mean"]], method="pca", attributes={"few": few}).tests[0]
    assert known.untested == "'few' was not tested: 5 values are known, and a test needs 6"


def test_measures_stand_in_the_row_of_their_name(tmp_path):
    # The first map has no stability, the second one has.
    arguments = ["--method", "pca", "--method", "tsne", "--n-seeds", "2", "-o", str(tmp_path / "out")]
    found = RUN.invoke(app, ["embed", str(table(tmp_path)), "--of", "table", *arguments])
    assert found.exit_code == 0, found.output
    lines = {line.split("  ")[0].strip(): line.split() for line in found.stdout.splitlines()}
    for measure in load_embedding(tmp_path / "out" / "tsne").measures:
        assert f"{measure.value:.3f}" in lines[measure.name], measure.name
    assert len(lines["stability"]) == 3 and "placement error" in lines


def test_what_cannot_be_drawn_is_refused_before_the_first_map(tmp_path, monkeypatch):
    real = methods.find_spec
    monkeypatch.setattr(methods, "find_spec", lambda name: None if name == "pacmap" else real(name))
    for arguments, words in (
        (["--n-dims", "4"], "2 or 3 dimensions, but --n-dims is 4"),
        (["--method", "pca", "--method", "pacmap"], "pip install 'mien[pacmap]'"),
    ):
        found = RUN.invoke(app, ["embed", str(table(tmp_path)), "--of", "table", "-o", str(tmp_path / "o"), *arguments])
        assert found.exit_code == 2 and words in " ".join(found.stderr.split())
        assert not (tmp_path / "o").exists()


def test_packages_that_are_missing_are_told_before_any_map_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setitem(METHODS, "pacmap", replace(METHODS["pacmap"], package="not_installed_anywhere"))
    found = RUN.invoke(
        app, ["embed", str(table(tmp_path)), "--of", "table", "--method", "pca", "--method", "pacmap", "-o",
              str(tmp_path / "out")],
    )  # fmt: skip
    assert found.exit_code != 0 and "pip install 'mien[pacmap]'" in " ".join(found.stderr.split())
    assert not (tmp_path / "out").exists()


def test_names_with_a_sign_and_attributes_without_an_answer(tmp_path):
    path = table(tmp_path)
    data = pd.read_csv(path).rename(columns={"kind": "kind>mean"})
    data["flat"] = 1.0
    data.to_csv(path, index=False)
    given = ["--of", "table", "--attribute", "kind>mean", "--attribute", "flat", "--n-permutations", "99"]
    found = RUN.invoke(app, ["embed", str(path), *given, "-o", str(tmp_path / "out"), "--json"])
    tests = json.loads(found.stdout)[0]["attributes"]
    assert tests["kind>mean"]["p"] == 0.01 and tests["flat"]["p"] is None
    assert "'flat' was not tested: it has the same value everywhere" in tests["flat"]["untested"]
    said = RUN.invoke(app, ["embed", str(path), *given, "-o", str(tmp_path / "out")]).stdout
    assert "same value everywhere (of several" in said and "nan" not in said
    names = RUN.invoke(app, ["embed", str(path), "--of", "table", "--attribute", "x", "-o", str(tmp_path / "o")]).stderr
    assert " ".join(names.split()).count("flat") == 1


def test_python_maps_and_draws_what_the_command_does(tmp_path):
    path = table(tmp_path)
    given = ["--of", "table", "--attribute", "kind>mean", "--n-permutations", "99", "-o", str(tmp_path / "command")]
    assert RUN.invoke(app, ["embed", str(path), *given]).exit_code == 0
    found = mien.embed(
        path, of="table", attributes=["kind>mean"], n_permutations=99, output=tmp_path / "python" / "pca"
    )
    mien.draw_maps({"pca": found}, tmp_path / "python", title="Maps of ratings.csv")
    written = sorted(file.relative_to(tmp_path / "python") for file in (tmp_path / "python").rglob("*.*"))
    assert written == sorted(file.relative_to(tmp_path / "command") for file in (tmp_path / "command").rglob("*.*"))
    for name in (name for name in written if name.name != "embedding.json"):
        assert (tmp_path / "python" / name).read_bytes() == (tmp_path / "command" / name).read_bytes(), name


def test_options_about_samples_are_refused_for_plain_numbers():
    with pytest.raises(InputError, match="model says what is mapped of samples, but x is ndarray"):
        mien.embed(np.ones((9, 3)), model="m")
