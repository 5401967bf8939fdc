"""Every page there is, from the URL configuration, and a world in which each has something to show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from directory.models import Person
from enforcement import imports, jobs, tasks
from enforcement.engine import Subject, act_named, all_acts
from enforcement.models import Asset, Case, Job, Party
from enforcement.queries import filters
from law import clock
from law.calculators import CALCULATORS
from linkage import giving
from linkage.models import Conference, Request, Tip
from tests.data import make_filings
from tests.enforcement import cash, control
from tests.linkage import orders
from tests.linkage.portal import lift, two_people
from tests.linkage_world import Linked, linked
from tests.world import PEOPLE, World, bank_card, set_up

# Addresses that show no page of ours, and why.
NOT_PAGES = {
    "healthz": "for machines",
    "readyz": "for machines",
    "metrics": "for machines",
    "notices_read": "only takes what is posted",
    "decide": "only takes what is posted",
    "bulk": "only takes what is posted; see the reached pages",
    "filter_save": "only takes what is posted",
    "filter_forget": "only takes what is posted",
    "act_preview": "only takes what is posted",
    "court_act_preview": "only takes what is posted",
    "act_draft": "only takes what is posted",
    "court_act_draft": "only takes what is posted",
    "job_start": "only takes what is posted",
    "job_cancel": "only takes what is posted",
    "set_language": "only takes what is posted",
    "portal_search": "only takes what is posted",
    "portal_chosen": "only takes what is posted",
    "portal_accept": "only takes what is posted",
    "portal_assign": "only takes what is posted",
    "portal_ask": "only takes what is posted",
    "portal_refuse": "only takes what is posted",
    "portal_decide": "only takes what is posted",
    "portal_paper": "a download",
    "portal_orders": "a download",
    "portal_day": "a download",
    "file": "a download",
    "job_errors": "a download",
    "job_result": "a download",
    "import_template": "a download",
    "mfa_download_recovery_codes": "a download",
    "mfa_login_webauthn": "answers a script",
    "account_email": "nobody changes an address; answers 404",
    "account_email_verification_sent": "no address is verified",
    "account_confirm_email": "no address is verified",
    "account_confirm_login_code": "no codes are sent",
    "account_set_password": "for people without a password; others are sent on",
    "verify_unknown": "answers 404; see the reached pages",
    "account_inactive": "shown in the middle of signing in",
    "mfa_authenticate": "shown in the middle of signing in; see the tests of signing in",
    "mfa_reauthenticate": "for people with a second factor; see the tests of signing in",
    "mfa_reauthenticate_webauthn": "for people with a passkey",
    "mfa_deactivate_totp": "for people with a second factor",
    "mfa_view_recovery_codes": "for people with a second factor",
    "mfa_generate_recovery_codes": "for people with a second factor",
    "mfa_remove_webauthn": "for people with a passkey",
    "mfa_edit_webauthn": "for people with a passkey",
    "account_reset_password_from_key": "needs a link of the administrator",
    "socialaccount_login_cancelled": "shown in the middle of signing in elsewhere",
    "socialaccount_login_error": "shown in the middle of signing in elsewhere",
    "socialaccount_signup": "nobody signs up",
    "socialaccount_connections": "people do not connect accounts",
    "openid_connect_login": "sends on to the court's provider",
    "openid_connect_callback": "sends on from the court's provider",
}


@dataclass
class Facts:
    """What the addresses of pages are made of."""

    world: World
    case: Case
    job: Job
    stopped: Job
    link: Linked
    orders: dict[str, Request]

    @property
    def on_case(self) -> dict[str, Any]:
        return {"uid": self.case.uid}


Address = Callable[[Facts], str]


def named(name: str, **kwargs: Any) -> Address:
    return lambda facts: reverse(name, kwargs=kwargs)


def of_case(name: str) -> Address:
    return lambda facts: reverse(name, kwargs=facts.on_case)


def of_order(facts: Facts, which: str, name: str = "portal_request") -> str:
    return reverse(name, args=[facts.orders[which].uid])


@dataclass(frozen=True)
class Shown:
    """A page: who looks at it ("" for somebody not signed in), where it is, and its status."""

    name: str
    who: str
    address: Address
    status: int = 200


def _deadline(facts: Facts) -> str:
    deadline = facts.case.deadlines.filter(rule="closing.limit").get()
    return reverse("deadline_why", args=[facts.case.uid, deadline.pk])


BY_NAME: dict[str, tuple[str, Address]] = {
    "desk": ("implementer", named("desk")),
    "search": ("implementer", lambda facts: reverse("search") + "?q=旦增"),
    "notices": ("implementer", named("notices")),
    "decisions": ("judge", named("decisions")),
    "decision": (
        "judge",
        lambda facts: reverse("decision", args=[facts.case.proposals.filter(state="open")[0].uid]),
    ),
    "cases": ("head", named("cases")),
    "case": ("implementer", of_case("case")),
    "case_requests": (
        "implementer",
        lambda facts: reverse("case_requests", args=[facts.orders["freeze"].case.uid]),
    ),
    "court_requests": ("implementer", named("court_requests")),
    "court_request": ("implementer", lambda facts: of_order(facts, "answered", "court_request")),
    "court_register": ("head", named("court_register")),
    "court_renewals": ("implementer", named("court_renewals")),
    "court_board": ("head", named("court_board")),
    "case_history": ("implementer", of_case("case_history")),
    "case_readers": ("supervisor", of_case("case_readers")),
    "case_print": ("implementer", of_case("case_print")),
    "deadline_why": ("implementer", _deadline),
    "jobs": ("clerk", named("jobs")),
    "job": ("clerk", lambda facts: reverse("job", args=[facts.job.uid])),
    "import": ("clerk", named("import")),
    "export": ("clerk", named("export")),
    "staff": ("administrator", named("staff")),
    "staff_person": ("administrator", named("staff_person", username="implementer")),
    "calendar": ("administrator", named("calendar")),
    "calendar_year": ("administrator", named("calendar_year", year=2026)),
    "clients": ("administrator", named("clients")),
    "translations": ("administrator", named("translations")),
    "operations": ("administrator", lambda facts: reverse("operations")),
    "money": ("finance", lambda facts: reverse("money")),
    "calculators": ("implementer", named("calculators")),
    "catalogue": ("implementer", named("catalogue")),
    "verify": ("", lambda facts: reverse("verify", args=[facts.case.documents.filter(state="ready")[0].uid])),
    "verify_file": ("", named("verify_file")),
    "portal_inbox": ("teller", named("portal_inbox")),
    "portal_answered": ("teller", named("portal_answered")),
    "portal_request": ("teller", lambda facts: of_order(facts, "freeze")),
    "portal_print": ("teller", lambda facts: of_order(facts, "freeze", "portal_print")),
    "portal_bulk": ("teller", named("portal_bulk")),
    "portal_statement": ("teller", named("portal_statement")),
    "account_login": ("", named("account_login")),
    "account_signup": ("", named("account_signup")),
    "account_reset_password": ("", named("account_reset_password")),
    "account_reset_password_done": ("", named("account_reset_password_done")),
    "account_reset_password_from_key_done": ("", named("account_reset_password_from_key_done")),
    "account_logout": ("implementer", named("account_logout")),
    "account_reauthenticate": ("implementer", named("account_reauthenticate")),
    "account_change_password": ("implementer", named("account_change_password")),
    "mfa_index": ("implementer", named("mfa_index")),
    "mfa_activate_totp": ("implementer", named("mfa_activate_totp")),
    "mfa_list_webauthn": ("implementer", named("mfa_list_webauthn")),
    "mfa_add_webauthn": ("implementer", named("mfa_add_webauthn")),
    "usersessions_list": ("implementer", named("usersessions_list")),
}
BY_NAME |= {
    "agencies": ("command", named("agencies")),
    "agency": ("command", named("agency", code="demo-bank")),
    "conferences": ("command", named("conferences")),
    "conference": ("command", lambda facts: reverse("conference", args=[Conference.objects.get().uid])),
    "conference_pack": (
        "command",
        lambda facts: reverse("conference_pack", args=[Conference.objects.get().uid]),
    ),
    "conference_scores": ("command", named("conference_scores")),
    "conference_scores_year": ("command", named("conference_scores_year", year=2025)),
    "tips": ("command", named("tips")),
    "tip": ("command", lambda facts: reverse("tip", args=[Tip.objects.get().uid])),
    "report": ("", named("report")),
    "report_status": ("", named("report_status")),
    "portal_conferences": ("teller", named("portal_conferences")),
    "portal_people": ("bank_head", named("portal_people")),
    "portal_keys": ("bank_head", named("portal_keys")),
}
NOT_PAGES["conference_evidence"] = "a download"
STATUS = {"document": 202}  # no worker makes writs here


def _document(facts: Facts) -> str:
    return reverse("document", args=[facts.case.documents.filter(state="waiting")[0].uid])


BY_NAME["document"] = ("implementer", _document)

# The same address shows another page in these states.
REACHED = [
    Shown("decisions:none", "president", named("decisions")),
    Shown("desk:clerk", "clerk", named("desk")),
    Shown("desk:head", "head", named("desk")),
    Shown("desk:empty", "sister_head", named("desk")),
    Shown("desk:overdue", "implementer", lambda facts: "/?show=all"),
    Shown("search:none", "implementer", lambda facts: reverse("search") + "?q=无此人"),
    Shown("cases:none", "sister_head", named("cases")),
    Shown("cases:filtered", "head", lambda facts: reverse("cases") + "?state=open&due=soon"),
    Shown("cases:wrong", "head", lambda facts: reverse("cases") + "?stage=none", 400),
    Shown("job:stopped", "clerk", lambda facts: reverse("job", args=[facts.stopped.uid])),
    Shown("court:all", "head", lambda facts: reverse("court_requests") + "?all=1"),
    Shown("court:question", "implementer", lambda facts: of_order(facts, "freeze", "court_request")),
    Shown("court:none", "sister_head", named("court_requests")),
    Shown("court:board-of-none", "sister_head", named("court_board")),
    Shown("court:not-mine", "implementer", named("court_board"), 404),
    Shown("portal:inquiry", "teller", lambda facts: of_order(facts, "inquiry")),
    Shown("portal:lift", "teller", lambda facts: of_order(facts, "lift")),
    Shown("portal:answered", "teller", lambda facts: of_order(facts, "answered")),
    Shown("portal:own", "teller", lambda facts: of_order(facts, "confirming")),
    Shown("portal:confirm", "teller_reviewer", lambda facts: of_order(facts, "confirming")),
    Shown("portal:branches", "bank_head", named("portal_inbox")),
    Shown("portal:none", "registrar", named("portal_inbox")),
    Shown("portal:wrong", "teller", lambda facts: reverse("portal_inbox") + "?kind=none", 400),
    Shown("portal:unseen", "second_teller", lambda facts: of_order(facts, "freeze"), 404),
    Shown("verify:unknown", "", lambda facts: reverse("verify", args=[uuid4()]), 404),
    Shown("verify:no-code", "", lambda facts: "/verify/1234/", 404),
    Shown("case:unknown", "implementer", lambda facts: reverse("case", args=[UUID(int=1)]), 404),
    Shown("act:not-mine", "finance", lambda facts: reverse("act", args=[facts.case.uid, "case.wait"]), 403),
]


def _paths(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if not str(pattern.pattern).startswith("api/"):
                yield from _paths(pattern)
        else:
            yield pattern


def names_in_use() -> set[str]:
    """Names of all addresses but those of the interface for systems."""
    return {str(pattern.name) for pattern in _paths() if pattern.name and pattern.name != "api_token"}


def _who(code: str) -> str:
    """Somebody of the world with a duty for an act."""
    return next(name for name, duty in PEOPLE.items() if duty in act_named(code).by)


def _acts() -> Iterator[Shown]:
    for act in all_acts():
        if not act.by:
            continue
        if act.by.isdisjoint(PEOPLE.values()):
            continue  # for people of agencies, who have pages of their own
        if act.subject is Subject.COURT or act.opens_case:
            yield Shown(
                f"court_act:{act.code}",
                _who(act.code),
                lambda facts, code=act.code: reverse("court_act", args=[facts.world.court.code, code]),  # type: ignore[misc]
            )
        else:
            yield Shown(
                f"act:{act.code}",
                _who(act.code),
                lambda facts, code=act.code: reverse("act", args=[facts.case.uid, code]),  # type: ignore[misc]
            )


def every_page() -> list[Shown]:
    """All pages: named addresses, a form for each act, a form for each calculator, and other states."""
    plain = [
        Shown(name, *BY_NAME[name], STATUS.get(name, 200)) for name in sorted(names_in_use() & set(BY_NAME))
    ]
    calculators = [
        Shown(f"calculator:{each.kind}", "implementer", named("calculator", kind=each.kind))
        for each in CALCULATORS.values()
    ]
    return [*plain, *REACHED, *_acts(), *calculators]


# --- the world they show ----------------------------------------------------------------------
def furnish(world: World, folder: Any) -> Facts:
    """One case with something in every part of its page, other cases around it, and jobs."""
    case = world.assigned_case(
        parties=[
            world.applicant(),
            world.applicant(name="格桑丁", name_bo="སྐལ་བཟང་།", language="bo"),
            world.debtor(language="bo"),
            world.company(name="西藏自治区某某运输服务有限责任公司城关区分公司"),
        ]
    )
    for name in ("bulk", "empty"):
        world.file_case(cause=f"买卖合同纠纷（{name}）")
    person = case.parties.get(role="debtor", kind="person")
    cash.noticed(world, case)
    tasks.render_outbox()  # the writs of the notice; later ones still wait for a worker
    asset = _asset(world, case, person, "deposit", account_number=bank_card(), value="90000.00")
    control.take(world, "measure.freeze-deposit", case, asset, amount="60000.00")
    house = _asset(world, case, person, "house", register_number="藏示0001", value="400000.00")
    control.propose(world, "measure.seal", case, house, excess_reason="该房屋不可分割，价值超过标的。")
    world.do(
        "objection.receive",
        case,
        "clerk",
        kind="third-party",
        objector="次仁某",
        asset=str(asset.uid),
        grounds="账户内款项属于案外人。",
        received_on=clock.today().isoformat(),
    )
    cash.arrive(world, case, "20000.00", debtor=str(person.uid))
    cash.arrive_unidentified(world, "3000.00")
    world.do("money.plan", case, "implementer", amount="20000.00")
    set_up(lambda: filters.save(world.people["head"], "本月到期", "due=soon&state=open"))
    make_filings.main(folder / "filings.xlsx")
    content = (folder / "filings.xlsx").read_bytes()
    checked, stopped = (imports.take("filings.xlsx", content, world.people["clerk"]) for _each in range(2))
    tasks.run_job(checked.pk)
    tasks.run_job(stopped.pk)
    jobs.cancel(stopped)
    link = linked(world)
    world.people |= link.people
    facts = Facts(world, case, checked, stopped, link, _orders(link))
    world.do(
        "conference.call",
        world.court,
        "command",
        kind="ad-hoc",
        purpose="协调旺季查询反馈",
        day=clock.today().isoformat(),
        place="三楼会议室",
    )
    world.do("tip.record", world.court, "command", kind="moving", is_urgent=True, text="货车停在修理厂。")
    return facts


def _orders(link: Linked) -> dict[str, Request]:
    """Requests to a bank in every state its portal shows."""
    case = link.world.assigned_case()
    for name in ("implementer", "judge"):
        Person.objects.filter(username=name).update(duty_card=f"藏执{len(name):04}")
    asked = {"matters": ["BANK-INQ-DEP"], "agencies": ["demo-bank-chengguan"]}
    found = {
        "inquiry": link.inquire(case, **asked)[0],
        "answered": link.inquire(link.world.assigned_case(), **asked)[0],
        "freeze": orders.freeze(link, case, "30420.18"),
        "confirming": orders.freeze(link, case, "800.00"),
        "lift": lift(link, link.world.assigned_case(), "500.00"),
    }
    row = {"account_no": bank_card(), "type": "活期", "status": "正常", "balance": "35000.00"}
    link.answer(found["answered"], link.teller, facts={"accounts": [row, row | {"account_no": bank_card()}]})
    question = {"request": str(found["freeze"].uid), "text": "户名与我行登记不符，请核实。"}
    link.world.do("request.ask", found["freeze"].case, link.teller, **question)
    two_people(link)
    giving.give(found["confirming"], link.teller, {"outcome": "done", "facts": {"amount_frozen": "800.00"}})
    return found


def _asset(world: World, case: Case, owner: Party, kind: str, **known: str) -> Asset:
    done = world.do(
        "asset.record",
        case,
        "implementer",
        owner=str(owner.uid),
        kind=kind,
        description="城关区某路 2 号房屋一套及其附属设施" if kind == "house" else "活期存款账户",
        holder="高原某银行城关支行",
        found_on=clock.today().isoformat(),
        source="网络查控",
        **known,
    )
    return Asset.objects.get(uid=done.outcome["asset"])
