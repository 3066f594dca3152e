"""Which file system opens a place; keys and endpoint are those of the environment and are kept nowhere."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

from mien.core.errors import PlaceError
from mien.core.extras import require
from mien.data.places.address import FILE, without_secrets

S3 = "s3"
CONNECT_S, REQUEST_S = 10.0, 60.0
# Everything that says where and who: with another environment it is another file system.
_VARIABLES = (
    "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
)  # fmt: skip


def system_of(scheme: str, bucket: str) -> Any:
    """The ``pyarrow.fs`` file system for a scheme.

    Raises
    ------
    PlaceError
        If none opens it; the sentence says what to install.
    """
    if scheme == S3:
        return _s3(bucket if not endpoint() else "", tuple(os.environ.get(name, "") for name in _VARIABLES))
    return _other(scheme, bucket)


def endpoint() -> str:
    """The server that the environment names for S3; ``''`` for that of Amazon."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""


@lru_cache(maxsize=8)
def _s3(bucket: str, environment: tuple[str, ...]) -> Any:
    from pyarrow import fs

    # With a server or a key of one's own nobody has to be asked who and where this machine is; the library would ask
    # the address of Amazon's machines, and wait (https://github.com/apache/arrow/issues/37136).
    if endpoint() or os.environ.get("AWS_ACCESS_KEY_ID"):
        os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        region = "us-east-1" if endpoint() else fs.resolve_s3_region(bucket)
    # The library does not read the variable of the endpoint (https://github.com/apache/arrow/issues/49643).
    return fs.S3FileSystem(
        region=region, endpoint_override=endpoint() or None, connect_timeout=CONNECT_S, request_timeout=REQUEST_S,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=3),
    )  # fmt: skip


@lru_cache(maxsize=8)
def _other(scheme: str, host: str) -> Any:
    from pyarrow import fs

    if scheme == FILE:
        return fs.LocalFileSystem()
    fsspec = require("fsspec", f"Reading {scheme}://", "places")
    try:
        # Host names of machines; buckets are part of the path.
        where = {"host": host} if scheme in ("sftp", "ssh", "smb", "hdfs", "webhdfs") else {}
        return fs.PyFileSystem(fs.FSSpecHandler(fsspec.filesystem(scheme, **where)))
    except (ImportError, ValueError, OSError) as error:
        raise PlaceError(f"{scheme}:// cannot be opened ({without_secrets(error)}).") from None
