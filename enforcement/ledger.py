"""Case money in double entry: posting, reversing, balances, the trial balance.

A positive line is a debit, a negative one a credit. Every entry sums to 0, has a ``source`` that can be
posted once, and is never changed; the database refuses anything else, and any balance below 0. Bank lines
carry the case their money belongs to, so that no case is ever paid out of another's money. Amounts in CNY.

Source: money.md M39, M44, M45.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum

from directory.models import Court
from enforcement.engine import Run
from enforcement.models import Balance, Case, Entry, LedgerAccount, Line, Party

ZERO = Decimal("0.00")

Posting = tuple[LedgerAccount, Case | None, Party | None, Decimal]


def post(
    run: Run, *, source: str, memo: str, lines: Sequence[Posting], reverses: Entry | None = None
) -> Entry:
    """Write one balanced entry of the running act.

    ``lines`` are (account, case, party, amount), debit positive. Raises ``ValueError`` for an entry that does
    not balance; the database raises for a source posted before, a second reversal, a balance below 0.
    """
    if len(lines) < 2 or sum(line[3] for line in lines) != 0:
        raise ValueError(f"The entry {source} does not balance.")
    entry = Entry.objects.create(
        event_id=run.effects.event_id,
        court=run.court,
        case=run.case,
        at=run.at,
        legal_day=run.day,
        source=source,
        memo=memo[:200],
        reverses=reverses,
    )
    Line.objects.bulk_create(
        Line(entry=entry, court=run.court, account=account, case=case, party=party, amount=amount)
        for account, case, party, amount in lines
    )
    return entry


def transfer(
    run: Run,
    *,
    source: str,
    memo: str,
    debit: tuple[LedgerAccount, Case | None, Party | None],
    credit: tuple[LedgerAccount, Case | None, Party | None],
    amount: Decimal,
) -> Entry:
    """Post an amount from one place (credit) to another (debit)."""
    return post(run, source=source, memo=memo, lines=[(*debit, amount), (*credit, -amount)])


def reverse(run: Run, entry: Entry, *, memo: str) -> Entry:
    """Post the opposite of an entry; possible once. Raises ``IntegrityError`` if its money has moved on."""
    lines = [
        (LedgerAccount(line.account), line.case, line.party, -line.amount)
        for line in entry.lines.select_related("case", "party")
    ]
    return post(run, source=f"reverse:{entry.pk}", memo=memo, lines=lines, reverses=entry)


def postings_of(source: str) -> int:
    """How many entries record one thing, reversed ones included; sources of repeated things are numbered."""
    return Entry.objects.filter(source__startswith=source).count()


def standing_entry(*sources: str) -> Entry | None:
    """The latest entry of these sources that is not reversed."""
    which = Q()
    for source in sources:
        which |= Q(source__startswith=source)
    return Entry.objects.filter(which, reversed_by=None).order_by("-pk").first()


def balance(case: Case | None, account: LedgerAccount, party: Party | None = None) -> Decimal:
    """Balance of one account for one case and party, on the account's own side (never negative)."""
    row = Balance.objects.filter(case=case, account=account, party=party).first()
    return row.amount if row is not None else ZERO


def balances(case: Case, accounts: Iterable[str] | None = None) -> list[Balance]:
    """Balances of a case that are not 0, with their parties, by account and party."""
    rows = case.balances.filter(amount__gt=0).select_related("party")
    if accounts is not None:
        rows = rows.filter(account__in=list(accounts))
    return list(rows.order_by("account", "party__position", "pk"))


@dataclass(frozen=True)
class TrialBalance:
    """Sums of the accounts of a court (or of one case); ``assets`` equals ``liabilities`` at every commit."""

    accounts: dict[str, Decimal]

    @property
    def assets(self) -> Decimal:
        return sum((amount for code, amount in self.accounts.items() if code < "2"), ZERO)

    @property
    def liabilities(self) -> Decimal:
        return sum((amount for code, amount in self.accounts.items() if code >= "2"), ZERO)

    @property
    def balanced(self) -> bool:
        return self.assets == self.liabilities


def trial_balance(court: Court, case: Case | None = None) -> TrialBalance:
    """The trial balance of a court's case money, or of one case, from the kept balances."""
    rows = Balance.objects.filter(court=court)
    if case is not None:
        rows = rows.filter(case=case)
    sums = rows.order_by("account").values_list("account").annotate(total=Sum("amount"))
    return TrialBalance({account: amount for account, amount in sums if amount})


def posted_balance(court: Court) -> TrialBalance:
    """The same from the lines themselves: what the kept balances are checked against."""
    rows = Line.objects.filter(court=court).order_by("account").values_list("account")
    sums = rows.annotate(total=Sum("amount"))
    return TrialBalance({account: amount if account < "2" else -amount for account, amount in sums if amount})
