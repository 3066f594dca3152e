"""One damaged cell costs its own line at most, and what cannot be read is said."""

from pathlib import Path

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.data.tables.table import read_table


@pytest.mark.parametrize("numbers", [True, False])
def test_a_byte_that_is_no_utf8_among_numbers_is_said_with_its_line(tmp_path: Path, numbers: bool) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(b"frame,x_0\n1,0.5\n2,M\xfcller\n3,0.25\n")
    with pytest.raises(InputError, match=r"points\.csv.*UTF-8"):
        read_table(path, numbers=numbers)


def test_a_word_among_the_numbers_of_a_feature_is_said_instead_of_losing_the_column(tmp_path: Path) -> None:
    from mien.data.importers.named import read_named_features

    path = tmp_path / "clip.tsv"
    path.write_text(
        "file\tframe\tAU01\tAU12\tmood\na\t0\t0.1\t0.2\tsad\na\t1\t0.3\tn/a?\tsad\na\t2\tFIND_FAILED\t0.4\tsad\n"
    )
    said: list[str] = []
    found = read_named_features(path, say=said.append)
    assert sorted(found.extra) == ["AU01", "AU12"]
    assert any("'AU12': 1 of 3 cells are no numbers ('n/a?' in row 3)" in sentence for sentence in said)
    assert np.isnan(np.asarray(found.extra["AU12"], dtype=float)).sum() == 1
