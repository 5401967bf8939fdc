"""PostgreSQL and Valkey on this machine, without installing either: for the demo, tests and bench.

    with Postgres(folder) as postgres, Valkey(folder) as valkey:
        connect(postgres.url("zhixing")); Redis.from_url(valkey.url)

Both can also be stopped, killed and started again on the same data and the same address, which is
what the fault tests do. PostgreSQL listens on a socket in a folder that only its user and root may
enter; Valkey on a loopback port with a password of its own. Start servers from a thread that lives as
long as they do: the kernel stops them when it ends, so that nothing is left behind after `kill -9`.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote

from launcher.console import Problem, signals
from launcher.processes import signal_group, spawn, stop, tail
from launcher.programs import (
    let_read,
    let_through,
    major_version,
    postgres_programs,
    postgres_user,
    valkey_program,
)

OWNER = "zhixing"
_LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes


@dataclass
class Postgres:
    """One PostgreSQL server on `folder`/postgres.

    `durable=False` (tests only) trades safety at a power cut for speed. `settings` are
    postgresql.conf values; `logs` is where postgres.log goes (default: beside the data).
    """

    folder: Path
    durable: bool = True
    databases: Sequence[str] = (OWNER,)
    settings: dict[str, str] = field(default_factory=dict)
    logs: Path | None = None
    process: subprocess.Popen[str] | None = field(default=None, init=False, repr=False)
    _sockets: Path | None = field(default=None, init=False, repr=False)

    @property
    def data(self) -> Path:
        return self.folder / "postgres"

    @property
    def log(self) -> Path:
        return (self.logs or self.folder) / "postgres.log"

    @property
    def sockets(self) -> Path:
        """Where the socket is: the data folder, unless its path is longer than the kernel allows."""
        if self._sockets is None:
            self._sockets = self.data
            if len(os.fsencode(self.data / ".s.PGSQL.5432.lock")) > _LONGEST_SOCKET_PATH:
                short = "/tmp"  # nosec B108  # mkdtemp makes a folder that only its owner may enter
                self._sockets = Path(tempfile.mkdtemp(prefix="zhixing-pg-", dir=short))
                if user := postgres_user():
                    os.chown(self._sockets, user.pw_uid, user.pw_gid)
        return self._sockets

    def url(self, database: str = OWNER) -> str:
        """For DATABASE_URL, psql and psycopg alike."""
        return f"postgresql://{OWNER}@/{database}?host={quote(str(self.sockets), safe='')}"

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> Self:
        programs = postgres_programs(self.data)
        user = postgres_user()
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        if user:
            let_read(programs, user)
            let_through(self.data)
            if self.data.stat().st_uid != user.pw_uid:
                _give(self.data, user)
        if not (self.data / "PG_VERSION").exists():
            self._create(programs, user)
        self._wait_for_predecessor()
        self._launch(programs, user)
        for name in self.databases:
            self._ensure_database(programs, name)
        return self

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything is written."""
        if self.process is not None:
            stop(self.process, number=signal.SIGINT, patience=30)
            self.process = None
        if self._sockets is not None and self._sockets != self.data:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    def crash(self) -> None:
        """As at a power cut (`kill -9` of every process); the next start recovers from the log."""
        if self.process is not None:
            # Back-ends lead sessions of their own, so the process group alone isn't enough.
            back_ends = _children(self.process.pid)
            signal_group(self.process, signal.SIGKILL)
            for pid in back_ends:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            # As long as one lives it holds the shared memory, and the next start would be refused.
            until = time.monotonic() + 10
            while any(_alive(pid) for pid in back_ends) and time.monotonic() < until:
                time.sleep(0.02)

    def restart(self) -> Self:
        if self.process is not None:
            stop(self.process, number=signal.SIGINT, patience=30)
            self.process = None
        return self.start()

    def sql(self, statement: str, database: str = "postgres") -> str:
        """One statement as the owner through psql; the answer as unaligned text."""
        return self._psql(postgres_programs(self.data), statement, database)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _create(self, programs: Path, user: pwd.struct_passwd | None) -> None:
        # A half-made data folder (interrupted initdb) has no PG_VERSION or isn't complete: start clean.
        for leftover in self.data.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        # C.UTF-8: exists everywhere, sorts by code point, and knows Chinese and Tibetan letters as
        # letters, without which pg_trgm would find no trigrams in them.
        locale = ["--locale=C.UTF-8"]
        if major_version(programs) >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = ["-U", OWNER, "--auth=trust", "--encoding=UTF8", *locale, "--data-checksums"]
        if not self.durable:
            options.append("--no-sync")
        command: list[str | Path] = [programs / "initdb", "-D", self.data, *options]
        try:
            with signals.held():
                self.process = self._spawn(command, user)
            if self.process.wait(timeout=120) != 0:
                end = f"{self.log} ends with:\n{tail(self.log)}"
                raise Problem(f"PostgreSQL's data folder could not be made. {end}")
        except BaseException:
            self.stop()
            shutil.rmtree(self.data, ignore_errors=True)
            raise

    def _wait_for_predecessor(self) -> None:
        """A server whose launcher was killed is on its way out; let it finish."""
        pid_file = self.data / "postmaster.pid"
        until = time.monotonic() + 20
        while pid_file.exists():
            pid = int(pid_file.read_text().split("\n", 1)[0] or 0)
            command_line = Path(f"/proc/{pid}/cmdline")
            if not command_line.exists() or str(self.data) not in command_line.read_text():
                pid_file.unlink(missing_ok=True)  # after a crash: its number may be another's by now
                return
            if time.monotonic() > until:
                raise Problem(f"A PostgreSQL (process {pid}) still uses {self.data}. Stop it: kill {pid}")
            time.sleep(0.1)

    def _launch(self, programs: Path, user: pwd.struct_passwd | None) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "120",
            "shared_buffers": "256MB",
            "max_wal_size": "2GB",
            "random_page_cost": "1.1",
            "timezone": "Asia/Shanghai",
            "log_timezone": "Asia/Shanghai",
            "log_line_prefix": "%m [%p] ",
            "jit": "off",  # short queries only: compiling them costs more than it saves
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings |= self.settings
        command: list[str | Path] = [programs / "postgres", "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with signals.held():
            self.process = self._spawn(command, user)
        pid_file = self.data / "postmaster.pid"
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                if pid_file.read_text().rstrip().endswith("ready"):
                    return
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise Problem(f"PostgreSQL did not start. {self.log} ends with:\n{tail(self.log)}")
            time.sleep(0.02)

    def _spawn(self, command: Sequence[str | Path], user: pwd.struct_passwd | None) -> subprocess.Popen[str]:
        return spawn(
            command,
            self.log,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            cwd=self.data,
            env=_plain_environment(),
            at_parent_death=signal.SIGINT,
        )

    def _psql(self, programs: Path, statement: str, database: str) -> str:
        options = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, self.url(database)]
        answer = subprocess.run(
            [programs / "psql", *options],
            capture_output=True, text=True, check=False, env=_plain_environment(),
        )  # fmt: skip
        if answer.returncode != 0:
            raise Problem(f"PostgreSQL refused {statement!r}: {answer.stderr.strip()}")
        return answer.stdout.strip()

    def _ensure_database(self, programs: Path, name: str) -> None:
        known = self._psql(programs, "SELECT datname FROM pg_database", "postgres").split("\n")
        if name not in known:
            self._psql(programs, f'CREATE DATABASE "{name}"', "postgres")


@dataclass
class Valkey:
    """One Valkey server without persistence; it may be lost at any moment, and refuses rather than evicts."""

    folder: Path
    logs: Path | None = None
    port: int = 0
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    process: subprocess.Popen[str] | None = field(default=None, init=False, repr=False)

    @property
    def log(self) -> Path:
        return (self.logs or self.folder) / "valkey.log"

    @property
    def url(self) -> str:
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> Self:
        """On the port it had before, if it had one."""
        program = valkey_program()
        self.folder.mkdir(parents=True, exist_ok=True)
        attempts = 1 if self.port else 5  # a free port may be taken between finding and using it
        for _ in range(attempts):
            port = self.port or free_port()
            if self._launch(program, port):
                self.port = port
                return self
        raise Problem(f"Valkey did not start. {self.log} ends with:\n{tail(self.log)}")

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process, patience=5)
            self.process = None

    def crash(self) -> None:
        if self.process is not None:
            signal_group(self.process, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def restart(self) -> Self:
        """Empty, on the same address."""
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _launch(self, program: Path, port: int) -> bool:
        # Through standard input: the password is neither on the command line nor in a file.
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {self.password}",
            'save ""',
            "appendonly no",
            "maxmemory-policy noeviction",
            "daemonize no",
            f'dir "{self.folder}"',
        ]
        configuration = "\n".join(lines) + "\n"
        with signals.held():
            self.process = spawn([program, "-"], self.log, stdin=configuration, env=_plain_environment())
        until = time.monotonic() + 15
        while self.process.poll() is None and time.monotonic() < until:
            if _answers(port, self.password):
                return True
            time.sleep(0.02)
        self.stop()
        return False


def _plain_environment() -> dict[str, str]:
    """Without PG… and LD_… values of the caller's shell, which would bend the server or psql."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LD_"))}
    return kept | {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}


def _give(folder: Path, user: pwd.struct_passwd) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _answers(port: int, password: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        answer = b""
        while answer.count(b"\r\n") < 2:
            piece = connection.recv(256)
            if not piece:
                break
            answer += piece
        return answer == b"+OK\r\n+PONG\r\n"
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def temporary_folder(prefix: str = "zhixing-") -> Iterator[Path]:
    """A folder for servers that is gone afterwards, also when PostgreSQL's user owns what is in it."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
