"""The ``mien`` command. Each verb is one file, imported only when it is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import typer

from mien import __version__
from mien.cli.console import guarded, quietly_without_reader
from mien.cli.examples import epilog_of
from mien.cli.groups import Command, Guessing, Misuse
from mien.cli.interrupts import run_to_the_end
from mien.cli.spreading import TAKE_PARTS, no_parts
from mien.core.registry import Row


@dataclass(frozen=True)
class Verb(Row[None]):
    """One verb; its home is below ``mien.cli``."""

    kind: ClassVar[str] = "verb"
    room: ClassVar[str] = "mien.cli."


# In the order of the help page.
VERBS: dict[str, Verb] = {
    row.name: row
    for row in (
        Verb("doctor", "doctor:doctor", "What works on this machine; which weights are here."),
        Verb("models", "models:app", "Weights: list them, pull them, read their cards."),
        Verb("datasets", "datasets:datasets", "Data sets that are read by name: files, terms, people."),
        Verb("extract", "extract:extract", "Faces in pictures and videos: points, blendshapes, pose, gaze."),
        Verb("import", "importing:import_", "Output of OpenFace, MediaPipe or py-feat as faces."),
        Verb("actions", "actions:actions", "Apparent action units: presence, intensity, error."),
        Verb("participants", "participants:participants", "Who took part: a table checked against the recordings."),
        Verb("query", "query:query", "Faces, participants and measures of a study, asked in SQL."),
        Verb("functionals", "functionals:functionals", "What faces do over time in numbers, one row per recording."),
        Verb("questionnaire", "questionnaire:questionnaire", "Scores of a questionnaire, problems, reliability."),
        Verb("train", "train:train", "Train a model and score it on held-out people."),
        Verb("learning-curve", "learning_curve:learning_curve", "Scores by number of people; how small sets flatter."),
        Verb("evaluate", "evaluate:evaluate", "Score a stored model on other people."),
        Verb("adapt", "adapt:adapt", "What a few recordings of a person bring to a model of others."),
        Verb("compare", "compare:compare", "Do two groups of people, or two conditions, differ, and where."),
        Verb("effects", "effects:effects", "Which behaviour over time goes with a score, over people."),
        Verb("channels", "channels:channels", "What a model of a score rests on, by channel over time."),
        Verb("compare-models", "compare_models:compare_models", "Which of several models is better, paired."),
        Verb("fairness", "fairness:fairness", "Scores and calibration by groups of people; gaps tested."),
        Verb("profiles", "profiles:profiles", "Groups of people by their scores, if there are any."),
        Verb("discrepancy", "discrepancy:discrepancy", "Heterogeneity behind one total score; the trim curve."),
        Verb("explain", "explain:explain", "Evidence: what the model's output rests on."),
        Verb("methods", "methods:methods", "Methods of explanation: what they need and give."),
        Verb("evaluate-evidence", "evaluate_evidence:evaluate_evidence", "Whether evidence deserves its name."),
        Verb("reduce", "reduce:reduce", "Fewer landmarks: rank, remove, retrain, compare with chance."),
        Verb("embed", "embed:embed", "Maps of a population: quality, tests of attributes along them."),
        Verb("stimuli", "stimuli:stimuli", "Pictures altered and matched; in what their categories differ."),
        Verb("pareidolia", "pareidolia:pareidolia", "Objects whose parts are arranged as a face, or not."),
        Verb("activations", "activations:activations", "What layers of a frozen network answer to pictures."),
        Verb("probe", "probe:probe", "Faces told from everything else by a network's layers."),
        Verb("probe-evidence", "probe_evidence:probe_evidence", "What on the picture a probe's answer rests on."),
        Verb("units", "units:units", "Units of a network that respond more to faces; lesions."),
        Verb("rsa", "rsa:rsa", "Similarity structure of layers beside people, brains, categories."),
        Verb("fixations", "fixations:fixations", "Raw samples of eye trackers as fixations; quality of recordings."),
        Verb("streams", "streams:app", "Film, gaze and brain on one time line: add, show, join."),
        Verb("decode", "decode:decode", "What is decodable from a brain, frames or faces."),
        Verb("brain-evidence", "brain_evidence:brain_evidence", "Which parcels or voxels decoders of a brain rest on."),
        Verb("gaze", "gaze:gaze", "Evidence beside fixations of viewers: do they fall on the same places."),
        Verb("link", "link:link", "What streams, or viewers, have in common over time."),
        Verb("study", "study:app", "Ready studies over your own data: list, new, run."),
        Verb("release", "release:release", "A copy to be passed on: no faces, names, files, dates."),
        Verb("report", "report:report", "One HTML file with everything a study folder holds."),
        Verb("tables", "tables:tables", "Every table of a study as CSV, with a codebook."),
        Verb("figure", "figure:figure", "Drawings of a study for a paper: SVG, PDF, PNG, TIFF, panels."),
        Verb("methods-text", "methods_text:methods_text", "Methods and results in paragraphs, with references."),
        Verb("app", "app:app", "The local page: everything in a browser of this machine."),
        Verb("watch", "watch:watch", "Apparent expression of a video or camera, live, with its evidence."),
        Verb("serve", "serve:serve", "The same of pictures that programs of this machine send."),
        Verb("demo", "demo:demo", "All of it, on what every machine has."),
        Verb("synthesize", "synthesize:synthesize", "Made-up people and cohorts whose truth is known."),
    )
}

# Help pages are as wide as the terminal, or COLUMNS says, up to what is read well.
WIDEST = 120

# Options that are paths.
PATHS = (
    "-o", "--output", "--faces", "--model", "--who", "--evidence", "--apply", "--beside", "--parts", "--measures",
    "--study", "--events", "--film", "--shots", "--time-line", "--sync", "--times", "--atlas", "--confounds",
    "--folder",
)  # fmt: skip


class LazyGroup(Guessing):
    """Loads a verb's module when the verb is called, so that ``--help`` stays quick."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All verbs, in order."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb's command; for the help page of the whole only its line."""
        if cmd_name not in VERBS:
            return None
        found: Any = VERBS[cmd_name].run
        command: Any
        if isinstance(found, typer.Typer):
            command = typer.main.get_group(found)
            command.epilog = epilog_of(cmd_name)
            return command
        single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        single.command(cmd_name, cls=Command, help=found.__doc__, epilog=epilog_of(cmd_name))(guarded(found))
        return typer.main.get_command(single)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb, where no argument of it is an empty text that would be taken for this folder."""
        empty = _empty_path(args) if args and args[0] in VERBS else ""
        if empty:
            raise Misuse(f"{empty} is empty; name a file or a folder ('.' for this one).", ctx.command_path)
        if args and args[0] in VERBS and args[0] not in TAKE_PARTS and _names_part(args):
            raise Misuse(no_parts(args[0]), ctx.command_path)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The verbs with their lines, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(row.name, row.meaning) for row in VERBS.values()])


def _names_part(args: list[str]) -> bool:
    """Whether a part is asked for."""
    options = args[: args.index("--")] if "--" in args else args
    return any(one == "--part" or one.startswith("--part=") for one in options)


def _empty_path(args: list[str]) -> str:
    """The option whose path is empty, such as a variable that was not set: to Python that is this folder."""
    options = args[: args.index("--")] if "--" in args else args
    pairs = [(one, other) for one, other in pairwise(options) if one in PATHS]
    pairs += [(one, value) for one, sign, value in (word.partition("=") for word in options) if sign and one in PATHS]
    empty = next((option for option, path in pairs if not path.strip()), "")
    # Behind an option an empty text is that option's.
    named = (word for before, word in pairwise(options) if not word.strip() and not before.startswith("-"))
    return empty or ("an argument" if next(named, None) is not None else "")


app = typer.Typer(
    cls=LazyGroup, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
)  # fmt: skip


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"mien {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: bool = typer.Option(False, "--version", help="Show the version.", callback=_show_version, is_eager=True),
) -> None:
    """Explain what models see in faces, offline, with statistics that a reviewer accepts."""


def program() -> None:
    """The command line."""
    quietly_without_reader(app)


def run() -> None:
    """The command line, which somebody may end."""
    run_to_the_end(lambda: program)


def commands_of_verbs() -> Iterator[tuple[str, Any]]:
    """Every verb with its command, those of a group by both names: 'study run'."""
    group: Any = typer.main.get_command(app)
    context = group.context_class(group)
    for verb in VERBS:
        command = group.get_command(context, verb)
        if hasattr(command, "commands"):
            yield from ((f"{verb} {name}", inner) for name, inner in command.commands.items())
        else:
            yield verb, command
