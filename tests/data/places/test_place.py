"""Places: nothing half-written is seen, nothing secret is written down, refusals are sentences."""

import hashlib
import pickle

import pytest

from mien.core.errors import InputError, PlaceError
from mien.data.places.address import is_place, without_secrets
from mien.data.places.place import Place, place_or_path
from mien.data.places.refusals import meaning_of


@pytest.mark.parametrize("given", ["ck+:PATH", "omi:", "study", "C:/x", "a:b", "http:", "", 3, None])
def test_what_is_no_place(given) -> None:
    assert not is_place(given)


def test_a_path_of_the_command_line_is_read_as_the_address_it_was(tmp_path) -> None:
    from pathlib import Path

    assert place_or_path(Path("s3://bucket/study/")) == Place("s3://bucket/study")
    assert place_or_path(f"file://{tmp_path}/study") == tmp_path / "study"


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("s3://me:hunter2@bucket/study", "holds a user or a key"),
        ("s3://bucket/study?secret_key=hunter2", "options behind the question mark"),
        ("s3:///study", "names no bucket"),
        ("s3://bucket/../other", "without them"),
        ("file://elsewhere/study", "three slashes"),
    ],
)
def test_addresses_with_secrets_or_without_a_bucket_are_refused_and_not_repeated(uri, words) -> None:
    with pytest.raises(InputError, match=words) as refused:
        place_or_path(uri)
    assert "hunter2" not in str(refused.value)


def test_values_of_secret_variables_are_left_out_of_text(monkeypatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    assert without_secrets("key hunter2 at s3://u:pw@bucket/x") == "key ... at s3://bucket/x"


def test_a_file_comes_back_as_it_was_put(bucket, tmp_path) -> None:
    content = bytes(range(256)) * 50_000  # more than one part of an upload
    (tmp_path / "a").write_bytes(content)
    place = Place(bucket) / "study" / "größe #1 100%.bin"
    assert not place.exists() and place.state() is None
    place.put(tmp_path / "a")
    state, digest = place.fetch(tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content and digest == hashlib.sha256(content).hexdigest()
    assert state.size == len(content) == place.size() and state.tag
    place.write(b"other")
    assert place.read() == b"other" and place.state() != state
    assert [entry.place for entry in Place(bucket).entries()] == [place]
    assert pickle.loads(pickle.dumps(place)) == place  # travels to workers
    place.remove()
    place.remove()
    assert not Place(bucket).entries()


def test_an_upload_that_is_broken_off_leaves_nothing_and_keeps_what_was_there(bucket, server) -> None:
    place = Place(bucket) / "study" / "shard.parquet"
    place.write(b"before")

    def broken(stream) -> None:
        stream.write(bytes(12 << 20))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place._finish(broken, 20 << 20)
    assert place.read() == b"before"
    client = pytest.importorskip("boto3").client("s3", endpoint_url=server, region_name="us-east-1")
    name = bucket.removeprefix("s3://")
    keys = [found["Key"] for found in client.list_objects_v2(Bucket=name)["Contents"]]
    assert [key for key in keys if not key.endswith("/")] == ["study/shard.parquet"]
    assert not client.list_multipart_uploads(Bucket=name).get("Uploads")


def test_what_is_being_written_is_not_listed(bucket) -> None:
    filesystem = Place(bucket).filesystem
    with filesystem.open_output_stream(f"{bucket.removeprefix('s3://')}/study/.part-1-x") as stream:
        stream.write(b"half")
    folder = Place(bucket) / "study"
    assert not folder.entries()
    folder.remove_halves()
    assert len(filesystem.get_file_info([f"{folder.path}/.part-1-x"])) == 1  # somebody may write it still
    folder.remove_halves(older_s=-10)
    assert filesystem.get_file_info(f"{folder.path}/.part-1-x").type.name == "NotFound"


def test_a_missing_bucket_is_a_sentence(bucket, tmp_path) -> None:
    for attempt in (
        lambda: Place("s3://no-such-bucket/x").entries(),
        lambda: Place("s3://no-such-bucket/x").write(b"x"),
        lambda: Place(f"{bucket}/x").fetch(tmp_path / "x"),
    ):
        with pytest.raises(
            PlaceError, match=r"^s3://\S+ cannot be \w+: (there is no such bucket|it does not exist)[^\n]*\.$"
        ):
            attempt()
    assert not list(tmp_path.iterdir())


def test_a_refused_key_is_a_sentence_without_the_key(refusing) -> None:
    with pytest.raises(PlaceError, match="refuses the key of this environment") as refused:
        Place("s3://bucket/x").read()
    assert "of-the-test" not in str(refused.value) and refused.value.__cause__ is None


def test_a_server_that_is_gone_is_a_sentence(silent) -> None:
    with pytest.raises(PlaceError, match="does not answer, or the connection broke"):
        Place("s3://bucket/x").write(b"x")


@pytest.mark.parametrize("port", [44019, 40301, 30312])
def test_a_port_is_no_status(port) -> None:
    found = meaning_of(OSError(f"AWS Error NETWORK_CONNECTION: could not reach http://127.0.0.1:{port}"))
    assert "does not answer" in found
    assert "refuses the key" in meaning_of(OSError("AWS Error UNKNOWN (HTTP status 403) during HeadObject"))


def test_nobody_asks_amazons_machines_who_this_is(silent, monkeypatch) -> None:
    """The library would wait for the address of a service that only machines in that cloud have."""
    import os

    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    assert Place("s3://bucket/x").filesystem is not None
    assert os.environ["AWS_EC2_METADATA_DISABLED"] == "true"


def test_other_file_systems_through_fsspec(tmp_path) -> None:
    pytest.importorskip("fsspec")
    place = Place("memory://bucket/study/a.txt")
    place.write(b"x")
    assert place.parent.entries()[0].place == place and place.fetch(tmp_path / "a")[0].size == 1
