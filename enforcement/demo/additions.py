"""What upper rooms add to the demo once its cases are there."""

from collections.abc import Callable
from typing import Any

from directory.models import Person
from enforcement.demo.directory import SignIn

#: Called with the people by username, the demo's password and a way to say how far it is; gives further
#: sign-ins and client systems for ``var/demo.json``.
Addition = Callable[
    [dict[str, Person], str, Callable[[str], None]], tuple[list[SignIn], list[dict[str, Any]]]
]

additions: list[Addition] = []
