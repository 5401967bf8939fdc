"""Ending the sessions of a person whose duties changed, in the same transaction."""

from allauth.usersessions.models import UserSession

from directory.models import Person


def end_sessions(person: Person) -> int:
    """Sign the person out wherever they are signed in; how many sessions that were."""
    sessions = list(UserSession.objects.filter(user=person))
    for session in sessions:
        session.end()
    return len(sessions)
