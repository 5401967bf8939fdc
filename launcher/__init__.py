"""What ./zhixing does: set up, start, stop, test and measure the whole system on one machine.

Everything here is the standard library alone, because it runs before any package is installed.
`launcher.servers` is also for tests: it starts throw-away PostgreSQL and Valkey servers.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
LOGS = VAR / "log"
RUN = VAR / "run"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
