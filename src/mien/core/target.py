"""Target: what is being explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mien.core.errors import InputError


@dataclass(frozen=True)
class Target:
    """A class, a class against another, or a score that goes up or down.

    Attributes
    ----------
    name : str
        Class or score.
    against : str
        Class that is subtracted; ``''`` for none.
    direction : str
        ``'up'`` or ``'down'``.

    Examples
    --------
    >>> import mien
    >>> mien.Target.parse("happy>sad")
    Target(name='happy', against='sad', direction='up')
    """

    name: str
    against: str = ""
    direction: str = "up"

    def __post_init__(self) -> None:
        if not self.name:
            raise InputError("Target: the name of a class or score is missing, such as 'happy' or 'happy:down'.")
        if self.direction not in ("up", "down"):
            raise InputError(f"Target: direction is 'up' or 'down', but got '{self.direction}'.")
        if self.against and self.against == self.name:
            raise InputError(f"Target: '{self.name}' cannot be compared with itself.")

    @classmethod
    def parse(cls, text: str | Target) -> Target:
        """Read a target from its short form.

        Parameters
        ----------
        text : str or Target
            ``'happy'``, ``'happy>sad'`` (happy against sad) or ``'happy:down'`` (what speaks against happy).

        Returns
        -------
        Target

        Raises
        ------
        InputError
            If the text has another form.
        """
        if isinstance(text, Target):
            return text
        if not isinstance(text, str):
            raise InputError(f"Target: a name such as 'happy', 'happy>sad' or 'happy:down', but got {text!r}.")
        name, _, direction = text.partition(":")
        name, sign, against = name.partition(">")
        if sign and not against.strip():
            raise InputError(f"Target: '{text}' does not say which class it is against.")
        return cls(name.strip(), against.strip(), direction.strip() or "up")

    def __str__(self) -> str:
        text = f"{self.name}>{self.against}" if self.against else self.name
        return text if self.direction == "up" else f"{text}:down"

    def to_json(self) -> dict[str, Any]:
        """The target as plain values.

        Returns
        -------
        dict of str to str
        """
        return {"name": self.name, "against": self.against, "direction": self.direction}
