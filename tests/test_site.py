"""The documentation site, as far as it can be checked without building it; `make docs` does, and runs the tutorials."""

import ast
import re
import runpy
import shlex
from pathlib import Path

import pytest

import mien
from tests.test_documents import command_of

HOME = Path(mien.__file__).parents[2]
TUTORIALS = sorted(HOME.glob("docs/tutorials/*.py"))
pytestmark = pytest.mark.skipif(not TUTORIALS, reason="not a clone of the repository")


def test_every_public_name_stands_in_one_group_of_the_reference() -> None:
    pytest.importorskip("torch")
    pages = runpy.run_path(str(HOME / "docs/api_pages.py"))
    named = [name for names in pages["groups"]().values() for name in names]
    assert len(set(named)) == len(named)
    assert {name.partition(".")[0] for name in named} == set(mien.__all__) - {"__version__"}
    assert "mien.learn.trained.Trained" in pages["results"]()
    text = pages["page"]("mien.reduce", pages["value"]("reduce"))
    assert ".. autofunction:: mien.reduce" in text


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_shows_a_picture_and_says_how_far_to_trust_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    said = {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
    assert {"plot", "imshow"} & said
    assert "# How far to trust it\n" in text
    # Its files stay out of the repository.
    assert "mkdtemp()" in text


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_commands_that_a_tutorial_names_have_verb_and_options(path: Path) -> None:
    text = re.sub(r"^# ?", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for found in re.findall(r"``(mien [^`]+)``", text):
        command, _, rest = command_of(shlex.split(found)[1:])
        known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        assert not {word for word in rest if word.startswith("-")} - known, found


def test_a_site_that_looks_elsewhere_or_leads_nowhere_is_refused(tmp_path: Path) -> None:
    faults = runpy.run_path(str(HOME / "docs/check_site.py"))["faults"]
    (tmp_path / "b.html").write_text('<p id="here">')
    (tmp_path / "one.css").write_text("p { background: url(data:image/png;base64,AA==) }")
    (tmp_path / "a.html").write_text(
        '<link rel="stylesheet" href="one.css"><a href="https://example.org">x</a><a href="b.html#here">y</a>'
    )
    assert faults(tmp_path) == []
    (tmp_path / "a.html").write_text(
        '<script src="https://example.org/a.js"></script><img src="//example.org/b.png"><img srcset="c.png 2x">'
        '<a href="b.html#there">y</a>'
    )
    (tmp_path / "one.css").write_text('@import "https://example.org/d.css";')
    said = "\n".join(faults(tmp_path))
    for fault in ("loads https://example.org/a.js", "loads //example.org/b.png", "c.png is not there",
                  "b.html#there: that place is not on the page", "loads https://example.org/d.css"):  # fmt: skip
        assert fault in said
