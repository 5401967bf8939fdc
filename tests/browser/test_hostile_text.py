"""A case whose every text field was written by somebody hostile, looked at on every page and in every writ.

Nothing of it may run, and nothing of it may be dropped in silence: it is text.
"""

import io
from typing import Any

import pypdf
import pytest
from rest_framework import serializers

from enforcement import engine, tasks
from enforcement.engine import LiveChoiceField, SealedField
from enforcement.models import Asset, Case
from enforcement.writs.rendering import render_pdf
from law import clock
from tests.browser.pages import Facts, every_page, furnish
from tests.enforcement import cash
from tests.world import PEOPLE, World, bank_card, return_of_service

# As many as a field has room for; the first are the shortest.
ATTACKS = [
    '"><b onmouseover="alert(1)">',
    "{{7*7}}",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<i hx-get="/evil" hx-trigger="load">',
    '<a href="javascript:alert(1)">',
    '{% now "Y" %}',
    "${alert(1)}",
    "<svg/onload=alert(1)>",
    "]]><style>*{display:none}</style>",
]
MARK = "onmouseover"
FIND = """() => [...document.querySelectorAll("*")].filter((element) =>
  [...element.attributes].some((each) => /^on/i.test(each.name) || /^\\s*javascript:/i.test(each.value)
      || (each.name.startsWith("hx-") && each.value === "/evil"))
  || (element.tagName === "IMG" && element.getAttribute("src") === "x")
  || (element.tagName === "SCRIPT" && !element.src)
  || (element.tagName === "STYLE")
).map((element) => element.outerHTML.slice(0, 200))"""
# Pages about something else; nothing of a case stands on them.
ELSEWHERE = (
    "account",
    "mfa",
    "usersessions",
    "calculator",
    "calendar",
    "catalogue",
    "clients",
    "translations",
)
# On these somebody's text is what the page is there to show.
SHOWS_IT = {"case", "case_history", "case_print", "cases", "desk", "decisions", "decision", "act:asset.value"}


def nasty(most: int | None) -> str:
    """Hostile text that fits a field."""
    text = ""
    for attack in ATTACKS:
        if most is None or len(text) + len(attack) <= most:
            text += attack
    return text


def written(act_input: type[serializers.Serializer]) -> dict[str, str]:
    """Hostile text for every text field of an input."""
    closed = (SealedField, LiveChoiceField, serializers.ChoiceField, serializers.EmailField)
    return {
        name: nasty(field.max_length)
        for name, field in act_input().fields.items()
        if isinstance(field, serializers.CharField) and not isinstance(field, closed)
    }


class Hostile:
    """Does acts with hostile text wherever they take text."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.case = self._file()

    def _file(self) -> Case:
        fields: Any = engine.act_named("case.file").Input().fields
        party, item = (written(type(fields[name].child)) for name in ("parties", "items"))
        data = self.world.filing(
            **written(engine.act_named("case.file").Input),
            parties=[
                self.world.applicant(**party),
                self.world.debtor(**party),
                self.world.company(**party),
            ],
            items=[{"kind": "main", "amount": "120000.00"} | item],
        )
        case = engine.submit(
            engine.act_named("case.file"), self.world.court, self.world.people["clerk"], data
        ).case
        assert case is not None
        return Case.objects.get(pk=case.pk)

    def does(self, code: str, actor: str, on: Any = None, **needed: Any) -> engine.Result:
        text = written(engine.act_named(code).Input)
        return self.world.do(code, on or self.case, actor, **(text | needed))

    def asset(self, kind: str, **needed: Any) -> Asset:
        owner = self.case.parties.filter(role="debtor").earliest("pk")
        done = self.does(
            "asset.record",
            "implementer",
            owner=str(owner.uid),
            kind=kind,
            value="90000.00",
            found_on=clock.today().isoformat(),
            **needed,
        )
        return Asset.objects.get(uid=done.outcome["asset"])


@pytest.fixture(scope="module")
def facts(world: World, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """The world of every page, its case replaced by the hostile one."""
    facts = furnish(world, tmp_path_factory.mktemp("workbooks"))
    hostile = Hostile(world)
    case, today = hostile.case, clock.today().isoformat()
    world.do("case.assign", case, "head", officer="implementer")
    hostile.does("notice.issue", "implementer", report_days=10)
    tasks.render_outbox()
    for document in case.documents.all():
        assert document.party is not None
        hostile.does(
            "service.record",
            "implementer",
            document=str(document.uid),
            party=str(document.party.uid),
            method="direct",
            state="served",
            sent_on=today,
            served_on=today,
            proof=return_of_service(),
        )
    deposit = hostile.asset("deposit", account_number=bank_card())
    house = hostile.asset("house")
    measure = {"officers": "次仁、扎西", "effective_on": today}
    world.approve(
        hostile.does(
            "measure.freeze-deposit", "implementer", asset=str(deposit.uid), amount="60000.00", **measure
        ),
        "judge",
    )
    hostile.does("measure.seal", "implementer", asset=str(house.uid), **measure)
    hostile.does("objection.receive", "clerk", kind="third-party", asset=str(house.uid), received_on=today)
    objection = case.objections.get()
    world.do("objection.file", case, "clerk", objection=str(objection.uid))
    hostile.does("objection.notify", "clerk", objection=str(objection.uid), notified_on=today)
    debtor = case.parties.filter(role="debtor").earliest("pk")
    hostile.does("money.receive", "finance", amount="2000.00", arrived_on=today, debtor=str(debtor.uid))
    hostile.does(
        "money.receive-unidentified",
        "finance",
        world.court,
        amount="9.00",
        arrived_on=today,
        bank_reference="<b onclick=alert(1)>",
    )
    world.do("money.plan", case, "implementer", amount="2000.00")
    hostile.does("case.wait", "implementer", until=cash.day(9))
    hostile.does("case.grant", "head", person="sister_head", until=cash.day(9))
    hostile.does("staff.add-person", "administrator", world.court, username="hostile")
    facts.case = Case.objects.get(pk=case.pk)
    return facts


def shown_pages() -> list[Any]:
    """Pages of the court's people and of everybody."""
    return [
        page for page in every_page() if page.who in {"", *PEOPLE} and not page.name.startswith(ELSEWHERE)
    ]


@pytest.fixture(scope="module")
def windows(browser: Any, site: str, signed_in: Any) -> Any:
    """A window for each person; what pages say or ask aloud is kept."""
    opened: dict[str, Any] = {}
    aloud: list[str] = []

    def heard(address: str) -> None:
        if address.endswith(("/evil", "/x")):
            aloud.append(address)

    def said(dialog: Any) -> None:
        aloud.append(dialog.message)
        dialog.dismiss()

    def window(who: str) -> Any:
        if who not in opened:
            cookies = {"storage_state": signed_in(who)} if who else {}
            opened[who] = browser.new_context(base_url=site, **cookies).new_page()
            opened[who].on("dialog", said)
            opened[who].on("request", lambda request: heard(request.url))
        return opened[who]

    window.aloud = aloud  # type: ignore[attr-defined]
    yield window
    for page in opened.values():
        page.context.close()


@pytest.mark.parametrize("page", shown_pages(), ids=lambda page: page.name)
def test_hostile_text_stays_text_on_the_page(facts, windows, page):
    window = windows(page.who)
    window.goto(page.address(facts), wait_until="load")
    assert window.evaluate(FIND) == []
    assert windows.aloud == []
    if page.name in SHOWS_IT:
        text = window.locator("body").inner_text()
        assert MARK in text
        assert "{{7*7}}" in text


@pytest.mark.parametrize(
    "address", ["/search/?q={}", "/cases/?q={}", "/cases/?cause={}", "/verify/{}/", "/{}/"]
)
def test_hostile_text_of_an_address_stays_text(facts, windows, address):
    from urllib.parse import quote

    window = windows("head")
    window.goto(address.format(quote(nasty(400), safe="")), wait_until="load")
    assert window.evaluate(FIND) == []
    assert windows.aloud == []


def test_hostile_text_is_text_in_every_writ(facts):
    kinds = set()
    for document in facts.case.documents.all():
        read = pypdf.PdfReader(io.BytesIO(render_pdf(document)))
        text = "".join("".join(page.extract_text().split()) for page in read.pages)
        assert "onmouseover=" in text, document.writ
        assert "{{7*7}}" in text, document.writ
        for page in read.pages:
            if "/Annots" in page:
                notes: Any = page["/Annots"]
                assert not [one for one in notes if "javascript" in str(one)]
        assert "/JavaScript" not in str(read.trailer["/Root"])
        kinds.add(document.writ)
    assert {"notice.execution", "order.property-report", "ruling.freeze", "notice.assist"} <= kinds
