"""Commands that know their options by former names, too; wrong use is a sentence that says what was probably meant."""

import re
from difflib import get_close_matches
from typing import Any

from typer import BadParameter
from typer.core import TyperCommand, TyperGroup

from mien.cli.console import refuse
from mien.core.numbers import RANGES

# Of click, which some versions of typer have inside, others beside them.
UsageError: Any = BadParameter.__bases__[0]

# Options that did not have the names of the functions' arguments; they still work and stand in no help.
FORMER = {
    "--folds": "--n-folds", "--random": "--n-random", "--steps": "--n-steps", "--seeds": "--n-seeds",
    "--permutations": "--n-permutations", "--dimensions": "--n-dims", "--start": "--start-s", "--stop": "--stop-s",
    "--smallest-face": "--smallest-face-px", "--redetect": "--redetect-s", "--time-limit": "--time-limit-s",
}  # fmt: skip


# Options of many verbs, which stand behind the verb's own in its help.
SECTIONS = {
    "How samples are read": ("labels", "subject_pattern", "columns", "missing", "same"),
    "How work is spread": ("workers", "threads", "engine", "address", "part"),
    "What is shown": ("show_faces", "show_names", "film_strip", "thumbnails", "json", "private", "quiet", "help"),
}


class Misuse(UsageError):
    """Wrong use of the command line, in the same form as every other refusal."""

    def __init__(self, sentence: str, command: str) -> None:
        super().__init__(f"{sentence} See '{command} -h'.")

    def show(self, file: Any = None) -> None:
        """The sentence, without the usage that typer puts before it."""
        refuse(self.message)


def sentence_of(error: Any, known: list[str]) -> str:
    """What was wrong with the words behind a verb whose options are known."""
    if hasattr(error, "possibilities"):
        close = get_close_matches(error.option_name, known, n=1)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        return f"There is no option '{error.option_name}'.{hint}"
    text = str(error.format_message())
    if more := re.search(r"unexpected extra argument\S* \((.*)\)", text):
        return f"There are more words than arguments: {more[1]}."
    parameter: Any = getattr(error, "param", None)
    if text.startswith("Invalid value") and getattr(parameter, "name", None) in RANGES:
        return f"{max(parameter.opts, key=len)} is {RANGES[parameter.name]}."
    return text if text.endswith(".") else f"{text}."


class Spoken:
    """A command whose wrong use is a sentence."""

    params: list[Any]

    def make_context(self, info_name: Any, args: list[str], parent: Any = None, **more: Any) -> Any:
        """The context, or a sentence."""
        try:
            return super().make_context(info_name, args, parent=parent, **more)  # type: ignore[misc]
        except UsageError as error:
            # A group without any argument shows its help, which is no mistake.
            if isinstance(error, Misuse) or type(error).__name__ == "NoArgsIsHelpError":
                raise
            command = f"{parent.command_path} {info_name}" if parent else str(info_name)
            known = ["--help", *(option for parameter in self.params for option in parameter.opts if option[0] == "-")]
            raise Misuse(sentence_of(error, known), command) from None


class Command(Spoken, TyperCommand):
    """A verb whose options can be given by their former names."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The options by the names that they have now."""
        known = {option for parameter in self.params for option in parameter.opts}
        end = args.index("--") if "--" in args else len(args)
        for place, word in enumerate(args[:end]):
            option, sign, value = word.partition("=")
            if FORMER.get(option) in known and option not in known:
                args[place] = FORMER[option] + sign + value
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, the verb's own options, and those that it shares with others."""
        sections: dict[str, list[Any]] = {title: [] for title in ("Arguments", "Options", *SECTIONS)}
        for parameter in self.get_params(ctx):
            own = "Arguments" if parameter.param_type_name == "argument" else "Options"
            title = next((title for title, names in SECTIONS.items() if parameter.name in names), own)
            record = parameter.get_help_record(ctx)
            sections[title] += [record] if record else []
        for title, rows in sections.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


class Guessing(Spoken, TyperGroup):
    """A group of verbs; an unknown one gets a sentence with the nearest."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb, or a sentence that names the one that was probably meant."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            close = get_close_matches(args[0], known, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            raise Misuse(f"There is no verb '{args[0]}'.{hint}", ctx.command_path)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The verbs with their first sentence, not cut short."""
        with formatter.section("Commands"):
            helps = {name: getattr(self.get_command(ctx, name), "help", None) or "" for name in self.list_commands(ctx)}
            formatter.write_dl([(name, text.split("\n\n")[0]) for name, text in helps.items()])
