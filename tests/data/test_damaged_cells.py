"""One damaged cell costs its own line at most, and what cannot be read is said."""

from pathlib import Path

import pytest

from mien.core.errors import InputError
from mien.data.tables import read_table


@pytest.mark.parametrize("numbers", [True, False])
def test_a_byte_that_is_no_utf8_among_numbers_is_said_with_its_line(tmp_path: Path, numbers: bool) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(b"frame,x_0\n1,0.5\n2,M\xfcller\n3,0.25\n")
    with pytest.raises(InputError, match=r"points\.csv.*UTF-8"):
        read_table(path, numbers=numbers)
