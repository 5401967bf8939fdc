"""What is: tables, constraints, indexes. Who may do what is in acts/; what may be seen is in queries/."""

from enforcement.models.assets import Asset, AssetKind, Measure, MeasureKind, MeasureState
from enforcement.models.assignments import Assignment, CaseGrant, Recusal
from enforcement.models.cases import (
    OPEN_STAGES,
    Case,
    CaseNumberCounter,
    ItemKind,
    Stage,
    Title,
    TitleItem,
    TitleKind,
)
from enforcement.models.deadlines import Deadline, DeadlineKind, DeadlineState
from enforcement.models.decisions import Proposal, ProposalState
from enforcement.models.documents import (
    Document,
    DocumentState,
    Service,
    ServiceMethod,
    ServiceState,
    StoredFile,
)
from enforcement.models.events import Event, Phase, ReadLog, Register
from enforcement.models.jobs import Job, JobRow, JobRowState, JobState
from enforcement.models.messages import Attempt, Message, MessageState, Notice
from enforcement.models.money import (
    Balance,
    Entry,
    LedgerAccount,
    Line,
    PaymentOrder,
    PaymentState,
    Plan,
    PlanLine,
    PlanState,
    Receipt,
    ReceiptHow,
    ReceiptState,
)
from enforcement.models.objections import Objection, ObjectionKind, ObjectionState
from enforcement.models.operations import DailyRun, Draft, Heartbeat, SavedFilter, TranslationCorrection
from enforcement.models.parties import Party, PartyKind, PartyRole

__all__ = [
    "OPEN_STAGES",
    "Asset",
    "AssetKind",
    "Assignment",
    "Attempt",
    "Balance",
    "Case",
    "CaseGrant",
    "CaseNumberCounter",
    "DailyRun",
    "Deadline",
    "DeadlineKind",
    "DeadlineState",
    "Document",
    "DocumentState",
    "Draft",
    "Entry",
    "Event",
    "Heartbeat",
    "ItemKind",
    "Job",
    "JobRow",
    "JobRowState",
    "JobState",
    "LedgerAccount",
    "Line",
    "Measure",
    "MeasureKind",
    "MeasureState",
    "Message",
    "MessageState",
    "Notice",
    "Objection",
    "ObjectionKind",
    "ObjectionState",
    "Party",
    "PartyKind",
    "PartyRole",
    "PaymentOrder",
    "PaymentState",
    "Phase",
    "Plan",
    "PlanLine",
    "PlanState",
    "Proposal",
    "ProposalState",
    "ReadLog",
    "Receipt",
    "ReceiptHow",
    "ReceiptState",
    "Recusal",
    "Register",
    "SavedFilter",
    "Service",
    "ServiceMethod",
    "ServiceState",
    "Stage",
    "StoredFile",
    "Title",
    "TitleItem",
    "TitleKind",
    "TranslationCorrection",
]
