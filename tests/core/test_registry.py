"""Promise: whatever is asked for by name says what there is, which one was meant, and checks its own settings."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from mien.cli.main import VERBS
from mien.core.errors import InputError
from mien.core.registry import Row, row_of
from mien.explain.methods import METHODS
from mien.faithfulness.metrics import METRICS
from mien.manifold.methods import METHODS as MAPS
from mien.studies.registry import STUDIES


@dataclass(frozen=True)
class Words(Row[list[str]]):
    """Functions of the standard library are rows as well as others."""

    kind: ClassVar[str] = "way"
    room: ClassVar[str] = "textwrap"[:4]
    n_given: ClassVar[int] = 1


ROWS = {"short-words": Words("short-words", "wrap:shorten", "cut", "by hand")}


@pytest.mark.parametrize("rows", [METHODS, METRICS, MAPS, STUDIES, VERBS], ids=lambda rows: next(iter(rows)))
def test_every_row_has_its_name_a_meaning_and_code(rows) -> None:
    if rows not in (MAPS, VERBS):
        pytest.importorskip("torch")
    for name, row in rows.items():
        assert row.name == name and row.meaning and callable(row.run)
        assert row_of(rows, name) is row
        # Verbs without settings of their own are groups of verbs.
        if rows is not VERBS:
            assert row.settings({}).keys() == row.defaults().keys()


def test_code_is_loaded_from_the_room() -> None:
    import textwrap

    assert ROWS["short-words"].run is textwrap.shorten


@pytest.mark.parametrize(
    ("rows", "name", "message"),
    [
        (METHODS, "Occlusions", "There is no method 'Occlusions'. Did you mean 'occlusion'? Mien has: saliency, "),
        (METRICS, "insertions", "There is no metric 'insertions'. Did you mean 'insertion'? Mien has: insertion, "),
        (MAPS, "xyz", "There is no map 'xyz'; mien has: pca, tsne, "),
        (MAPS, ["pca"], "There is no map ['pca']. "),
        (STUDIES, "impression", "There is no study 'impression'. Did you mean 'impressions'?"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(rows, name, message: str) -> None:
    with pytest.raises(InputError) as error:
        row_of(rows, name)
    assert str(error.value).startswith(message)


def test_unknown_settings_are_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"map 'umap' has no setting 'neighbors'; it has: n_neighbors, min_dist\. Did"):
        MAPS["umap"].settings({"neighbors": 5})
    assert MAPS["umap"].parsed(["n-neighbors=5"]) == {"n_neighbors": 5}
