"""What people are told on their desks (通知), as sentences. Acts name a notice by a code of this table."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from directory.models import Person
from enforcement.models import Case, Notice
from enforcement.queries import words
from law import clock

PAGE = 50
# %(name)s are the parameters given to ``effects.notify``; %(act)s is shown as the title of the act.
SENTENCES = {
    "proposal.approved": _("Approved: %(act)s"),
    "proposal.rejected": _("Not approved: %(act)s"),
    "case.assigned": _("Assigned to you"),
    "case.reassigned": _("Given to another officer"),
    "case.recused": _("You are recused from this case"),
    "case.granted": _("You may read this case until %(until)s"),
    "deadline.moved": _("The calendar changed, now due %(due)s: %(rule)s"),
    "party.account-changed": _("Payee account of %(party)s changed to %(masked)s"),
    "deadline.soon": _("Due on %(due)s: %(rule)s"),
    "deadline.due": _("Due: %(rule)s"),
    "deadline.overdue": _("Overdue: %(rule)s"),
    "document.failed": _("A document could not be made: %(writ)s"),
    "message.parked": _("A message could not be delivered to %(recipient)s; somebody must look."),
    "job.done": _("Finished: %(act)s, %(done)s done, %(failed)s not"),
    "measure.excess": _("Measures go beyond the claim by %(amount)s; release the excess"),
    "measure.lapsed": _("Lapsed without renewal: the measure on %(asset)s"),
    "measure.may-move-up": _("The measure before yours is gone: %(asset)s"),
    "objection.received": _("Objection received from %(objector)s"),
    "objection.guarantee": _("Guarantee accepted in the objection of %(objector)s"),
    "objection.upheld": _("Objection upheld: %(number)s"),
    "objection.rejected": _("Objection rejected: %(number)s"),
    "objection.withdrawn": _("Objection of %(objector)s withdrawn"),
    "money.arrived": _("%(amount)s arrived from %(payer)s"),
    "money.paid": _("%(amount)s was paid to %(payee)s"),
    "money.bounced": _("The bank returned %(amount)s for %(payee)s; the payee account must be looked at"),
    "case.closed": _("Closed: %(number)s"),
    "delegation.heard": _("%(peer)s wrote about the delegation %(number)s"),
    "answer.quarantined": _(
        "%(agency)s sent other content under a receipt number already used; it was set aside: %(number)s"
    ),
    "answer.refused": _("%(agency)s says it did what could not be accepted: %(number)s"),
    "request.answered": _("Answered (%(outcome)s): %(matter)s, %(agency)s"),
    "request.overdue": _("Reminded of %(count)s late answers: %(agencies)s"),
    "request.question": _("%(agency)s asks about %(matter)s"),
    "request.escalated": _("%(superior)s was told that %(agency)s does not answer"),
    "request.recalled": _("Recalled: %(number)s to %(agency)s"),
    "difficulty.recorded": _("On the register: %(whose)s (%(kind)s)"),
    "renewal.late": _("Ends on %(until)s and is not renewed: %(asset)s"),
}


@dataclass
class NoticePage:
    """A page of notices, newest first; ``after`` names the row the next page begins behind."""

    rows: list[Notice]
    after: int | None


def sentence(notice: Notice) -> str:
    """A notice in words; an unknown code shows its parameters rather than nothing."""
    values = dict(notice.params)
    if "act" in values:
        values["act"] = words.act_title(values["act"])
    if "rule" in values:
        values["rule"] = words.rule_name(values["rule"])
    template = SENTENCES.get(notice.code)
    if template is None:
        return " · ".join([notice.code, *(str(value) for value in values.values())])
    return words.sentence(template, values)


def notices(person: Person, *, after: int | None = None, size: int = PAGE) -> NoticePage:
    """Notices of a person, newest first. A notice keeps its sentence when its case went out of sight, but
    no longer leads there."""
    rows = Notice.objects.filter(person=person).select_related("case").order_by("-id")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    ids = [notice.case_id for notice in found if notice.case_id]
    seen = (
        set(Case.objects.visible_to(person).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    )
    for notice in found:
        notice.text = sentence(notice)  # type: ignore[attr-defined]
        notice.leads = notice.case_id in seen  # type: ignore[attr-defined]
    return NoticePage(found, found[-1].pk if more else None)


def unread_count(person: Person, most: int = 100) -> int:
    """How many notices the person has not read, at most ``most``."""
    return Notice.objects.filter(person=person, read_at=None)[:most].count()


def mark_read(person: Person, up_to: int) -> int:
    """Note that the person has read everything up to a notice; how many that were."""
    return Notice.objects.filter(person=person, read_at=None, pk__lte=up_to).update(read_at=clock.now())
