"""Addresses of places: which text is one, and that nothing secret stands in it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mien.core.errors import InputError

# A path on a command line has lost one of the two slashes.
_URI = re.compile(r"([a-z][a-z0-9+.-]+):/(/?)(.*)", re.DOTALL)
FILE = "file"
# Without an authority behind the scheme, or one that the file system reads itself; nothing is looked up for them.
KNOWN = ("s3", "gs", "gcs", "abfs", "abfss", "az", "adl", "hdfs", "memory", "sftp", "ssh", "smb", "webhdfs", FILE)
# Endpoints and keys belong into the environment, not behind a question mark.
_OF_ENVIRONMENT = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL, or a profile (AWS_PROFILE)"


def is_place(given: object) -> bool:
    """Whether a text or path is the address of a place; ``'ck+:PATH'`` and ``'C:/x'`` are none."""
    if not isinstance(given, (str, os.PathLike)):
        return False
    match = _URI.fullmatch(os.fsdecode(given))
    if match is None or match[1] not in KNOWN:
        return False
    # One slash: a path, and perhaps a folder with an odd name.
    return bool(match[2]) or not Path(os.fsdecode(given)).parts[:1] or not Path(Path(given).parts[0]).exists()


def address(given: str | os.PathLike[str]) -> str:
    """The address in one form: lower-case scheme, two slashes, no slash at the end.

    Raises
    ------
    InputError
        If it is none, names no bucket, or holds a key, a password or options.
    """
    match = _URI.fullmatch(os.fsdecode(given))
    if match is None or match[1] not in KNOWN:
        raise InputError(f"A place is written as in 's3://bucket/folder', but got '{without_secrets(given)}'.")
    scheme, rest = match[1], match[3]
    host, _, path = rest.partition("/")
    if "@" in host:
        raise InputError(
            f"The address of {scheme}://{host.rpartition('@')[2]} holds a user or a key, which would be written down "
            f"with it. Leave it out and set {_OF_ENVIRONMENT}."
        )
    if "?" in rest and re.search(r"\?[\w.-]+=", rest):
        raise InputError(
            f"The address {scheme}://{rest.partition('?')[0]} has options behind the question mark, where keys could "
            f"stand. Leave them out and set {_OF_ENVIRONMENT}."
        )
    if not host and scheme not in (FILE, "memory"):
        raise InputError(f"'{scheme}://' names no bucket; write {scheme}://BUCKET/FOLDER.")
    if any(part in (".", "..") for part in path.split("/")):
        raise InputError(f"{scheme}://{rest} holds '.' or '..'; write the address without them.")
    path = "/".join(part for part in path.split("/") if part)
    return f"{scheme}://{host}/{path}".rstrip("/") if host else f"{scheme}:///{path}".rstrip("/")


def split_set(value: Any) -> tuple[str, Any]:
    """Name of a data set with its colon, and what follows it."""
    if isinstance(value, str) and ":" in value and not is_place(value):
        name, _, rest = value.partition(":")
        if is_place(rest):
            return f"{name}:", rest
    return "", value


def holds_place(value: Any) -> bool:
    """Whether an argument is the address of a place, or holds one."""
    if isinstance(value, dict):
        return any(holds_place(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(holds_place(inner) for inner in value)
    return is_place(split_set(value)[1])


def local_path(uri: str) -> Path:
    """The folder or file that ``file://...`` names.

    Raises
    ------
    InputError
        If it names another machine.
    """
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise InputError(f"{uri} names the machine '{parts.netloc}'; write file:///PATH (three slashes).")
    return Path(unquote(parts.path) or "/")


def without_secrets(given: object) -> str:
    """Text for people: what stands before an ``@`` and the values of secret variables are left out of it."""
    text = os.fsdecode(given) if isinstance(given, (bytes, os.PathLike)) else str(given)
    for name, value in os.environ.items():
        if len(value) > 3 and re.search(r"SECRET|TOKEN|PASSWORD|ACCESS_KEY|ACCOUNT_KEY|SAS", name):
            text = text.replace(value, "...")
    return re.sub(r"(://)[^/\s@]*@", r"\1", text)
