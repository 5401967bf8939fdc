"""Keys of the demo: made at random on the first start, kept beside the data they open."""

import base64
import os
import secrets
from pathlib import Path

from launcher import VAR

FILE = VAR / "secrets.env"
# The settings refuse a value that holds this mark outside development.
_MARK = "demo-only-"


def fresh() -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {
        "SECRET_KEY": _MARK + secrets.token_urlsafe(48),
        "FIELD_KEYS": f"{_MARK}1:{key()}",
        "BLIND_INDEX_KEY": key(),
        "LINKAGE_SIGNING_KEY": f"{_MARK}1:{key()}",
    }


def of_the_demo(file: Path = FILE) -> dict[str, str]:
    """The demo's keys; a file from an older version is completed, never replaced."""
    known: dict[str, str] = {}
    if file.exists():
        lines = (line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
        known = {name.strip(): value.strip() for name, value in lines}
    keys = fresh() | known
    if keys != known:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.writelines(f"{name}={value}\n" for name, value in keys.items())
    return keys
