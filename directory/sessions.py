"""Sessions: sealed in their rows, ended with the duties of their person, under a new key after each proof."""

import json
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from directory.models import Person
from directory.sealing import seal, unseal

# A session's row is named by its key, which its own content doesn't know.
PLACE: dict[str, Any] = {"table": "django_session", "column": "session_data", "row": UUID(int=0)}


class SealedJSON:
    """Content of a session as its row keeps it. A form that waits for a second factor stands in there with
    all that was typed, identity numbers too."""

    def dumps(self, content: Any) -> bytes:
        return seal(json.dumps(content, separators=(",", ":")), **PLACE)

    def loads(self, sealed: bytes) -> Any:
        """Raises ``SealBroken``, which makes it an empty session."""
        return json.loads(unseal(sealed, **PLACE))


def end_sessions(person: Person) -> int:
    """Sign the person out wherever they are signed in; how many sessions that were."""
    sessions = list(UserSession.objects.filter(user=person))
    for session in sessions:
        session.end()
    return len(sessions)


def new_key(request: HttpRequest) -> None:
    """Go on under a new key; whoever knows the old one has nothing."""
    old = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)
