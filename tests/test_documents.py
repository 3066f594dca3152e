"""What README and docs say of the code is so: their commands and examples work, their numbers are the code's."""

import inspect
import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import mien
from mien.cli import console
from mien.cli.interrupts import ENDS
from mien.cli.main import app, commands_of_verbs

HOME = Path(mien.__file__).parents[2]
PAGES = [path for path in (HOME / "README.md", HOME / "CONTRIBUTING.md", *sorted(HOME.glob("docs/*.md")))
         if path.exists()]  # fmt: skip
pytestmark = pytest.mark.skipif(not PAGES, reason="not a clone of the repository")
RUNNER = CliRunner()


def text_of(name: str) -> str:
    return (HOME / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """Fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def whole_commands() -> Iterator[tuple[str, str]]:
    """Lines of fenced blocks that call mien, with the page that they stand in."""
    for path in PAGES:
        for block in blocks(path.read_text(encoding="utf-8"), ""):
            lines = block.replace("\\\n", " ").splitlines()
            yield from ((path.name, line) for line in lines if line.startswith("mien "))


def command_of(words: list[str]) -> tuple[typer.core.TyperCommand, str, list[str]]:
    """The command that words name, its name and the words behind."""
    command, path, rest = typer.main.get_command(app), ["mien"], list(words)
    context = command.context_class(command)
    while hasattr(command, "list_commands") and rest and not rest[0].startswith("-"):
        command = command.get_command(context, rest[0])
        assert command is not None, f"there is no verb '{' '.join([*path, rest[0]])}'"
        path.append(rest.pop(0))
    return command, " ".join(path), rest


@pytest.mark.parametrize(("page", "line"), list(whole_commands()))
def test_a_command_in_a_block_is_one_that_the_parser_takes(page: str, line: str) -> None:
    command, path, rest = command_of(shlex.split(line, comments=True)[1:])
    command.make_context(path, rest)


def snippets() -> Iterator[tuple[str, str]]:
    """Commands and options within the text, which need not be whole."""
    for path in PAGES:
        prose = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for found in re.findall(r"`(mien [^`]+)`", prose):
            yield path.name, " ".join(found.split())


# The name of any verb in a sentence, and several verbs at once.
PLACEHOLDERS = {"VERB", "list|new|run", "..."}


@pytest.mark.parametrize(("page", "snippet"), sorted(set(snippets())))
def test_a_command_within_the_text_has_verb_and_options(page: str, snippet: str) -> None:
    words = shlex.split(snippet.replace("\\|", "|").partition(" | ")[0])[1:]
    command, _, rest = command_of([word for word in words if word not in PLACEHOLDERS])
    known = {"-h", "--help", "--version", "--install-completion"}
    known |= {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert not {word.partition("=")[0] for word in rest if word.startswith("-")} - known


def test_options_in_the_text_are_options_of_some_verb() -> None:
    # Those of pip, of the benchmarks and of the simulations are not mien's.
    named = {option for page in ("README.md", "docs/privacy.md", "docs/architecture.md")
             for option in re.findall(r"`(--[\w-]+)", text_of(page))}  # fmt: skip
    known = {option for _, command in commands_of_verbs() for p in command.params for option in p.opts}
    assert named and not named - known - {"--from", "--help"}


def test_the_page_of_the_command_line_has_every_option_as_it_is() -> None:
    page = runpy.run_path(str(HOME / "docs/write_options.py"))
    arguments = [p for _, command in commands_of_verbs() for p in command.params if p.param_type_name == "argument"]
    if not any(getattr(argument, "help", None) for argument in arguments):
        pytest.skip("this version of typer loses the help of arguments")
    assert text_of("docs/command_line.md").endswith(page["written"]()), "run: python docs/write_options.py"


def test_the_page_of_the_data_sets_has_every_card_and_word_as_it_is() -> None:
    page = runpy.run_path(str(HOME / "docs/write_datasets.py"))
    assert text_of("docs/datasets.md").endswith(page["written"]()), "run: python docs/write_datasets.py"


def test_the_page_of_the_command_line_has_the_exit_codes() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", text_of("docs/command_line.md"), flags=re.MULTILINE)}
    by_signals = {128 + number for number in ENDS}
    assert codes == {console.DONE, console.SOME_FAILED, console.WRONG_USE, console.UNREAD, *by_signals}


WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}


def stated() -> dict[tuple[str, str], int]:
    """Numbers in the pages, by page and a pattern of the words around them, with what the code says."""
    from mien.core.faces import BLENDSHAPES
    from mien.core.progress import EVERY_S
    from mien.core.topology import MEDIAPIPE_478, topology
    from mien.explain.thumbnails import spread_rows
    from mien.faces.reader import PICTURE_SMALLEST_FACE_PX
    from mien.report.privacy import FEWEST_IN_A_MEAN
    from mien.stats.jackknife import FEW_PEOPLE

    listed = mien.methods()
    maps = [row for row in listed if "cam" in row["name"]]
    return {
        ("README.md", r"lists all (\w+)"): len(listed),
        ("README.md", r"(\w+) class activation maps"): len(maps),
        ("README.md", r"fewer than (\w+) people give"): FEW_PEOPLE,
        ("docs/architecture.md", r"withheld\s+below (\w+) people"): FEW_PEOPLE,
        ("docs/architecture.md", r"faces of (\w+) px"): int(PICTURE_SMALLEST_FACE_PX),
        ("docs/privacy.md", r"fewer than (\w+) people are not drawn"): FEWEST_IN_A_MEAN,
        ("docs/privacy.md", r"small copies of up to (\w+) of them"): inspect.signature(spread_rows)
        .parameters["count"]
        .default,
        ("docs/command_line.md", r"every (\w+) seconds"): int(EVERY_S),
        ("docs/command_line.md", r": (\w+) points, "): len(topology(MEDIAPIPE_478)),
        ("docs/command_line.md", r" points, (\w+) blendshapes"): len(BLENDSHAPES),
        ("docs/a_day_in_the_life.md", r"their (\w+) points"): len(topology(MEDIAPIPE_478)),
    }


def test_what_lies_in_a_study_folder_is_named() -> None:
    pytest.importorskip("torch")
    from mien.compare.comparison import COMPARISON_FILE
    from mien.compare.structure_store import STRUCTURE_FILE
    from mien.core.steps import STEPS_FILE
    from mien.explain import store as of_evidence
    from mien.explain.thumbnails import FILE
    from mien.models import store as of_models
    from mien.reduce import result as of_reductions
    from mien.studies.settings import STUDY_FILE

    tree = blocks(text_of("docs/architecture.md"), "")[-1]
    files = {COMPARISON_FILE, STRUCTURE_FILE, FILE, STUDY_FILE, STEPS_FILE}
    for room in (of_evidence, of_models, of_reductions):
        files |= {value for name, value in vars(room).items() if name.endswith("_FILE")}
    assert not {file for file in files if file not in tree}


def number(text: str) -> int:
    return WORDS.get(text.lower()) or int(text)


def test_numbers_in_the_pages_are_those_of_the_code() -> None:
    pytest.importorskip("torch")
    for (page, pattern), counted in stated().items():
        found = re.findall(pattern, text_of(page))
        assert found, f"{page} no longer says {pattern}"
        assert {number(one) for one in found} == {counted}, f"{page}: {pattern}"


def test_the_readme_names_the_pythons_that_the_package_allows() -> None:
    facts = tomllib.loads(text_of("pyproject.toml"))["project"]["classifiers"]
    allowed = {fact.rpartition(" :: ")[2] for fact in facts if re.fullmatch(r".* :: 3\.\d+", fact)}
    readme = text_of("README.md")
    assert set(re.findall(r"\b3\.\d\d\b", readme)) == allowed
    extras = tomllib.loads(text_of("pyproject.toml"))["project"]["optional-dependencies"]
    assert set(re.findall(r"'(?:\.|mien)\[(\w+)\]'", readme)) <= set(extras)


@pytest.mark.usefixtures("weights")
def test_what_the_readme_shows_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    import numpy as np
    from torch import nn

    people = mien.synthesize(
        tmp_path / "made-up", subjects=3, expressions=("neutral", "smile"), frames=2, pictures=True, size_px=200
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "videos").symlink_to(tmp_path / "made-up/pictures")
    names = sorted(path.name for path in (tmp_path / "videos").iterdir())
    rows = [f"{name},{name.split('-')[0]},{'happy' if 'smile' in name else 'neutral'}" for name in names]
    (tmp_path / "samples.csv").write_text("\n".join(["path,subject,expression", *rows]) + "\n")
    assert len(rows) == len(people.samples)
    text = text_of("README.md")
    # Evidence in the pixels takes a minute; tests/explain/landmarker has that.
    on_own_data = next(block for block in blocks(text, "") if "mien extract" in block)
    for line in on_own_data.splitlines():
        words = shlex.split(line, comments=True)[1:]
        done = RUNNER.invoke(app, words, prog_name="mien")
        assert done.exit_code == 0, f"{line}: {done.output}"
    network = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(48, 5))
    given = {"net": network, "pictures": np.random.default_rng(0).random((2, 3, 32, 32), dtype=np.float32)}
    for block in blocks(text, "python"):
        exec(block, {**given, "mien": mien})
    assert (tmp_path / "study/report.html").exists()
