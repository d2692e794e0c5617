"""The system user that PostgreSQL runs as when we are root: it refuses to be root itself."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from deploy.local.console import Trouble
from deploy.local.process import Account

NAME = "pgserver"


def account_for(data: Path) -> Account | None:
    """None unless we are root; then the owner of existing data, else a user of our own."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    return _ours() or _made() or _nobody()


def _ours() -> Account | None:
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def _made() -> Account | None:
    useradd = shutil.which("useradd")
    if useradd is None:
        return None
    made = subprocess.run(
        [
            useradd,
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            NAME,
        ],
        capture_output=True,
        check=False,
    )
    return _ours() if made.returncode == 0 else None


def _nobody() -> Account:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise Trouble(
            "PostgreSQL refuses to run as root, and no other system user could be made.",
            "Run as a normal user, or set DATABASE_URL to a PostgreSQL that runs already.",
        ) from error
    return Account(entry.pw_uid, entry.pw_gid)


def give(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def open_way(account: Account | None, program: Path, folder: Path) -> None:
    """Let the account reach its program and its folder, which may lie below /root, say."""
    if account is None or (_can(account, "-x", program) and _can(account, "-d", folder / ".")):
        return
    for path in {*program.parents, *folder.parents, folder}:
        mode = path.stat().st_mode
        if not mode & 0o001:
            path.chmod(mode | 0o001)
            print(f"  {path} may now be passed through (o+x), for PostgreSQL's own system user")
    if not _can(account, "-x", program):
        _open_package(program.parents[2])


def _open_package(package: Path) -> None:
    """A strict umask leaves the wheel's files readable by root alone."""
    for folder in package.parent.glob(f"{package.name}*"):
        for path in [folder, *folder.rglob("*")]:
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | 0o044 | (0o011 if mode & 0o100 else 0))


def _can(account: Account, test: str, path: Path) -> bool:
    check = subprocess.run(
        ["test", test, str(path)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return check.returncode == 0
