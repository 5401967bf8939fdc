"""Every test here starts real servers and kills them; one after another (``tests/conftest.py``)."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from launcher import ROOT
from launcher.servers import Postgres, Valkey, temporary_folder
from tests.faults.installation import Installation
from tests.faults.mailbox import Mailbox
from tests.world import World, make_world

NUMBERS = count(1)
HERE = Path(__file__).parent
# A killed server loses nothing that the kernel has: no need to wait for the disk, only for the kernel.
SERVER = {"shared_buffers": "64MB", "max_connections": "60", "synchronous_commit": "on"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def servers(django_db_blocker: Any) -> Iterator[Installation]:
    """PostgreSQL with a migrated database and a world in it, Valkey, and a mail server."""
    with (
        temporary_folder("zhixing-faults-") as folder,
        Postgres(folder, durable=False, settings=SERVER) as postgres,
        Valkey(folder / "valkey") as valkey,
        Mailbox() as mailbox,
    ):
        place = Installation(folder, postgres, valkey, mailbox)
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT, env=place.environment(), check=True,
        )  # fmt: skip
        with django_db_blocker.unblock(), place.entered():
            implementer = make_world().people["implementer"]
            implementer.email = "implementer@court.example"
            implementer.save(update_fields=["email"])
        yield place
        postgres.crash()  # nobody needs what is in it


@pytest.fixture
def place(
    servers: Installation, request: pytest.FixtureRequest, django_db_blocker: Any
) -> Iterator[Installation]:
    """An installation with the world in its database and no worker yet."""
    name = f"{next(NUMBERS)}-{request.node.originalname}"[:60]
    servers.mailbox.kept.clear()
    servers.mailbox.go_on()
    with django_db_blocker.unblock(), servers.copy(name) as copied:
        yield copied


@pytest.fixture
def world(place: Installation) -> World:
    """The installation's world."""
    return place.world()
