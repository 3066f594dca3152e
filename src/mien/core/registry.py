"""Rows of what can be asked for by name: methods, metrics, maps, studies, verbs; code is loaded when it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar

from mien.core.errors import InputError
from mien.core.numbers import as_text
from mien.core.settings import check_settings, defaults_of, parse_pairs
from mien.core.words import did_you_mean

T = TypeVar("T")


@dataclass(frozen=True)
class Row(Generic[T]):
    """One of several that are known by name; a further one is one file with a function and one row.

    Attributes
    ----------
    name : str
        Published name in lower case with hyphens.
    home : str
        ``'module:function'`` of its code, below ``room``. The function's arguments behind the first ``n_given`` are
        its settings; their annotations say what they take, and their defaults are the defaults.
    meaning : str
        One line for people.
    source : str
        Where it was published.
    """

    name: str
    home: str
    meaning: str
    source: str = ""

    # What sentences call it; what its homes start with; how many arguments are no settings.
    kind: ClassVar[str] = "entry"
    room: ClassVar[str] = ""
    n_given: ClassVar[int] = 0

    @property
    def module(self) -> ModuleType:
        """The module of its code."""
        return import_module(self.room + self.home.partition(":")[0])

    @property
    def run(self) -> Callable[..., T]:
        """Its code."""
        code: Callable[..., T] = self.code_at(self.home)
        return code

    def code_at(self, home: str) -> Any:
        """What ``'module:function'`` below ``room`` names."""
        module, _, function = home.partition(":")
        return getattr(import_module(self.room + module), function)

    def defaults(self) -> dict[str, Any]:
        """Its settings with their defaults."""
        return defaults_of(self.run, self.n_given)

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Its defaults with what was given.

        Raises
        ------
        InputError
            If there is no such setting, or a value is not what the function's signature says.
        """
        known = self.defaults()
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise InputError(
                f"The {self.kind} '{self.name}' has no setting '{unknown[0]}'; it has: "
                f"{', '.join(known) or 'none'}.{did_you_mean(unknown[0], known)}"
            )
        return {**known, **check_settings(self.run, dict(given))}

    def parsed(self, pairs: Sequence[str]) -> dict[str, Any]:
        """Settings from ``NAME=VALUE`` texts; see ``mien.core.settings.parse_pairs``.

        Raises
        ------
        InputError
            If a text has no '=', a setting is unknown, or a value is of another kind.
        """
        result = parse_pairs(pairs, self.defaults())
        self.settings(result)
        return result


R = TypeVar("R", bound=Row[Any])


def row_of(rows: Mapping[str, R], name: Any, aliases: Mapping[str, str] | None = None) -> R:
    """The row of that name.

    Parameters
    ----------
    rows : mapping of str to Row
        At least one.
    name : str
    aliases : mapping of str to str, optional
        Other names under which people know one.

    Raises
    ------
    InputError
        If there is none; the message says which one was probably meant, and lists what there is.
    """
    others = aliases or {}
    if isinstance(name, str) and others.get(name, name) in rows:
        return rows[others.get(name, name)]
    meant = did_you_mean(str(name).lower().replace("_", "-"), [*rows, *others])
    hint = f".{meant} M" if meant else "; m"
    raise InputError(f"There is no {next(iter(rows.values())).kind} {as_text(name)}{hint}ien has: {', '.join(rows)}.")
