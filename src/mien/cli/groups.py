"""Groups of commands that say which one was probably meant."""

from difflib import get_close_matches
from typing import Any

from typer.core import TyperGroup


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
