"""Commands that know their options by former names, too; groups of them that say which one was probably meant."""

from difflib import get_close_matches
from typing import Any

from typer.core import TyperCommand, TyperGroup

# Options that did not have the names of the functions' arguments; they still work and stand in no help.
FORMER = {
    "--folds": "--n-folds", "--random": "--n-random", "--steps": "--n-steps", "--seeds": "--n-seeds",
    "--permutations": "--n-permutations", "--dimensions": "--n-dims", "--start": "--start-s", "--stop": "--stop-s",
    "--smallest-face": "--smallest-face-px", "--redetect": "--redetect-s", "--time-limit": "--time-limit-s",
}  # fmt: skip


class Command(TyperCommand):
    """A verb whose options can be given by their former names."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The options by the names that they have now."""
        known = {option for parameter in self.params for option in parameter.opts}
        end = args.index("--") if "--" in args else len(args)
        for place, word in enumerate(args[:end]):
            option, sign, value = word.partition("=")
            if FORMER.get(option) in known:
                args[place] = FORMER[option] + sign + value
        return super().parse_args(ctx, args)


class Guessing(TyperGroup):
    """A group of verbs; an unknown one gets a sentence with the nearest."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb, or a sentence that names the one that was probably meant."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            close = get_close_matches(args[0], known, n=1)
            hint = f"Did you mean '{close[0]}'?" if close else f"'{ctx.command_path} --help' lists them."
            ctx.fail(f"There is no verb '{args[0]}'. {hint}")
        return super().resolve_command(ctx, args)
