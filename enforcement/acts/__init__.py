"""What may be done: acts in the order of a case's path. Importing this package registers them all."""

# The order of import is the order in which acts are offered.
# isort: off
from enforcement.acts import filing
from enforcement.acts import assigning
from enforcement.acts import notice
from enforcement.acts import service
from enforcement.acts import reports
from enforcement.acts import procedure
from enforcement.acts import parties
from enforcement.acts import grants
from enforcement.acts import assets
from enforcement.acts import measures
from enforcement.acts import measures_term
from enforcement.acts import measures_release
from enforcement.acts import release_all
from enforcement.acts import objections
from enforcement.acts import objections_ruling
from enforcement.acts import objections_remedy
from enforcement.acts import money
from enforcement.acts import direct_payments
from enforcement.acts import plans
from enforcement.acts import plan_objections
from enforcement.acts import payees
from enforcement.acts import paying
from enforcement.acts import money_back
from enforcement.acts import closing
from enforcement.acts import staff
from enforcement.acts import clients
from enforcement.acts import calendar
from enforcement.acts import translation
from enforcement.acts import exporting
from enforcement.acts import digest
# isort: on

__all__ = [
    "assets",
    "assigning",
    "calendar",
    "clients",
    "closing",
    "digest",
    "direct_payments",
    "exporting",
    "filing",
    "grants",
    "measures",
    "measures_release",
    "measures_term",
    "money",
    "money_back",
    "notice",
    "objections",
    "objections_remedy",
    "objections_ruling",
    "parties",
    "payees",
    "paying",
    "plan_objections",
    "plans",
    "procedure",
    "release_all",
    "reports",
    "service",
    "staff",
    "translation",
]
