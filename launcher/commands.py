"""run, test, bench and manage: what each needs, in order."""

import contextlib
import fcntl
import http.client
import itertools
import json
import os
import shutil
import signal
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

from launcher import LOCK, LOGS, PYTHON, ROOT, RUN, VAR, environment, keys, system_packages
from launcher.console import Interrupted, Problem, plain, say, signals
from launcher.processes import COMPLAINT, MARK, Supervisor, attached, step, tail
from launcher.servers import Postgres, Valkey, port_is_free, temporary_folder

DEMO = VAR / "demo.json"
STATIC = VAR / "static"
CERTIFICATES = VAR / "certificates"
PID_FILE = RUN / "zhixing.pid"
ADDRESSES = RUN / "servers.json"
# There while the demo world is being made: found at a start, it means that the last one was cut short.
LOADING = RUN / "loading"
PREPARE_LOG = LOGS / "prepare.log"
# What --fresh forgets. Logs stay; so does what can be made again from the repository.
DATA = ("postgres", "files", "mail", "demo.json", "secrets.env", "certificates")
_LEAST_FREE_BYTES = 300_000_000


# --- one at a time ----------------------------------------------------------------------------
@contextlib.contextmanager
def only_one(what: str, url: str = "") -> Iterator[None]:
    """Hold var/run/zhixing.pid; refuse politely if another process does.

    The lock is the kernel's and goes with its holder, so a stale file locks nobody out.
    """
    RUN.mkdir(parents=True, exist_ok=True)
    with PID_FILE.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(_held_by(PID_FILE.read_text())) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n{what}\n{url}\n")
        file.flush()
        try:
            yield
        finally:
            ADDRESSES.unlink(missing_ok=True)
            file.truncate(0)


def _held_by(note: str) -> str:
    pid, what, url, *_ = [*note.split("\n"), "", "", ""]
    return (
        f"Zhixing is already at work in this folder ({what or './zhixing'}, process {pid or 'unknown'}"
        f"{', ' + url if url else ''}).\nUse that one, or stop it first with Ctrl-C in its window"
        f"{f', or with: kill {pid}' if pid else ''}"
    )


# --- the servers and the environment of the other processes -----------------------------------
def _base_environment() -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ZHIXING_DEV": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
    }


@contextlib.contextmanager
def _servers(folder: Path, logs: Path, *, durable: bool = True) -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL: those of the caller's environment, else of servers started here."""
    addresses: dict[str, str] = {}
    stack = contextlib.ExitStack()
    try:
        if "DATABASE_URL" not in os.environ:
            postgres = Postgres(folder, durable=durable, logs=logs)
            stack.callback(postgres.stop)
            addresses["DATABASE_URL"] = postgres.start().url()
        if "REDIS_URL" not in os.environ:
            valkey = Valkey(folder / "valkey", logs=logs)
            stack.callback(valkey.stop)
            addresses["REDIS_URL"] = valkey.start().url
        yield addresses
    finally:
        signals.shut()
        stack.close()


def _prepare(env: dict[str, str], static: Path, *options: str, log: Path = PREPARE_LOG) -> None:
    """Catalogues and static files, and with more options the database (see launcher/prepare.py)."""
    command: list[str | Path] = [PYTHON, "-m", "launcher.prepare", "--static", static, *options]

    def migrated(text: str) -> str:
        migrating = "Applying" in text and f"{MARK}loading" not in text
        return f"{text.count('... OK')} migrations done" if migrating else ""

    status = step(command, log, "still preparing", env=env, progress=migrated)
    if status == 0:
        return
    said = [line for line in log.read_text().splitlines() if line.startswith(COMPLAINT)]
    if said:
        where = "Check DATABASE_URL." if "DATABASE_URL" in os.environ else f"See {LOGS / 'postgres.log'}."
        raise Problem(f"{said[-1].removeprefix(COMPLAINT)}\n{where}")
    raise Problem(f"Preparing failed. {log} ends with:\n{tail(log, 25)}")


# --- ./zhixing run ----------------------------------------------------------------------------
def run(port: int, *, fresh: bool = False, cases: int | None = None) -> int:
    url = f"http://127.0.0.1:{port}"
    with only_one("./zhixing run", url):
        if not port_is_free(port):
            other = f"./zhixing run --port {port + 1}"
            raise Problem(f"Port {port} is in use by another program. Choose another: {other}")
        if fresh:
            _forget()
            say("the data in var/ is gone; starting over")
        elif LOADING.exists() and "DATABASE_URL" not in os.environ:
            _forget()
            say("the last start was cut short while it made the demo world; starting over")
        environment.ensure()
        say(f"Python {environment.python_version()}, packages as in {LOCK.name}")
        system_packages.ensure()
        if shutil.disk_usage(ROOT).free < _LEAST_FREE_BYTES:
            raise Problem(f"The disk of {ROOT} is nearly full (under 0.3 GB). Make room and start again.")
        env = keys.of_the_demo() | _base_environment()
        env |= {"BASE_URL": url, "ZHIXING_BIND": f"127.0.0.1:{port}", "STATIC_ROOT": str(STATIC)}
        env.setdefault("COURT_CERTIFICATES", str(CERTIFICATES))
        supervisor = Supervisor(env, LOGS)
        try:
            with _servers(VAR, LOGS) as addresses:
                env |= addresses
                _note_addresses({name: env[name] for name in ("DATABASE_URL", "REDIS_URL", "BASE_URL")})
                given = [name for name in ("DATABASE_URL", "REDIS_URL") if name not in addresses]
                say(f"the servers are up{' (as given: ' + ', '.join(given) + ')' if given else ''}")
                demo = ["--migrate", "--demo", str(DEMO), "--url", url]
                if not DEMO.exists():
                    LOADING.touch()
                _prepare(env, STATIC, *demo, *(["--cases", str(cases)] if cases is not None else []))
                LOADING.unlink(missing_ok=True)
                try:
                    _start(supervisor, port)
                    _start_agencies(supervisor, url)
                    _welcome(url)
                    while True:
                        supervisor.check()
                        time.sleep(0.5)
                finally:
                    signals.shut()
                    plain("")
                    say("stopping: the processes first, then the servers")
                    supervisor.stop()
        except Interrupted as interrupted:
            if interrupted.number == signal.SIGHUP:
                raise
        say("stopped; nothing is left running, the data stays in var/")
        return 0


def _start(supervisor: Supervisor, port: int) -> None:
    """The web first and alone: all at once, each would wait for the others' turn on a small machine."""
    say("starting the web server")
    celery: list[str | Path] = [PYTHON, "-m", "celery", "-A", "config"]
    worker = [*celery, "worker", "-c", "1", "-l", "INFO", "--without-gossip", "--without-mingle"]
    supervisor.start("web", [PYTHON, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application"])
    _wait_until_it_answers(supervisor, port)
    say("starting two workers and beat")
    supervisor.start("worker-one", [*worker, "-Q", "deliver,link,sweep,celery", "-n", "one@%h"])
    supervisor.start("worker-two", [*worker, "-Q", "render,link,celery,sweep", "-n", "two@%h"])
    supervisor.start("beat", [*celery, "beat", "-l", "INFO", "-s", RUN / "beat-schedule", "--pidfile="])


def _start_agencies(supervisor: Supervisor, url: str) -> None:
    """In the demo some agencies answer by themselves, after a while, so that answers are seen to come in."""
    try:
        clients = json.loads(DEMO.read_text(encoding="utf-8")).get("api_clients", [])
    except (OSError, ValueError):
        return
    if any(client.get("simulated") for client in clients):
        say("starting the agencies that answer by themselves")
        command: list[str | Path] = [PYTHON, "manage.py", "agency_simulator", "--clients", DEMO, "--url", url]
        supervisor.start("agencies", [*command, "--least-delay", "15", "--most-delay", "60"])


def _wait_until_it_answers(supervisor: Supervisor, port: int, patience: float = 90) -> None:
    until = time.monotonic() + patience
    answer = "nothing yet"
    while time.monotonic() < until:
        supervisor.check()
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            try:
                connection.request("GET", "/healthz")
                response = connection.getresponse()
                answer = f"{response.status} {response.reason}"
                if response.status == 200:
                    return
            finally:
                connection.close()
        time.sleep(0.1)
    log = LOGS / "web.log"
    raise Problem(f"The web server did not become healthy ({answer}). {log} ends with:\n{tail(log)}")


def _forget() -> None:
    if "DATABASE_URL" in os.environ:
        raise Problem("--fresh doesn't empty the database of DATABASE_URL. Empty it there, then start again.")
    for name in DATA:
        path = VAR / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for path in RUN.glob("beat-schedule*"):
        path.unlink()
    LOADING.unlink(missing_ok=True)


def _note_addresses(addresses: dict[str, str]) -> None:
    """For `./zhixing manage` in another window. The addresses hold a password: for this user's eyes only."""
    descriptor = os.open(ADDRESSES, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(addresses, out)


def _welcome(url: str) -> None:
    try:
        text = DEMO.read_text(encoding="utf-8")
        demo = json.loads(text)
        if demo["url"] != url:  # another port than the one the world was made on
            DEMO.write_text(text.replace(f'"{demo["url"]}', f'"{url}'), encoding="utf-8")
    except (OSError, ValueError, KeyError):
        demo = {}
    say("ready")
    plain(f"\n    {url}\n")
    users = demo.get("users", [])
    if users:
        _sign_ins(users)
        plain(f"    With roles, and for programs: {DEMO.relative_to(ROOT)}")
    plain("    Stop with Ctrl-C. Logs: var/log/\n")


def _sign_ins(users: list[dict[str, str]]) -> None:
    """Who may sign in, place by place; the password once if it is everybody's."""
    passwords = {user["password"] for user in users}
    if len(passwords) == 1:
        plain(f"    Everybody's password: {passwords.pop()}\n")
    for court, people in itertools.groupby(users, key=lambda user: user.get("court", "")):
        names = [
            user["username"] if not passwords else f"{user['username']} ({user['password']})"
            for user in people
        ]
        plain(f"    {court}")
        plain(textwrap.indent(textwrap.fill("  ".join(names), 100, break_on_hyphens=False), " " * 8))
    plain("")


# --- ./zhixing test ---------------------------------------------------------------------------
def test(arguments: list[str]) -> int:
    environment.ensure()
    system_packages.ensure(system_packages.TEST)
    chromium = system_packages.ensure_browser()
    static = VAR / "test" / "static"
    with temporary_folder("zhixing-test-") as folder:
        env = _base_environment() | keys.fresh()
        env |= {
            "MEDIA_ROOT": str(folder / "files"),
            "STATIC_ROOT": str(static),
            "ZHIXING_TEST_SERVERS": str(folder),
            "ZHIXING_CHROMIUM": chromium,
        }
        with _servers(folder, folder, durable=False) as addresses:
            env |= addresses
            _prepare(env, static, log=LOGS / "test-prepare.log")
            return attached([PYTHON, "-m", "pytest", *_in_parallel(arguments), *arguments], env)


def _in_parallel(arguments: list[str]) -> list[str]:
    """Two processes, unless the caller says how many or wants to talk to the test.

    Tests of one group (those that kill servers) stay in one process, one after another.
    """
    own = ("-n", "--numprocesses", "--pdb", "--trace", "-s", "--capture=no", "--collect-only", "--co")
    chosen = any(argument.startswith(own) for argument in arguments)
    return [] if chosen else ["-n", "2", "--dist", "loadgroup"]


# --- ./zhixing bench --------------------------------------------------------------------------
def bench(arguments: list[str]) -> int:
    """On servers of its own, with PostgreSQL as safe as in production: figures without fsync mean nothing.

    Standard output belongs to the figures alone, one JSON object a line.
    """
    with contextlib.redirect_stdout(sys.stderr), temporary_folder("zhixing-bench-") as folder:
        environment.ensure()
        system_packages.ensure()
        static = folder / "static"
        env = _base_environment() | keys.fresh()
        env |= {"MEDIA_ROOT": str(folder / "files"), "STATIC_ROOT": str(static)}
        with _servers(folder, folder) as addresses:
            env |= addresses
            _prepare(env, static, log=folder / "prepare.log")
            return attached([PYTHON, "-m", "bench", *arguments], env)


# --- ./zhixing manage -------------------------------------------------------------------------
def manage(arguments: list[str]) -> int:
    """manage.py with the demo's keys, and its servers: the running ones, or started for this command."""
    # Standard output belongs to the command alone (dumpdata and others are piped).
    with contextlib.redirect_stdout(sys.stderr):
        environment.ensure()
        env = keys.of_the_demo() | _base_environment() | {"STATIC_ROOT": str(STATIC)}
        env.setdefault("COURT_CERTIFICATES", str(CERTIFICATES))
        command: list[str | Path] = [PYTHON, "manage.py", *arguments]
        if {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
            return attached(command, env)
        running = _running_addresses()
        if running:
            return attached(command, running | env)
        what = " ".join(["./zhixing manage", *arguments[:1]])
        with only_one(what), _servers(VAR, LOGS) as addresses:
            return attached(command, env | addresses)


def _running_addresses() -> dict[str, str]:
    """Where the servers of a running `./zhixing run` are; nothing if none runs."""
    try:
        with PID_FILE.open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                addresses: dict[str, str] = json.loads(ADDRESSES.read_text())
                return addresses
    except (OSError, ValueError):
        pass
    return {}
