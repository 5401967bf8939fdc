from typing import Any

import pytest

from tests.linkage_world import Linked, linked


@pytest.fixture
def link(world: Any) -> Linked:
    """A world with agencies: two banks, one with a branch, and a land register."""
    return linked(world)
