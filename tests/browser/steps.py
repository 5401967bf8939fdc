"""What is typed into the forms of a case's way, for the tests of this folder."""

from datetime import timedelta
from typing import Any

from law import clock
from tests.world import return_of_service


def today() -> str:
    return clock.today().isoformat()


def days_ago(number: int) -> str:
    return (clock.today() - timedelta(days=number)).isoformat()


def filing(world: Any, **changes: Any) -> dict[str, str]:
    """A filing as flat names of the form; ``changes`` as of ``World.filing``."""
    data = world.filing(**changes)
    rows = {name: data.pop(name) for name in ("items", "parties")}
    for name, values in rows.items():
        for index, row in enumerate(values):
            data |= {f"{name}[{index}]{key}": value for key, value in row.items()}
    return {name: str(value) for name, value in data.items()}


def proof() -> dict[str, Any]:
    """A scanned return of service, as a file to pick."""
    file = return_of_service()
    return {"name": file.name, "mimeType": "application/pdf", "buffer": file.read()}
