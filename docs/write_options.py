"""Write every verb's options into ``docs/command_line.md``, from the commands: ``python docs/write_options.py``."""

from __future__ import annotations

from collections import Counter
from keyword import iskeyword
from pathlib import Path
from typing import Any

from mien.cli.groups import SECTIONS
from mien.cli.main import commands_of_verbs

PAGE = Path(__file__).parent / "command_line.md"
START = "<!-- From here on written by docs/write_options.py. -->"
# Options of many verbs, which stand in the page once, where a verb has no other words for them.
SHARED = {"json", "quiet", *SECTIONS["How samples are read"]}


def function_name(verb: str) -> str:
    """The verb's function in Python."""
    words = verb.replace("-", "_").split()
    return ".".join(["mien", *(f"{word}_" if iskeyword(word) else word for word in words)])


def row(parameter: Any) -> str:
    """One line of a table: how the option is written, what it means and what holds without it."""
    if parameter.param_type_name == "argument":
        written = f"`{parameter.name.rstrip('_').upper()}`"
    else:
        written = ", ".join(f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts))
    default = parameter.default
    if parameter.required:
        without = "needed"
    elif callable(default) or default is False or default in (None, "", [], ()):
        without = ""
    else:
        without = "yes" if default is True else f"`{default}`"
    cells = (written, parameter.help or "", without)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(parameters: list[Any]) -> list[str]:
    """A table of options."""
    return ["| option | meaning | default |", "| --- | --- | --- |", *map(row, parameters)] if parameters else []


def written() -> str:
    """The part of the page that is made of the commands."""
    known = dict(commands_of_verbs())
    helps = Counter((p.name, p.help) for command in known.values() for p in command.params if p.name in SHARED)
    usual = {max((key for key in helps if key[0] == name), key=lambda key: helps[key]) for name in SHARED}
    shared: dict[str, Any] = {}
    lines = []
    for verb, command in known.items():
        own = [p for p in command.params if (p.name, p.help) not in usual and p.name != "help"]
        shared |= {p.name: p for p in command.params if (p.name, p.help) in usual}
        text = " ".join((command.help or "").split("\n\n")[0].split())
        lines += [f"### mien {verb}", "", f"`{function_name(verb)}`. {text}", "", *table(own), *([""] if own else [])]
    both = ["Many verbs have these:", "", *table([shared[name] for name in sorted(shared)]), ""]
    return "\n".join([START, "", "## Verbs and their options", "", *both, *lines]).rstrip() + "\n"


if __name__ == "__main__":
    kept = PAGE.read_text(encoding="utf-8").partition(START)[0].rstrip()
    PAGE.write_text(f"{kept}\n\n{written()}", encoding="utf-8")
