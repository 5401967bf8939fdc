"""Worlds that tests start from: a small court tree, one person for every duty, cases at each stage.

Everything on a case is made by acts; only the directory is set up directly, the way an installation is.
"""

import pytest

from tests.world import World, make_world


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
