"""Archives of profiles: what goes in comes out, and nothing else does."""

import hashlib
import os

import pytest

from connections.drivers.browser.packing import CHUNK, Damaged, pack, unpack

KEY = bytes(range(32))
BOUND = "profile|acme|one|1"
HEADER = 8 + 7


@pytest.fixture
def folder(tmp_path):
    """A small profile, with more in it than fits into one chunk."""
    folder = tmp_path / "profile"
    (folder / "Default" / "IndexedDB").mkdir(parents=True)
    (folder / "Local State").write_text("{}")
    (folder / "Default" / "IndexedDB" / "000003.log").write_bytes(os.urandom(2 * CHUNK + 100))
    return folder


@pytest.fixture
def packed(folder, tmp_path):
    sha256, size = pack(folder, tmp_path / "one.profile", key=KEY, bound_to=BOUND)
    assert size == (tmp_path / "one.profile").stat().st_size
    return tmp_path / "one.profile", sha256


def open_again(tmp_path, path, sha256, *, key=KEY, bound_to=BOUND):
    target = tmp_path / f"out-{os.urandom(4).hex()}"
    target.mkdir()
    unpack(path, target, key=key, bound_to=bound_to, sha256=sha256)
    return target


def resum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_goes_in_comes_out(folder, packed, tmp_path):
    out = open_again(tmp_path, *packed)
    log = "Default/IndexedDB/000003.log"
    assert (out / log).read_bytes() == (folder / log).read_bytes()
    assert (out / "Local State").read_text() == "{}"


def test_nobody_else_can_read_the_file(packed):
    path, _ = packed
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"Local State" not in path.read_bytes()


def test_an_empty_profile_is_one_too(tmp_path):
    (tmp_path / "empty").mkdir()
    sha256, _ = pack(tmp_path / "empty", tmp_path / "e.profile", key=KEY, bound_to=BOUND)
    assert list(open_again(tmp_path, tmp_path / "e.profile", sha256).iterdir()) == []


def test_a_file_with_another_sum_is_not_even_opened(packed, tmp_path):
    path, _ = packed
    with pytest.raises(Damaged, match="sum"):
        open_again(tmp_path, path, "0" * 64)


@pytest.mark.parametrize("where", [0, 9, HEADER + 5, HEADER + CHUNK + 16 + 5, -1])
def test_a_changed_byte_is_noticed(packed, tmp_path, where):
    path, _ = packed
    content = bytearray(path.read_bytes())
    content[where] ^= 1
    path.write_bytes(content)
    with pytest.raises(Damaged):
        open_again(tmp_path, path, resum(path))


def test_a_cut_file_is_noticed_even_between_chunks(packed, tmp_path):
    path, _ = packed
    content = path.read_bytes()
    for length in (HEADER + CHUNK + 16, HEADER + 2 * (CHUNK + 16), len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(Damaged):
            open_again(tmp_path, path, resum(path))


def test_chunks_cannot_change_places(packed, tmp_path):
    path, _ = packed
    content, size = path.read_bytes(), CHUNK + 16
    first, second = content[HEADER : HEADER + size], content[HEADER + size : HEADER + 2 * size]
    path.write_bytes(content[:HEADER] + second + first + content[HEADER + 2 * size :])
    with pytest.raises(Damaged):
        open_again(tmp_path, path, resum(path))


def test_a_chunk_cannot_be_added(packed, tmp_path):
    path, _ = packed
    content = path.read_bytes()
    path.write_bytes(content + content[HEADER : HEADER + CHUNK + 16])
    with pytest.raises(Damaged):
        open_again(tmp_path, path, resum(path))


@pytest.mark.parametrize("bound_to", ["profile|rival|one|1", "profile|acme|two|1", "profile|acme|one|2"])
def test_it_belongs_to_one_tenant_one_connection_and_one_number(packed, tmp_path, bound_to):
    with pytest.raises(Damaged):
        open_again(tmp_path, *packed, bound_to=bound_to)


def test_another_key_does_not_open_it(packed, tmp_path):
    with pytest.raises(Damaged):
        open_again(tmp_path, *packed, key=bytes(32))


def test_what_is_no_archive_is_not_opened(tmp_path):
    (tmp_path / "x").write_bytes(b"hello")
    with pytest.raises(Damaged):
        open_again(tmp_path, tmp_path / "x", resum(tmp_path / "x"))
    with pytest.raises(Damaged):
        open_again(tmp_path, tmp_path / "nowhere", "0" * 64)
