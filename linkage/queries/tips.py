"""Tips (线索): the command centre's board, the ticket, and what whoever reported may ask."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F

from directory.models import Court, Duty, DutyHolding, Person
from enforcement.engine import OutOfSight
from enforcement.models import Notice
from enforcement.queries import readers
from law import clock
from linkage.acts.tip_handling import on_duty
from linkage.acts.tips import claim_index
from linkage.models import DutyTeam, Tip, TipChannel, TipMessage, TipState
from linkage.nearness import by_nearness, distance

PAGE = 50
WARN_BATCH = 200
#: Wrong PINs after which a code answers no more; the court is asked then.
MOST_WRONG_PINS = 10
SEES_BOARD = (Duty.COMMAND, Duty.IMPLEMENTER, Duty.FILING_CLERK, Duty.PRESIDENT)
MOST_AN_HOUR = 200  # tips by the public page, for one court


@dataclass
class Board:
    """``tips`` are all of the court for its command centre and president, else those the person's team was
    sent for."""

    court: Court
    tips: list[Tip]
    closed: list[Tip]
    teams: list[DutyTeam]
    later: list[DutyTeam]
    commands: bool
    may_record: bool
    overdue: int


def board(person: Person) -> Board:
    """Tips and teams on duty. Raises ``OutOfSight`` for who has nothing to do with them."""
    court = person.court
    if court is None or not any(person.holds(duty, court.pk) for duty in SEES_BOARD):
        raise OutOfSight
    commands = person.holds(Duty.COMMAND, court.pk)
    rows = Tip.objects.select_related("team__leader", "team__court", "court")
    every = commands or person.holds(Duty.PRESIDENT, court.pk)
    rows = rows.filter(court=court) if every else rows.filter(team__people=person)
    tips = list(rows.exclude(state=TipState.CLOSED).order_by("due_at")[:PAGE])
    # A team sees a ticket until it is closed.
    closed = list(rows.filter(state=TipState.CLOSED).order_by("-closed_at")[:PAGE]) if every else []
    now = clock.now()
    teams = DutyTeam.objects.select_related("leader", "court").prefetch_related("people")
    return Board(
        court,
        tips,
        closed,
        list(teams.filter(court=court, begins_at__lte=now, ends_at__gt=now)),
        list(teams.filter(court=court, begins_at__gt=now)),
        commands,
        commands or person.holds(Duty.FILING_CLERK, court.pk),
        sum(one.due_at is not None and one.due_at < now for one in tips),
    )


@dataclass
class Near:
    team: DutyTeam
    distance: int


@dataclass
class Ticket:
    tip: Tip
    messages: list[TipMessage]
    near: list[Near]
    commands: bool
    in_team: bool
    may_allow: bool
    is_late: bool


def ticket(person: Person, uid: Any) -> Ticket:
    """A ticket: for the command centre all but who reported; for the team that was sent, what it must know.

    Reading it is written down. Raises ``OutOfSight`` for everybody else, the officer of the case included.
    """
    tip = (
        Tip.objects.select_related("court__parent__parent", "team__leader", "team__court", "case")
        .filter(uid=uid)
        .first()
    )
    if tip is None:
        raise OutOfSight
    commands = person.holds(Duty.COMMAND, tip.court_id)
    in_team = tip.is_open and tip.team is not None and tip.team.people.filter(pk=person.pk).exists()
    allows = person.holds(Duty.PRESIDENT, tip.court_id)
    if not (commands or in_team or allows):
        raise OutOfSight
    readers.note(person, "tip", purpose=tip.number)
    now = clock.now()
    teams = by_nearness(tip.division, on_duty(tip.court, now)) if commands and tip.is_open else []
    return Ticket(
        tip,
        list(tip.messages.all()) if commands else [],
        [Near(team, distance(tip.division, team.court.division_code)) for team in teams],
        commands,
        in_team,
        allows,
        tip.due_at is not None and tip.due_at < now,
    )


# --- the public -----------------------------------------------------------------------------------------
def court_of_area(code: str) -> Court:
    """The court whose page it is or that was chosen. Raises ``OutOfSight``."""
    court = Court.objects.filter(code=code).select_related("parent__parent").first()
    if court is None:
        raise OutOfSight
    return court


def courts() -> dict[str, str]:
    """All courts, by code: basic ones first, because they are the nearest."""
    rows = sorted(Court.objects.all(), key=lambda one: (one.level != "basic", one.code))
    return {one.code: str(one) for one in rows}


def is_full(court: Court) -> bool:
    """Whether the public page brought a court more tips within an hour than people can have reported."""
    since = clock.now() - timedelta(hours=1)
    recent = Tip.objects.filter(court=court, channel=TipChannel.WEB, received_at__gte=since)
    return recent.count() >= MOST_AN_HOUR


def claimed(code: str, pin: str) -> Tip | None:
    """The tip of a claim code and its PIN; ``None`` if they do not belong together, or were tried too often.

    The same work is done for a code that does not exist, so that the answer's time tells nothing.
    """
    tip = Tip.objects.select_related("court").filter(claim_index=claim_index(code)).first()
    right = check_password(pin.strip(), tip.pin if tip is not None else _nobodys())
    if tip is None or tip.wrong_pins >= MOST_WRONG_PINS:
        return None
    if not right:
        Tip.objects.filter(pk=tip.pk).update(wrong_pins=F("wrong_pins") + 1)
        return None
    if tip.wrong_pins:
        Tip.objects.filter(pk=tip.pk).update(wrong_pins=0)
    return tip


@cache
def _nobodys() -> str:
    """A PIN nobody has, hashed like the others."""
    return make_password(secrets.token_hex())


# --- the clock ------------------------------------------------------------------------------------------
def warn_overdue() -> int:
    """Tell the command centres, of the court and of the one above, which tips are overdue; how many tips.

    Whoever takes a row notes it in the same statement, so two sweeps at once tell it once.
    """
    now = clock.now()
    late = Tip.objects.filter(due_at__lte=now, warned_at=None).exclude(state=TipState.CLOSED)
    told = 0
    for tip in late.select_related("court__parent").order_by("due_at")[:WARN_BATCH]:
        if not late.filter(pk=tip.pk).update(warned_at=now):
            continue
        courts = [tip.court_id, *([tip.court.parent_id] if tip.court.parent_id else [])]
        held = DutyHolding.objects.live().filter(court__in=courts, duty=Duty.COMMAND)
        people = Person.objects.filter(holdings__in=held, is_active=True, kind="human").distinct()
        params = {"number": tip.number, "rule": tip.rule}
        Notice.objects.bulk_create(
            Notice(person=one, code="tip.overdue", params=params, tone="bad", at=now) for one in people
        )
        told += 1
    return told
