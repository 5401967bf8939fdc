"""What the reusable pieces of a page need: money, dates as people say them, a QR code.

Loaded by the partials with ``{% load pieces %}``; nothing here reads the database.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import segno
from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from law import clock

register = template.Library()

DAYS_SAID_RELATIVELY = 7


@register.filter
def money(amount: object) -> str:
    """Two decimals, thousands separators, a real minus sign; "—" for nothing. The same in every language."""
    if amount is None or amount == "":
        return "—"
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        return str(amount)
    if not value.is_finite():
        return str(amount)
    return f"{value:,.2f}".replace("-", "−")


@dataclass(frozen=True)
class Due:
    """A due date as a chip: what to show, how urgent (a tone of chip.html), and both forms for the title."""

    label: str
    tone: str
    title: str
    iso: str
    days: int


def _day(moment: date | datetime) -> date:
    if isinstance(moment, datetime):
        return (timezone.localtime(moment) if timezone.is_aware(moment) else moment).date()
    return moment


@register.filter
def due(on: date | datetime | str | None, today: date | None = None) -> Due | None:
    """``on`` as a due date: relative within a week, absolute beyond; overdue always in days.

    ``today`` is the legal day unless given (a case may be looked at as of another day).
    """
    if not on:
        return None
    day = date.fromisoformat(on[:10]) if isinstance(on, str) else _day(on)
    today = today or clock.today()
    days = (day - today).days
    absolute = day.strftime("%m-%d") if day.year == today.year else day.isoformat()
    if days < 0:
        relative = ngettext("overdue by %(days)d day", "overdue by %(days)d days", -days) % {"days": -days}
        label, tone = relative, "red"
    elif days == 0:
        label = relative = _("today")
        tone = "amber"
    elif days == 1:
        label = relative = _("tomorrow")
        tone = ""
    else:
        relative = ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
        label = relative if days <= DAYS_SAID_RELATIVELY else absolute
        tone = ""
    title = _("%(date)s, %(relative)s") % {"date": day.isoformat(), "relative": relative}
    return Due(label=label, tone=tone, title=title, iso=day.isoformat(), days=days)


@register.simple_tag
def due_chip(on: date | datetime | str | None, today: date | str | None = None) -> Due | None:
    """``due`` for templates in which ``today`` may be missing."""
    return due(on, today if isinstance(today, date) else None)


@dataclass(frozen=True)
class QrCode:
    side: int
    path: str


@register.simple_tag
def qr_code(content: str) -> QrCode:
    """``content`` as one SVG path: drawn in the page, because images from data: addresses are not allowed."""
    modules = [list(line) for line in segno.make(content, micro=False).matrix_iter(border=2)]
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, line in enumerate(modules) for x, dark in enumerate(line) if dark
    )
    return QrCode(side=len(modules), path=path)
