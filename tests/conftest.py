"""Worlds that tests start from: a small court tree, one person for every duty, cases at each stage.

Everything on a case is made by acts; only the directory is set up directly, the way an installation is.
"""

import os
import re
from collections.abc import Iterable
from typing import Any

import hypothesis
import pytest
from django.conf import settings as project_settings
from django.db.backends.postgresql.operations import DatabaseOperations
from xdist.scheduler import LoadScopeScheduling

from tests.world import World, make_world

# How long an example takes says something about the machine, not about the law.
hypothesis.settings.register_profile("zhixing", deadline=None, print_blob=True)
hypothesis.settings.load_profile("zhixing")
# Sentences in tests are the texts of the code; what catalogues make of them has tests of its own.
project_settings.LANGUAGE_CODE = "en"

# Processes of a parallel run share the server, and some tests empty their cache: each has one of its own.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
project_settings.CACHES["default"]["LOCATION"] = (
    re.sub(r"/\d*$", "", project_settings.REDIS_URL) + f"/{2 + WORKER}"
)

FAULTS, BROWSER = "tests/faults/", "tests/browser/"
_flush = DatabaseOperations.execute_sql_flush


def _flush_past_the_guards(self: Any, statements: Iterable[str]) -> None:
    """Between tests that commit, tables are emptied; append-only tables refuse that to everybody else."""
    _flush(
        self,
        ["SET session_replication_role = replica;", *statements, "SET session_replication_role = DEFAULT;"],
    )


DatabaseOperations.execute_sql_flush = _flush_past_the_guards  # type: ignore[method-assign,assignment]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="DIR", help="keep a picture of every page that is opened")


class _FaultsTogether(LoadScopeScheduling):
    """Tests that start and kill servers run in one process, one after another; others wherever there is room.

    xdist's own groups (``xdist_group``) are lost with pytest 9, which no longer reads the changed id.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(BROWSER):
            # A module's world and web server are set up once, by the process that runs the module.
            return nodeid.partition("::")[0]
        return FAULTS if nodeid.startswith(FAULTS) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    return _FaultsTogether(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(autouse=True)
def _cheap_passwords(settings):
    """A world has a dozen people; Argon2 would take longer over their passwords than the test takes."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_look_at_corrected_texts(settings):
    """A page counts its own queries, not the one that looks for corrected texts every ten seconds."""
    settings.TRANSLATION_CHECK_SECONDS = 0


@pytest.fixture(autouse=True)
def _files_of_their_own(settings, tmp_path):
    """Files a test keeps go with it."""
    settings.MEDIA_ROOT = tmp_path / "kept"


@pytest.fixture
def world(db) -> World:
    """High court, one intermediate, two basic courts; a person for every duty at the first basic court."""
    return make_world()


@pytest.fixture
def filed(world):
    """A case on file, waiting to be assigned."""
    return world.file_case()


@pytest.fixture
def case(world):
    """A case assigned to the world's implementer; no notice issued yet."""
    return world.assigned_case()
