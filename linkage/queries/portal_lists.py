"""Lists of the portal: the inbox (lifts first, then by clock), what was answered, what is found by number.

An agency may have a million requests and hundreds of branches. So every list is read in short index ranges,
one for each branch (and kind of request), and only as far as its page reaches; nothing is counted beyond a
hundred; and the number of queries does not depend on what is there.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Right
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Agency, Person
from enforcement.models import Case
from enforcement.queries import case_filters
from law import case_numbers, clock
from linkage.acts.base import addressed_to
from linkage.models import Answer, AnswerState, Outcome, Priority, Request
from linkage.queries.portal import STAFF, short, shown_name, visible

PAGE = 50
CAP = 100
MOST_CONFIRMING = 500
MOST_FOUND = 500
WEEK = timedelta(days=7)
TONES = {Priority.LIFT: "red", Priority.CONTROL: "blue", Priority.TAKE: "blue"}
KINDS = {"lift": Priority.LIFT, "freeze": Priority.CONTROL, "deduct": Priority.TAKE, "other": Priority.OTHER}
KINDS["inquiry"] = Priority.INQUIRY
KIND_LABELS = [(name, kind.label) for name, kind in KINDS.items()]
DUES = [("overdue", _("Overdue")), ("today", _("Due by today")), ("week", _("Due within a week"))]
STATES = [
    ("issued", _("New")),
    ("accepted", _("Accepted")),
    ("confirming", _("Waits for the second person")),
]
WHOSE = [("mine", _("Mine")), ("nobody", _("Nobody's"))]

# The state is written as the partial index `request_inbox` has it. ``{narrow}`` takes fixed texts only.
INBOX = """
SELECT r.id
  FROM unnest(%(agencies)s::bigint[]) AS a(id)
 CROSS JOIN unnest(%(kinds)s::int[]) AS k(priority)
 CROSS JOIN LATERAL (
       SELECT q.id, q.priority, q.due_on
         FROM linkage_request q
        WHERE q.agency_id = a.id AND q.priority = k.priority AND q.state IN ('issued', 'accepted')
          AND (q.due_on, q.id) > (CASE WHEN k.priority = %(kind)s THEN %(due)s::date ELSE '-infinity' END,
                                  CASE WHEN k.priority = %(kind)s THEN %(key)s::bigint ELSE 0 END)
          {narrow}
        ORDER BY q.due_on, q.id LIMIT %(size)s) r
 ORDER BY r.priority, r.due_on, r.id LIMIT %(size)s
"""
COUNTS = """
SELECT count(*) FROM (
SELECT 1
  FROM unnest(%(agencies)s::bigint[]) AS a(id)
 CROSS JOIN unnest(%(kinds)s::int[]) AS k(priority)
 CROSS JOIN LATERAL (
       SELECT 1 FROM linkage_request q
        WHERE q.agency_id = a.id AND q.priority = k.priority AND q.state IN ('issued', 'accepted') {narrow}
        LIMIT %(size)s) r
 LIMIT %(size)s) counted
"""
ANSWERED = """
SELECT r.id
  FROM unnest(%(agencies)s::bigint[]) AS a(id)
 CROSS JOIN LATERAL (
       SELECT q.id, q.answered_at
         FROM linkage_request q
        WHERE q.agency_id = a.id AND q.answered_at IS NOT NULL
          AND (q.answered_at, q.id) < (%(at)s::timestamptz, %(key)s::bigint) {narrow}
        ORDER BY q.answered_at DESC, q.id DESC LIMIT %(size)s) r
 ORDER BY r.answered_at DESC, r.id DESC LIMIT %(size)s
"""


class InboxFilters(serializers.Serializer):
    """Filters of the inbox, as its address carries them."""

    kind = serializers.ChoiceField(choices=KIND_LABELS, required=False, allow_blank=True)
    due = serializers.ChoiceField(choices=DUES, required=False, allow_blank=True)
    state = serializers.ChoiceField(choices=STATES, required=False, allow_blank=True)
    whose = serializers.ChoiceField(choices=WHOSE, required=False, allow_blank=True)
    branch = serializers.SlugField(required=False, allow_blank=True)
    after = serializers.RegexField(r"^\d-\d{4}-\d{2}-\d{2}-\d{1,18}$", required=False, allow_blank=True)

    def validate_after(self, text: str) -> str:
        if text:
            try:
                date.fromisoformat(text[2:12])
            except ValueError:
                raise serializers.ValidationError(_("This address is not one of the list's.")) from None
        return text


@dataclass
class InboxRow:
    """One request as a list shows it."""

    request: Request
    tone: str
    name: str
    account: str
    confirming: bool = False

    @property
    def can_be_nothing(self) -> bool:
        """Whether “nothing found” can be answered without looking at more of it."""
        return self.request.priority == Priority.INQUIRY and self.request.is_waiting and not self.confirming


@dataclass
class Page:
    """Rows of a list; ``after`` says where the next page begins, empty at the end."""

    rows: list[InboxRow] = field(default_factory=list)
    after: str = ""
    more: bool = False


def branches(person: Person) -> list[Agency]:
    """The agencies and branches whose requests the person sees, by name."""
    return list(Agency.objects.filter(pk__in=addressed_to(person, STAFF)).order_by("name"))


def inbox(person: Person, values: dict[str, Any] | None = None, *, size: int = PAGE) -> Page:
    """What waits for the person's agencies: lift, freeze, deduct, other, inquiry, each by its clock.

    ``values`` are validated ``InboxFilters``.
    """
    values = values or {}
    bound = _bound(person, values) | {"size": size + 1}
    narrow = _narrow(person, values, bound)
    ids = _ids(INBOX.format(narrow=narrow), bound) if bound["agencies"] else []
    rows = _rows(person, ids[:size])
    page = Page(rows, more=len(ids) > size)
    if page.more and rows:
        last = rows[-1].request
        page.after = f"{last.priority}-{last.due_on.isoformat()}-{last.pk}"
    return page


def _bound(person: Person, values: dict[str, Any]) -> dict[str, Any]:
    agencies = addressed_to(person, STAFF)
    if values.get("branch"):
        chosen = Agency.objects.filter(code=values["branch"]).values_list("pk", flat=True)
        agencies &= set(chosen)
    kinds = [int(KINDS[values["kind"]])] if values.get("kind") else [int(kind) for kind in Priority]
    place: dict[str, Any] = {"kind": -1, "due": None, "key": 0}
    if values.get("after"):
        text = values["after"]
        place = {"kind": int(text[0]), "due": date.fromisoformat(text[2:12]), "key": int(text[13:])}
        kinds = [kind for kind in kinds if kind >= int(text[0])]
    return {"agencies": sorted(agencies), "kinds": kinds} | place


def _narrow(person: Person, values: dict[str, Any], bound: dict[str, Any]) -> str:
    """Further conditions; their values go into ``bound``."""
    conditions = []
    today = clock.today()
    if values.get("due"):
        conditions.append("q.due_on <= %(until)s")
        bound["until"] = {"overdue": today - timedelta(days=1), "today": today, "week": today + WEEK}[
            values["due"]
        ]
    if values.get("whose") == "mine":
        conditions.append("q.assignee_id = %(me)s")
        bound["me"] = person.pk
    elif values.get("whose") == "nobody":
        conditions.append("q.assignee_id IS NULL")
    if values.get("state") == "confirming":
        conditions.append("q.id = ANY(%(confirming)s)")
        waiting = Answer.objects.filter(agency__in=bound["agencies"], state=AnswerState.CONFIRMING)
        bound["confirming"] = list(
            waiting.order_by("id").values_list("request_id", flat=True)[:MOST_CONFIRMING]
        )
    elif values.get("state") == "accepted":
        conditions.append("q.state = 'accepted'")  # as the index `request_accepted` has it
    elif values.get("state"):
        conditions.append("q.state = 'issued'")
    return "".join(f" AND {condition}" for condition in conditions)


def _ids(statement: str, bound: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, bound)
        return [row[0] for row in cursor.fetchall()]


def _rows(person: Person, ids: list[int]) -> list[InboxRow]:
    """Requests with what a list shows of them, in the order of ``ids``; facts masked."""
    found = {
        request.pk: request
        for request in visible(person)
        .filter(pk__in=ids)
        .select_related("case__court", "agency", "party", "assignee")
        .defer("facts_sealed", "case__search_terms")
        .prefetch_related("dispatches")
    }
    confirming = set(
        Answer.objects.filter(request__in=ids, state=AnswerState.CONFIRMING).values_list(
            "request_id", flat=True
        )
    )
    return [_row(found[pk], pk in confirming) for pk in ids if pk in found]


def _row(request: Request, confirming: bool) -> InboxRow:
    facts = request.facts
    account = (
        facts.get("account_no") or facts.get("fund_account") or facts.get("unit_no") or facts.get("plate")
    )
    tone = TONES.get(Priority(request.priority), "")
    return InboxRow(request, tone, shown_name(request), short(str(account or "")), confirming)


def waiting_count(person: Person, *, due: str = "", kind: str = "", whose: str = "", most: int = CAP) -> int:
    """How many requests wait, counted to ``most``."""
    values = {"due": due, "kind": kind, "whose": whose}
    bound = _bound(person, values) | {"size": most}
    if not bound["agencies"]:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(narrow=_narrow(person, values, bound)), bound)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def confirming_count(person: Person, *, most: int = CAP) -> int:
    """How many answers wait for a second person, counted to ``most``."""
    rows = Answer.objects.filter(agency__in=addressed_to(person, STAFF), state=AnswerState.CONFIRMING)
    return rows.order_by()[:most].count()


def answered(person: Person, *, outcome: str = "", after: str = "", size: int = PAGE) -> Page:
    """Requests that were answered, newest first."""
    at, key = _moment(after)
    bound: dict[str, Any] = {
        "agencies": sorted(addressed_to(person, STAFF)),
        "at": at,
        "key": key,
        "size": size + 1,
    }
    narrow = ""
    if outcome in Outcome.values:
        narrow, bound["outcome"] = " AND q.outcome = %(outcome)s", outcome
    ids = _ids(ANSWERED.format(narrow=narrow), bound)
    page = Page(_rows(person, ids[:size]), more=len(ids) > size)
    if page.more and page.rows:
        last = page.rows[-1].request
        page.after = f"{last.answered_at.isoformat() if last.answered_at else ''}~{last.pk}"
    return page


def _moment(text: str) -> tuple[datetime | str, int]:
    moment, _mark, key = text.partition("~")
    try:
        return datetime.fromisoformat(moment), int(key)
    except ValueError:
        return "infinity", 0


def found(person: Person, text: str) -> Page:
    """Requests with this number, of this case, or about an account that ends in these four characters.

    ``text`` of which only four characters are an account's; a longer account number is cut to them.
    """
    text = text.strip()
    which = _which(text)
    # Sorted here: asked for the newest, the database would rather read all requests backwards.
    some = visible(person).filter(which).order_by().values_list("pk", flat=True)[:MOST_FOUND]
    ids = sorted(some, reverse=True)[: PAGE + 1]
    return Page(_rows(person, ids[:PAGE]), more=len(ids) > PAGE)


def _which(text: str) -> Q:
    if text.upper().startswith("R-"):
        return Q(number=text.upper())
    try:
        return Q(case__number=str(case_numbers.parse(text)))
    except case_numbers.CaseNumberError:
        pass
    tail = account_tail(text)
    if tail:
        # As the index `request_by_account` has it.
        ends = Exact(Right(KeyTextTransform("account_no", "facts"), 4), tail)
        return Q(facts__has_key="account_no") & Q(ends)
    term = case_filters.number_term(text)
    if term is not None:
        return Q(case__in=Case.objects.filter(search_terms__contains=[term]))
    return Q(pk__in=[])


def account_tail(text: str) -> str:
    """The last four characters, if a text is an account number or the end of one."""
    plain = text.replace(" ", "")
    return plain[-4:] if plain.isascii() and plain.isdigit() and len(plain) >= 4 else ""
