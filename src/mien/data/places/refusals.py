"""What servers refuse, as one sentence for people; nothing secret stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from mien.core.errors import MienError, PlaceError
from mien.data.places.address import without_secrets

# Words in what the libraries say, and the sentence; the first that fits.
_MEANINGS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("no_such_bucket", "nosuchbucket"), "there is no such bucket; look at its name, and at AWS_ENDPOINT_URL"),
    (
        ("access_denied", "accessdenied", "invalid_access_key", "signature_does_not_match", "invalid_client_token",
         "forbidden", "403", "expired", "unauthorized", "401", "no credentials", "permission denied"),
        "the server refuses the key of this environment; look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or "
        "AWS_PROFILE, and at what that key may do",
    ),
    (
        ("network_connection", "curlcode", "timeout", "timed out", "connect", "reset by peer", "slow_down", "503",
         "service_unavailable", "internal_failure", "unexpected end", "end of file"),
        "the server does not answer, or the connection broke; look at AWS_ENDPOINT_URL and at the network, and run the "
        "same command again: what was finished is kept",
    ),
    (("wrong region", "301", "permanentredirect", "moved_permanently"),
     "the bucket is in another region; set AWS_REGION"),
)  # fmt: skip
MISSING = "it does not exist"


@contextmanager
def refusals_told(uri: str, what: str = "cannot be read") -> Iterator[None]:
    """Errors of a file system as one sentence.

    Raises
    ------
    PlaceError
        Naming the place.
    """
    try:
        yield
    except MienError:
        raise
    except (OSError, pa.ArrowException, ValueError) as error:
        # No cause: what the library says can hold a key.
        raise PlaceError(f"{uri} {what}: {meaning_of(error)}.") from None


def _says(text: str, word: str) -> bool:
    """Whether a word is in a text; a status only as a number of its own, not in a port such as 44019."""
    return word in text if not word.isdigit() else re.search(rf"(?<!\d){word}(?!\d)", text) is not None


def meaning_of(error: BaseException) -> str:
    """What an error of a file system means."""
    text = str(error).lower()
    for words, sentence in _MEANINGS:
        if any(_says(text, word) for word in words):
            return sentence
    if isinstance(error, FileNotFoundError):
        return MISSING
    return without_secrets(str(error).splitlines()[0].rstrip(". ") if str(error) else type(error).__name__)
