"""Shapes of what is read (for the schema; the rows come from ``queries.feeds`` by the same names).

Amounts are CNY as text with two places, days are ISO dates, moments ISO times with their zone.
"""

from enforcement.api.shapes.cases import (
    CaseDetail,
    DeadlineDetail,
    DocumentRow,
)
from enforcement.api.shapes.common import (
    problem_response,
)
from enforcement.api.shapes.work import (
    OF_CASE,
    Calculators,
    CasePage,
    Decision,
    Done,
    EventPage,
    JobDetail,
    JobPage,
    JobRowPage,
    Offers,
    ProposalPage,
    ProposalRow,
    StoredFileRow,
)

__all__ = [
    "EventPage",
    "OF_CASE",
    "JobPage",
    "JobRowPage",
    "CasePage",
    "ProposalPage",
    "Calculators",
    "CaseDetail",
    "DeadlineDetail",
    "Decision",
    "DocumentRow",
    "Done",
    "JobDetail",
    "Offers",
    "ProposalRow",
    "StoredFileRow",
    "problem_response",
]
