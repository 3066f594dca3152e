"""Errors that users see: each message says what was expected, what came and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from mien.core.names import shown


class MienError(Exception):
    """Anything mien refuses, with a sentence for people; control characters in names are escaped in it.

    Parameters
    ----------
    *parts : object
        The sentence.
    """

    def __init__(self, *parts: object) -> None:
        super().__init__(*(shown(part) if isinstance(part, str) else part for part in parts))


class StorageError(MienError, OSError):
    """A file could not be written to the end: the disk is full, a quota is used up, or a write failed."""


class PlaceError(MienError, OSError):
    """A place (object storage, another machine) does not answer, refuses, or does not hold what is asked for."""


class InputError(MienError, ValueError):
    """A file, table, array or setting is not what it has to be."""


class ChoiceError(InputError):
    """Something is asked for by a name that nothing has, or several have.

    Parameters
    ----------
    sentence : str
    choices : sequence of str
        Names that may be meant, each to be shown in a line of its own.
    """

    def __init__(self, sentence: str, choices: Sequence[str]) -> None:
        super().__init__(sentence)
        self.sentence = str(self.args[0])
        self.choices = tuple(shown(choice) for choice in choices)

    def __str__(self) -> str:
        """The sentence, and the names below it."""
        return "\n  ".join((self.sentence, *self.choices))


class ColumnError(InputError):
    """A table lacks a column.

    Parameters
    ----------
    sentence : str
    option : str
        What says on the command line that another column is meant; where one is, the sentence holds it.
    """

    def __init__(self, sentence: str, option: str) -> None:
        super().__init__(sentence)
        self.option = shown(option)


class DamageWarning(UserWarning):
    """Something stored is damaged; the rest is used without it."""


class WeightsError(MienError):
    """Weights are missing, damaged or could not be had."""


class MissingExtra(MienError, ImportError):
    """An optional part of mien is not installed."""
