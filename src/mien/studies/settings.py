"""``study.toml``: written with comments from a list of settings, read and checked against the same list."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal

from mien.core.errors import InputError
from mien.core.numbers import Range
from mien.core.settings import check_value
from mien.core.words import did_you_mean

STUDY_FILE = "study.toml"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Setting:
    """One line of ``study.toml``.

    Attributes
    ----------
    default : object
        Says the type as well: bool, int, float, str, list or dict.
    meaning : str
        The comment above it.
    choices : tuple
        Allowed values (of a list: of its items); empty for any.
    of : type
        Type of a list's items.
    required : bool
        Whether text or a list must not stay empty.
    least : float, optional
        Smallest allowed number.
    below : float, optional
        Numbers stay below this.
    """

    default: Any
    meaning: str
    choices: tuple[Any, ...] = ()
    of: type = str
    required: bool = False
    least: float | None = None
    below: float | None = None


# Tables of settings; the table '' holds what stands above all tables.
Schema = dict[str, dict[str, Setting]]


def template(study: str, schema: Schema, intro: str, changed: dict[str, dict[str, Any]] | None = None) -> str:
    """A commented ``study.toml`` with every setting at its default, or at the value in ``changed``."""
    lines = [f"# {line}".rstrip() for line in intro.strip().splitlines()]
    lines += ["", f'study = "{study}"']
    for table, settings in schema.items():
        lines += ["", f"[{table}]"] if table else []
        for name, setting in settings.items():
            value = (changed or {}).get(table, {}).get(name, setting.default)
            lines += [*(f"# {line}" for line in setting.meaning.splitlines()), f"{name} = {toml(value)}"]
    return "\n".join(lines) + "\n"


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        keys = [key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False) for key in value]
        inside = ", ".join(f"{key} = {toml(inner)}" for key, inner in zip(keys, value.values(), strict=True))
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(toml(item) for item in value)}]"
    # Text and numbers of JSON are those of TOML.
    return json.dumps(value, ensure_ascii=False)


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file.

    Raises
    ------
    InputError
        If it is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist. Write one with: mien study new fast-landmarks -o DIR") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not readable TOML ({error}).") from error


def checked(given: dict[str, Any], schema: Schema, where: str) -> dict[str, dict[str, Any]]:
    """Every setting, given or default, by table and name.

    Raises
    ------
    InputError
        For a table, key, type or value that there is not; the sentence names the key.
    """
    tables = {name: value for name, value in given.items() if isinstance(value, dict)}
    top = {name: value for name, value in given.items() if name not in tables and name != "study"}
    for name in tables:
        if name not in schema:
            raise InputError(f"{where}: there is no table [{name}].{_close(name, [t for t in schema if t])}")
    result: dict[str, dict[str, Any]] = {}
    for table, settings in schema.items():
        own = tables.get(table, {}) if table else top
        for name in own:
            if name not in settings:
                raise InputError(f"{where}: there is no setting {_key(table, name)}.{_close(name, list(settings))}")
        result[table] = {
            name: _value(own[name], setting, f"{where}: {_key(table, name)}") if name in own else setting.default
            for name, setting in settings.items()
        }
        for name, setting in settings.items():
            if setting.required and not result[table][name]:
                raise InputError(f"{where}: {_key(table, name)} is empty; it says: {setting.meaning.splitlines()[0]}")
    return result


def _value(value: Any, setting: Setting, where: str) -> Any:
    kind = type(setting.default)
    one: Any = setting.of if kind is list else kind
    if setting.choices:
        one = Literal[setting.choices]
    elif setting.least is not None or setting.below is not None:
        least, most = (-inf if setting.least is None else setting.least), (setting.below or inf)
        one = Annotated[one, Range(least, most, whole=one is int, below=setting.below is not None)]
    if kind is list:
        return [check_value(f"{where}: each", item, one) for item in check_value(where, value, list)]
    return check_value(where, value, one)


def _key(table: str, name: str) -> str:
    return f"'{table}.{name}'" if table else f"'{name}'"


def _close(name: str, known: list[str]) -> str:
    return did_you_mean(name, known) or f" There are: {', '.join(known)}."
