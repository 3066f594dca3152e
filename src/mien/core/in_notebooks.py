"""What notebooks show of an object, and how it is had as a table: nouns and results say it by one word each."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.axes import Axes

# Drawing lies far above the nouns: it is loaded when a notebook asks.
_ROOM = "mien.report.notebook."


class InNotebooks:
    """Something that notebooks show as a table, and that is had as a data frame."""

    def _repr_html_(self) -> str | None:
        """What a notebook shows; None (then it shows the plain text) where what draws is not installed."""
        try:
            shown: str | None = import_module(_ROOM + "html").html_of(self)
        except ImportError:
            return None
        return shown

    def to_pandas(self, table: str = "") -> pandas.DataFrame:
        """One of its tables.

        Parameters
        ----------
        table : str
            Its name; empty: the first. A name that does not exist is answered with those that do.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        InputError
            If there is no such table.
        """
        frame: pandas.DataFrame = import_module(_ROOM + "frames").frame_of(self, table)
        return frame


class WithAxes(InNotebooks):
    """The same of something whose values have named axes."""

    def to_xarray(self) -> xarray.DataArray:
        """Its values with their axes, coordinates and what they are measured in.

        Returns
        -------
        xarray.DataArray

        Raises
        ------
        MissingExtra
            Without the extra ``notebooks``.
        InputError
            If it holds no numbers, as samples without ratings.
        """
        array: xarray.DataArray = import_module(_ROOM + "axes").array_of(self)
        return array


class Plotted(InNotebooks):
    """The same of something that is drawn with matplotlib, too."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; None: a figure of its own.

        Returns
        -------
        matplotlib.axes.Axes
            Its ``figure`` has ``savefig``.
        """
        drawn: Axes = import_module(_ROOM + "plots").plot_of(self, ax)
        return drawn
