"""The timeline of a case (时间线): its events as sentences, newest first."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from directory.models import Duty
from enforcement.engine import act_named, all_acts
from enforcement.models import Case, Document, Event, Phase
from enforcement.queries import words

PAGE = 50


@dataclass
class Entry:
    """One event as the timeline shows it. ``tone`` is "in", "bad" or nothing."""

    seq: int
    at: datetime
    title: str
    text: str
    actor: str
    tone: str
    documents: list[Document]
    hash: str


@dataclass
class Timeline:
    """A page of entries; ``after`` is the sequence number the next page begins behind."""

    entries: list[Entry] = field(default_factory=list)
    after: int | None = None


def groups(case: Case) -> list[tuple[str, str]]:
    """Groups of acts the timeline of this case can be narrowed to: code and name."""
    done = set(case.events.order_by().values_list("act", flat=True).distinct())
    found = dict.fromkeys(act.group for act in all_acts() if act.group and act.code in done)
    return [(group, words.group_label(group)) for group in found]


def timeline(case: Case, *, group: str = "", after: int | None = None, since: int | None = None) -> Timeline:
    """Events of a visible case, newest first, 50 a page by keyset on the sequence number.

    ``since`` gives only what happened after that number: what a stale form has missed.
    """
    events = case.events.select_related("actor").prefetch_related("documents").order_by("-seq")
    if group:
        events = events.filter(act__in=[act.code for act in all_acts() if act.group == group])
    if after is not None:
        events = events.filter(seq__lt=after)
    if since is not None:
        events = events.filter(seq__gt=since)
    rows = list(events[: PAGE + 1])
    entries = [entry(event) for event in rows[:PAGE]]
    return Timeline(entries, entries[-1].seq if len(rows) > PAGE else None)


def entry(event: Event) -> Entry:
    """An event in words, in the language of the page."""
    title = words.act_title(event.act)
    return Entry(
        seq=event.seq,
        at=event.at,
        title=title,
        text=_text(event, title),
        actor=str(event.actor),
        tone=_tone(event),
        documents=list(event.documents.all()),
        hash=bytes(event.hash).hex(),
    )


def _text(event: Event, title: str) -> str:
    outcome: dict[str, Any] = event.outcome
    if event.phase == Phase.PROPOSED:
        return gettext("%(act)s: proposed; to be decided by: %(duty)s") % {
            "act": title,
            "duty": Duty(outcome["decider"]).label,
        }
    if event.phase == Phase.REJECTED:
        return gettext("%(act)s: not approved: %(reason)s") % {
            "act": title,
            "reason": outcome.get("reason", ""),
        }
    try:
        return words.sentence(act_named(event.act).summary, outcome) or title
    except KeyError:
        return title


def _tone(event: Event) -> str:
    if event.phase == Phase.REJECTED:
        return "bad"
    try:
        return act_named(event.act).tone if event.phase == Phase.DONE else ""
    except KeyError:
        return ""
