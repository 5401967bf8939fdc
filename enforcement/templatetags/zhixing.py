"""Template filters of the pages: words of the law, amounts, days. None asks the database."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from enforcement.models import Stage
from enforcement.queries import words
from enforcement.templatetags import pieces
from law import clock

register = template.Library()
register.filter("money", pieces.money)
register.filter("due", pieces.due)
register.filter("cite", words.citation)
register.filter("cites", words.citations)
register.filter("act_title", words.act_title)
register.filter("reading", words.reading)
register.filter("rule_name", words.rule_name)
register.filter("said", words.said)
register.filter("writ_title", words.writ_title)

TONES = {Stage.CLOSED: "", Stage.FILED: "amber"}
CHIPS = {
    "in-force": "green",
    "waiting": "",
    "released": "",
    "lapsed": "red",
    "served": "green",
    "sent": "amber",
    "failed": "red",
    "confirmed": "green",
    "ordered": "amber",
    "bounced": "red",
    "unidentified": "amber",
    "approved": "green",
    "open": "amber",
    "rejected": "red",
    "overdue": "red",
}


@register.filter
def stage_tone(stage: str) -> str:
    """The colour of a stage; its name always stands beside it."""
    return TONES.get(Stage(stage), "blue")


@register.filter
def tone(state: str) -> str:
    """The colour of a state of a row; its name always stands beside it."""
    return CHIPS.get(state, "")


@register.filter
def moment(at: datetime | None) -> str:
    """A moment: the time alone today, else month, day and time, with the year if it is another one."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    today = clock.today()
    if local.date() == today:
        return local.strftime("%H:%M")
    return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")


@register.filter
def day(on: date | None) -> str:
    """A day as numbers, which every language reads alike."""
    return on.isoformat() if on else "—"


@register.filter
def spoken_day(on: date) -> str:
    """The day as the desk's heading says it."""
    return _("%(year)d-%(month)02d-%(day)02d, %(weekday)s") % {
        "year": on.year,
        "month": on.month,
        "day": on.day,
        "weekday": weekday(on),
    }


def weekday(on: date) -> str:
    """The name of a day of the week."""
    names = [
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    ]
    return names[on.weekday()]


@register.filter
def masked(value: str) -> str:
    """A mask as it was stored; "—" where nothing is known."""
    return value or "—"


@register.filter
def share(amount: Any, of: Any) -> int:
    """``amount`` as a whole percentage of ``of``, between 0 and 100."""
    return max(0, min(100, int(amount * 100 / of))) if of else 0


@register.filter
def cell_of(mapping: Any, key: Any) -> Any:
    """An entry of a mapping."""
    return mapping.get(key)
