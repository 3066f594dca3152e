"""Whether output can be written, asked before the work begins."""

import contextlib
import os
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.files import half_written


def check_folder(folder: Any) -> None:
    """Refuse a folder that cannot be written to, before anything is computed; nothing is left there.

    Raises
    ------
    InputError
        If it is no path, a file, or the system does not allow it.
    """
    if not isinstance(folder, (str, Path)) or not str(folder).strip():
        raise InputError(f"output is a folder, such as 'evidence', but got {folder!r}.")
    folder = Path(folder)
    new = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with half_written(folder, "") as path:
            # An empty file fits onto a full disk.
            path.write_bytes(bytes(4096))
    except (OSError, ValueError) as error:
        raise InputError(
            f"output: '{folder}' cannot be written to as a folder ({getattr(error, 'strerror', None) or error}); "
            "name another one."
        ) from error
    finally:
        for path in new:
            with contextlib.suppress(OSError, ValueError):
                path.rmdir()


def check_file(target: Any) -> None:
    """Refuse a file that cannot be written, before anything is computed; nothing is left there.

    Raises
    ------
    InputError
        If it is a folder, or its folder cannot be written to.
    """
    if not isinstance(target, (str, Path)) or not str(target).strip():
        raise InputError(f"output is a file, but got {target!r}.")
    if Path(target).is_dir():
        raise InputError(f"output: '{target}' is a folder, but has to be a file; name another one.")
    check_folder(Path(target).parent)
