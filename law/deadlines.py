"""Every clock of the procedure (期限): what starts it, how long it is, how it is counted, what follows.

The rules are those of ``data/deadlines.csv``; periods the law leaves open and this product sets itself stand
apart in ``data/product_deadlines.csv``, none of them verified.  :meth:`Rule.due` is a pure function of the
rule, the day it starts, the stretches during which it stands still, and the calendar; stored due dates can be
recomputed at any time, and must be when the arrangement of a year is published.
"""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from law import calendar as calendars
from law import clock, tibetan
from law.calendar import Calendar
from law.citations import CPL, CPL_INTERPRETATION, Citation, Instrument, instruments_named, parse_articles
from law.counting import (
    Counting,
    Direction,
    Span,
    Unit,
    add_hours,
    count_workdays,
    shift,
    stand_still,
)
from law.facts import MOST_DAYS, excluded_days_fact, is_count, start_fact
from law.money.errors import FactError
from law.steps import Step
from law.steps import mark as _

#: Ceilings on questioning a person who was brought in (解释482).  The text limits the *time of questioning*
#: and not a procedural period, so it is measured from the moment itself: counting from the next hour would
#: lengthen a restraint of liberty by up to an hour.
MEASURED_FROM_THE_MOMENT = frozenset({"inquiry.question.limit", "inquiry.question.limit-detention"})


class DeadlineError(ValueError):
    """A period that can not be counted: ``sentence`` says why, ``fact`` names the field that is wrong."""

    def __init__(
        self, sentence: str, params: Mapping[str, str] | None = None, *, fact: str = "start"
    ) -> None:
        self.sentence = Step(sentence, params or {})
        self.fact = fact
        super().__init__(str(self.sentence))


@dataclass(frozen=True)
class Due:
    """The end of a period.

    ``on`` is the last day, or, for rules in hours, ``at`` the last moment.  ``counted_to`` is the day before
    it was moved by days off, ``act_by`` the last workday on which a court can still act.  ``projected`` is
    true where the calendar of that year is not published yet: days off, and with them the due day of a rule
    that moves with them, may change.
    """

    rule: "Rule"
    start: date | datetime
    on: date | None = None
    at: datetime | None = None
    counted_to: date | None = None
    act_by: date | None = None
    projected: bool = False
    steps: tuple[Step, ...] = ()

    @property
    def day(self) -> date:
        """The legal day on which the period ends."""
        return self.on if self.on is not None else clock.legal_day(self._moment)

    @property
    def ends(self) -> datetime:
        """The first moment after the period."""
        return self._moment if self.on is None else clock.start_of(self.on + timedelta(days=1))

    def isoformat(self) -> str:
        """The day, or for rules in hours the moment in Beijing time."""
        return self.on.isoformat() if self.on is not None else self._moment.isoformat()

    @property
    def _moment(self) -> datetime:
        assert self.at is not None, "a due has a day or a moment"
        return self.at


@dataclass(frozen=True)
class Rule:
    """One row of the table of clocks."""

    code: str
    name_zh: str
    name_en: str
    trigger: str
    duration: int | None
    unit: Unit
    counting: Counting
    actor: str
    consequence: str
    instruments: tuple[Instrument, ...]
    citations: tuple[Citation, ...]
    source: str
    verified: bool
    phase: str
    remarks: str
    row: Mapping[str, str] = field(repr=False, compare=False, default_factory=dict)

    @property
    def set_by_order(self) -> bool:
        """Whether an order or agreement, and not the law, sets how long it is."""
        return self.duration is None

    @property
    def suspendable(self) -> bool:
        """Whether the rule names grounds on which it stands still (in ``counting.suspended_by``)."""
        return bool(self.counting.suspended_by)

    def name(self, language: str = "en") -> str:
        """The name in Chinese, Tibetan or English."""
        return tibetan.in_language(language, "deadlines", self.code, zh=self.name_zh, en=self.name_en)

    def due(
        self,
        start: date | datetime,
        *,
        calendar: Calendar | None = None,
        length: int | None = None,
        suspensions: Iterable[Span] = (),
        excluded_days: Collection[date] | int = (),
    ) -> Due:
        """When the period ends that ``start`` sets running.

        ``start`` is the day of the triggering event (for ``dir=before`` the event counted back from), or an
        aware moment, which rules in hours require.  ``length`` is in the rule's unit; it is required where an
        order sets it and replaces the statutory length elsewhere (a term shorter than its ceiling).
        ``suspensions`` are stretches of days, both inclusive, during which the period stands still; which
        events stop which rule is for the caller to say.  ``excluded_days`` are single days that do not count,
        or their number.

        A period counted back from an event, one in hours, and an immediate duty do not stand still:
        suspensions leave them as they are, and excluded days contradict them.
        """
        calendar = calendar or calendars.default()
        length = self._length(length)
        spans = _checked(suspensions)
        if excluded_days and (self.unit is Unit.HOUR or self.counting.direction is not Direction.AFTER):
            raise DeadlineError(
                _("Days can not be excluded from a period in hours or one counted back from an event."),
                fact="excluded_days",
            )
        if self.unit is Unit.HOUR:
            due = self._in_hours(start, length)
        else:
            day = clock.legal_day(start) if isinstance(start, datetime) else start
            try:
                due = self._in_days(day, length, spans, excluded_days, calendar)
            except (OverflowError, ValueError) as error:
                if isinstance(error, DeadlineError):
                    raise
                raise DeadlineError(
                    _("The period does not end within the years that can be reckoned.")
                ) from None
        if not self.verified:
            unseen = Step(_("The text this rule rests on was not seen; it is applied with that reservation."))
            due = replace(due, steps=(*due.steps, unseen))
        return due

    def _length(self, length: int | None) -> int:
        if length is None and self.duration is None:
            raise DeadlineError(
                _("%(rule)s has no length of its own: say how long the order or agreement makes it."),
                {"rule": self.name_en},
                fact="length",
            )
        if length is not None and length < 1:
            raise DeadlineError(_("A period is at least one day, month, year or hour long."), fact="length")
        return length if length is not None else self.duration or 0

    def _in_hours(self, start: date | datetime, length: int) -> Due:
        if not isinstance(start, datetime) or start.tzinfo is None:
            raise DeadlineError(_("A period in hours starts at a time: give the start with time and zone."))
        skips = self.counting.first_excluded and self.code not in MEASURED_FROM_THE_MOMENT
        try:
            at = add_hours(start, length, first_excluded=skips)
        except OverflowError:
            raise DeadlineError(_("The period does not end within the years that can be reckoned.")) from None
        template = (
            _("%(length)s hours from the hour after %(start)s end at %(end)s.")
            if skips
            else _("%(length)s hours from %(start)s end at %(end)s.")
        )
        begins = start.astimezone(clock.SHANGHAI)
        step = Step(template, {"length": str(length), "start": _minute(begins), "end": _minute(at)})
        return Due(rule=self, start=start, at=at, steps=(step,))

    def _in_days(
        self,
        start: date,
        length: int,
        spans: list[Span],
        excluded: Collection[date] | int,
        calendar: Calendar,
    ) -> Due:
        match self.counting.direction:
            case Direction.IMMEDIATE:
                counted = start
                steps = [
                    Step(
                        _("To be done at once, on %(start)s; the law gives no number of days."), _dates(start)
                    )
                ]
            case Direction.BEFORE:
                counted = shift(start, -length, self.unit, calendar) if length else start
                steps = [Step(_BEFORE[self.unit], {"length": str(length), **_dates(start, counted)})]
                if length == 0:
                    steps = [Step(_("To be done by %(start)s at the latest."), _dates(start))]
            case Direction.AFTER:
                counted, steps = self._forward(start, length, spans, excluded, calendar)
        on = calendar.next_workday(counted) if self.counting.roll else counted
        if on != counted:
            moved = _("%(end)s is a statutory day off; the first day after it is %(moved)s.")
            steps.append(Step(moved, {"end": counted.isoformat(), "moved": on.isoformat()}))
        projected = calendar.is_projected(on)
        if projected:
            steps.append(Step(_("The calendar of %(year)s is not published yet."), {"year": str(on.year)}))
        return Due(
            rule=self,
            start=start,
            on=on,
            counted_to=counted,
            act_by=calendar.previous_workday(on),
            projected=projected,
            steps=tuple(steps),
        )

    def _forward(
        self,
        start: date,
        length: int,
        spans: list[Span],
        excluded: Collection[date] | int,
        calendar: Calendar,
    ) -> tuple[date, list[Step]]:
        plain = shift(start, length, self.unit, calendar)
        steps = [Step(_AFTER[self.unit], {"length": str(length), **_dates(start, plain)})]
        number = excluded if isinstance(excluded, int) else 0
        if number < 0:
            raise DeadlineError(_("The number of excluded days can not be negative."), fact="excluded_days")
        if not isinstance(excluded, int):
            spans = [*spans, *((day, day) for day in excluded)]
        if self.unit is Unit.WORKING_DAY:
            end = count_workdays(start, length + number, spans, calendar=calendar)
        else:
            # The number is added before stretches are looked at: a longer period can reach a later stretch.
            longer = plain + timedelta(days=number)
            end = stand_still(start, longer, spans, calendar=calendar, roll=self.counting.roll)
        if end != plain:
            still = _("With the days on which it does not run it reaches %(end)s.")
            steps.append(Step(still, {"end": end.isoformat()}))
        return end, steps


_AFTER = {
    Unit.DAY: _("%(length)s days after %(start)s, that day not counted, end on %(end)s."),
    Unit.WORKING_DAY: _("%(length)s working days after %(start)s, that day not counted, end on %(end)s."),
    Unit.MONTH: _("%(length)s months after %(start)s end on the corresponding day, %(end)s."),
    Unit.YEAR: _("%(length)s years after %(start)s end on the corresponding day, %(end)s."),
}
_BEFORE = {
    Unit.DAY: _("%(length)s days before %(start)s, that day not counted: %(end)s; days off do not move it."),
    Unit.WORKING_DAY: _("%(length)s working days before %(start)s, that day not counted: %(end)s."),
    Unit.MONTH: _("%(length)s months before %(start)s: %(end)s; days off do not move it."),
    Unit.YEAR: _("%(length)s years before %(start)s: %(end)s; days off do not move it."),
}


def _dates(start: date, end: date | None = None) -> dict[str, str]:
    return {"start": start.isoformat()} | ({"end": end.isoformat()} if end else {})


def _minute(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _checked(suspensions: Iterable[Span]) -> list[Span]:
    spans = list(suspensions)
    for first, last in spans:
        if last < first:
            raise DeadlineError(
                _("A suspension can not end on %(last)s, before it begins on %(first)s."),
                {"first": first.isoformat(), "last": last.isoformat()},
                fact="suspensions",
            )
    return spans


def _read(row: dict[str, str], *, ours: bool = False) -> Rule:
    instruments = tuple(instruments_named(row["instrument"]))
    verified = row["verified"] == "yes"
    # The length of a rule of our own is a convention; the articles beside it were read all the same.
    citations = parse_articles(
        row["article"], of=instruments[0] if instruments else None, verified=verified or ours
    )
    return Rule(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        trigger=row["trigger_event"],
        duration=int(row["duration"]) if row["duration"] else None,
        unit=Unit(row["unit"]),
        counting=Counting.parse(row["counting_rule"]),
        actor=row["who_must_act"],
        consequence=row["consequence"],
        instruments=instruments,
        citations=tuple(citations),
        source=row["source"],
        verified=verified,
        phase=row["phase"],
        remarks=row["remarks"],
        row=row,
    )


@cache
def _rules() -> dict[str, Rule]:
    rules = {}
    for name, ours in (("deadlines.csv", False), ("product_deadlines.csv", True)):
        with (files("law") / "data" / name).open(encoding="utf-8") as table:
            rules.update({row["code"]: _read(row, ours=ours) for row in csv.DictReader(table)})
    return rules


def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the table."""
    return tuple(_rules().values())


def rule(code: str) -> Rule:
    """The rule of a code; ``KeyError`` if there is none."""
    try:
        return _rules()[code]
    except KeyError:
        raise KeyError(f"There is no deadline rule {code!r}.") from None


def basis(of: Rule) -> list[Citation]:
    """What a due date rests on: the rule's own articles, then those on counting."""
    counting = [] if of.counting.direction is Direction.IMMEDIATE else [CPL.art(85)]
    if counting and of.counting.direction is Direction.AFTER:
        counting.append(CPL_INTERPRETATION.art(125))
    return [*of.citations, *(each for each in counting if each not in of.citations)]


def deadline_calculator(facts: Mapping[str, Any], *, calendar: Calendar | None = None) -> dict[str, Any]:
    """The calculator ``deadline``: rule_code, start, excluded_days? give due, projected, steps, articles.

    ``excluded_days`` is a number of days or a list of dates.  ``length`` is asked for where an order sets it.
    Wrong or contradictory facts raise :class:`FactError` naming the field.
    """
    code = facts.get("rule_code")
    if not isinstance(code, str) or code not in _rules():
        raise FactError("rule_code", _("There is no deadline rule of this code."))
    chosen = rule(code)
    start = start_fact(facts.get("start"))
    length = facts.get("length")
    if length is not None and not is_count(length):
        raise FactError("length", _("The length is a whole number."))
    if length is not None and not 1 <= length <= MOST_DAYS:
        raise FactError("length", _("A period is at least one day, month, year or hour long."))
    excluded = excluded_days_fact(facts.get("excluded_days"))
    try:
        due = chosen.due(start, calendar=calendar, length=length, excluded_days=excluded)
    except DeadlineError as error:
        raise FactError(error.fact, error.sentence) from error
    return {
        "due": due.isoformat(),
        "projected": due.projected,
        "steps": list(due.steps),
        "articles": [citation.as_dict() for citation in basis(chosen)],
    }
