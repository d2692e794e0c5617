"""Profiles as encrypted files: tar → zstd → AES-256-GCM in chunks of 1 MiB.

`magic | 7 bytes of nonce | chunks`. Every chunk is bound to its number, to whether it is the last, and to
what the file is of; so none can be changed, left out, moved, added, or come from another file.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path
from typing import BinaryIO, cast

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"profile1"
NONCE_BYTES = 7
CHUNK = 1024 * 1024
TAG = 16
ZSTD_LEVEL = 3


class Damaged(ValueError):
    """The file was changed, cut, belongs to another connection, or its key is not this one."""


def pack(folder: Path, target: Path, *, key: bytes, bound_to: str) -> tuple[str, int]:
    """Write everything in `folder` to `target`, readable for us only: (sha256, bytes)."""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        sealing = _Sealing(raw, key, bound_to)
        with (
            zstandard.ZstdCompressor(level=ZSTD_LEVEL).stream_writer(
                cast(BinaryIO, sealing), closefd=False
            ) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            for entry in sorted(folder.iterdir()):
                tar.add(entry, arcname=entry.name)
        sealing.finish()
        raw.flush()
        os.fsync(raw.fileno())
    return sealing.sha256.hexdigest(), sealing.size


def unpack(source: Path, folder: Path, *, key: bytes, bound_to: str, sha256: str) -> None:
    """Undo `pack` into an empty folder. Raises Damaged; what is in the folder then is worth nothing."""
    if _sha256(source) != sha256:
        raise Damaged("its sum is another")
    try:
        with source.open("rb") as raw:
            opening = _Opening(raw, key, bound_to)
            with (
                zstandard.ZstdDecompressor().stream_reader(io.BufferedReader(opening, CHUNK)) as packed,
                tarfile.open(fileobj=packed, mode="r|") as tar,
            ):
                tar.extractall(folder, filter="data")
            opening.read_rest()
    except (InvalidTag, tarfile.TarError, zstandard.ZstdError, EOFError, OSError) as broken:
        raise Damaged(type(broken).__name__) from broken


class _Chunks:
    """Nonce and associated data of each chunk."""

    def __init__(self, key: bytes, nonce: bytes, bound_to: str) -> None:
        self.cipher, self.nonce, self.bound_to = AESGCM(key), nonce, bound_to
        self.number = 0

    def next(self, *, is_last: bool) -> tuple[bytes, bytes]:
        nonce = self.nonce + self.number.to_bytes(4, "big") + bytes([is_last])
        bound_to = f"{self.bound_to}|{self.number}|{'last' if is_last else 'more'}".encode()
        self.number += 1
        return nonce, bound_to


class _Sealing(io.RawIOBase):
    """A file that encrypts what is written to it. Its last chunk is written by `finish`."""

    def __init__(self, raw: BinaryIO, key: bytes, bound_to: str) -> None:
        self.raw, self.waiting, self.size = raw, bytearray(), 0
        self.sha256 = hashlib.sha256()
        nonce = os.urandom(NONCE_BYTES)
        self.chunks = _Chunks(key, nonce, bound_to)
        self._put(MAGIC + nonce)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        given = bytes(data)  # type: ignore[call-overload]
        self.waiting += given
        while len(self.waiting) > CHUNK:  # one stays back: it could be the last
            self._seal(bytes(self.waiting[:CHUNK]), is_last=False)
            del self.waiting[:CHUNK]
        return len(given)

    def finish(self) -> None:
        self._seal(bytes(self.waiting), is_last=True)

    def _seal(self, plain: bytes, *, is_last: bool) -> None:
        nonce, bound_to = self.chunks.next(is_last=is_last)
        self._put(self.chunks.cipher.encrypt(nonce, plain, bound_to))

    def _put(self, data: bytes) -> None:
        self.raw.write(data)
        self.sha256.update(data)
        self.size += len(data)


class _Opening(io.RawIOBase):
    """A file that decrypts what is read from it, chunk by chunk, each only when its tag is right."""

    def __init__(self, raw: BinaryIO, key: bytes, bound_to: str) -> None:
        self.raw, self.plain, self.is_over = raw, b"", False
        if raw.read(len(MAGIC)) != MAGIC:
            raise Damaged("not an archive of a profile")
        self.chunks = _Chunks(key, raw.read(NONCE_BYTES), bound_to)
        self.ahead = raw.read(CHUNK + TAG)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        while not self.plain and not self.is_over:
            self._open()
        view = memoryview(buffer)  # type: ignore[arg-type]
        size = min(len(view), len(self.plain))
        view[:size] = self.plain[:size]
        self.plain = self.plain[size:]
        return size

    def read_rest(self) -> None:
        """What tar does not read is part of the file, too: a cut one must not pass."""
        while not self.is_over:
            self._open()

    def _open(self) -> None:
        sealed, self.ahead = self.ahead, self.raw.read(CHUNK + TAG)
        self.is_over = not self.ahead
        nonce, bound_to = self.chunks.next(is_last=self.is_over)
        self.plain = self.chunks.cipher.decrypt(nonce, sealed, bound_to)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as raw:
            return hashlib.file_digest(raw, "sha256").hexdigest()
    except OSError as gone:
        raise Damaged(type(gone).__name__) from gone
