"""Courts, agencies, people, duties, client systems."""

from directory.models.agencies import Agency, AgencyKind
from directory.models.clients import ClientSystem
from directory.models.courts import Court, CourtLevel, LocalDay
from directory.models.duties import (
    BLIND_DUTIES,
    CLASS_OF,
    COURT_DUTIES,
    Duty,
    DutyClass,
    DutyHolding,
)
from directory.models.people import Person, PersonKind

__all__ = [
    "BLIND_DUTIES",
    "CLASS_OF",
    "COURT_DUTIES",
    "Agency",
    "AgencyKind",
    "ClientSystem",
    "Court",
    "CourtLevel",
    "Duty",
    "DutyClass",
    "DutyHolding",
    "LocalDay",
    "Person",
    "PersonKind",
]
