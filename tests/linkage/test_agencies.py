"""Agencies join, are reached, and keep their own people, systems and keys; nobody keeps another's."""

import base64
import re
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.urls import reverse
from oauth2_provider.models import Application
from rest_framework.exceptions import ValidationError

from directory.models import Agency, ClientSystem, Duty, DutyHolding, Person
from directory.models.agencies import AgencyKind
from enforcement import engine
from enforcement.models import Event
from law import clock, linkage
from linkage.endpoints import BadEndpoint, check_networks, check_url, is_inside
from linkage.models import Channel, MatterAnswered, Member, VerifyingKey
from tests.linkage_world import make_staff
from tests.world import credit_code, make_person

NETWORK = "203.0.113.0/24"


def add(world, actor="command", **changes):
    data = {"kind": "bank", "name": "珠峰示例银行", "code": "everest-bank"} | changes
    return engine.submit(engine.act_named("agency.add"), world.court, world.people[actor], data)


@pytest.fixture
def bank(world) -> Agency:
    add(world)
    return Agency.objects.get(code="everest-bank")


@pytest.fixture
def chief(world, bank) -> Person:
    """The agency's administrator, as the court invited them."""
    world.do(
        "agency.invite-administrator", world.court, "command", agency=bank.code, username="chief", name="多吉"
    )
    return Person.objects.get(username="chief")


def public_key() -> str:
    return base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()


# --- joining -------------------------------------------------------------------------------------------
def test_an_agency_answers_the_matters_of_its_kind_when_none_is_named(world, bank):
    of_kind = {code for code, one in linkage.matters().items() if one.agency_kind == "bank"}
    assert set(bank.matters.values_list("matter", flat=True)) == of_kind
    assert bank.member.liaison == world.court
    assert bank.member.joined_on == clock.today()
    assert bank.channel.kind == "portal"


def test_a_headquarters_may_answer_nothing_itself(world):
    add(world, answers_itself=False)
    assert not MatterAnswered.objects.exists()


def test_every_kind_the_decision_names_can_join(world):
    for number, kind in enumerate(AgencyKind):
        add(world, kind=kind.value, name=f"单位{number}", code=f"member-{number}")
    assert Member.objects.count() == len(AgencyKind)


def test_a_branch_is_of_its_headquarters_kind(world, bank):
    with pytest.raises(engine.Refused) as refused:
        add(world, code="branch", kind="land", headquarters=bank.code)
    assert refused.value.field == "headquarters"
    add(world, code="branch", headquarters=bank.code)
    assert Agency.objects.get(code="branch").headquarters == bank


def test_a_credit_code_passes_its_checksum_and_belongs_to_one_agency(world):
    good = credit_code()
    wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
    with pytest.raises(ValidationError):
        add(world, credit_code=wrong)
    add(world, credit_code=good)
    with pytest.raises(engine.Refused, match="credit code"):
        add(world, code="another", credit_code=good)


def test_no_agency_answers_what_another_kind_answers(world):
    with pytest.raises(engine.Refused) as refused:
        add(world, matters=[{"matter": "LAND-SEAL"}])
    assert refused.value.code == "foreign-matter"
    assert not Agency.objects.exists()


@pytest.mark.parametrize("actor", ["clerk", "head", "administrator", "implementer"])
def test_only_the_command_centre_keeps_the_directory(world, actor):
    with pytest.raises(engine.Refused) as refused:
        add(world, actor)
    assert refused.value.code == "duty"


def test_another_courts_agency_is_not_this_courts_to_change(world, bank):
    sister = make_person("sister_command", world.sister, Duty.COMMAND)
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.change", world.sister, sister, agency=bank.code, contact_name="某")
    assert refused.value.code == "not-found"


def test_a_change_leaves_alone_what_it_does_not_name(world, bank):
    world.do("agency.change", world.court, "command", agency=bank.code, contact_name="扎西", duties="查询")
    result = world.do(
        "agency.change",
        world.court,
        "command",
        agency=bank.code,
        needs_second_person=True,
        matters=[{"matter": "BANK-INQ-DEP", "days": 2}, {"matter": "BANK-FRZ-DEP"}],
    )
    bank.member.refresh_from_db()
    assert (bank.member.contact_name, bank.member.duties) == ("扎西", "查询")
    assert bank.member.needs_second_person
    assert dict(bank.matters.values_list("matter", "days")) == {"BANK-INQ-DEP": 2, "BANK-FRZ-DEP": None}
    assert result.outcome["clocks"] == {"BANK-INQ-DEP": 2}
    assert "BANK-DEDUCT" in result.outcome["matters_removed"]


def test_an_agreed_clock_is_what_a_request_runs_by(world, link, case):
    world.do(
        "agency.change",
        world.court,
        "command",
        agency="second-bank",
        matters=[{"matter": "BANK-INQ-DEP", "days": 9}],
    )
    (request,) = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])
    (usual,) = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["demo-bank-chengguan"])
    assert request.due_on > usual.due_on


def test_an_agency_for_which_something_waits_does_not_leave(world, link, case):
    link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["second-bank"])
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.leave", world.court, "command", agency="second-bank", reason="合并")
    assert refused.value.code == "waiting"
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.leave", world.court, "command", agency="demo-bank", reason="合并")
    assert refused.value.code == "branches"


def test_who_leaves_is_asked_no_more_and_acts_no_more(world, link, case, client):
    client.force_login(link.registrar)
    world.do("agency.leave", world.court, "command", agency="demo-land", reason="机构改革")
    assert client.get(reverse("desk")).status_code == 302
    assert not Person.objects.get(username="registrar").agency_duties
    assert {one.agency.code for one in link.inquire(case)} == {"demo-bank-chengguan", "second-bank"}


# --- channels ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "http://answers.bank.cn/in",
        "https://localhost/in",
        "https://inbox.localhost/",
        "https://127.0.0.1/in",
        "https://127.1/in",
        "https://2130706433/in",
        "https://0x7f000001/",
        "https://[::1]/in",
        "https://[::ffff:127.0.0.1]/in",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.100.100.200/latest",
        "https://metadata.google.internal/",
        "https://fe80--1.ip6.internal/",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://user:password@answers.bank.cn/",
        "https://answers.bank.cn/#part",
        "https://answers.bank.cn:99999/",
        "https://198.51.100.7/outside-the-networks",
        "ftp://answers.bank.cn/",
        "https:///in",
        "answers.bank.cn",
    ],
)
def test_an_address_that_must_not_be_called_is_not_taken(url):
    with pytest.raises(BadEndpoint):
        check_url(url, [NETWORK])


def test_a_name_and_an_address_of_the_networks_may_be_called():
    assert check_url("https://answers.bank.cn:8443/in?x=1", [NETWORK])
    assert check_url("https://203.0.113.9/in", [NETWORK])
    assert is_inside("203.0.113.9", [NETWORK])
    assert not is_inside("127.0.0.1", ["127.0.0.0/8"])
    assert check_url("http://127.0.0.1:9000/in", [], at_home=True)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "127.0.0.0/8", "169.254.0.0/16", "::/0", "::1/128", "bank"])
def test_a_network_is_one_agencys_own(text):
    with pytest.raises(BadEndpoint):
        check_networks([text])


def test_a_webhook_is_set_with_address_and_networks_or_not_at_all(world, bank, settings):
    settings.DEV = False
    values = {"agency": bank.code, "kind": "webhook"}
    for wrong in (
        {},
        {"url": "https://answers.bank.cn/"},
        {"url": "https://localhost/", "networks": NETWORK},
    ):
        with pytest.raises(ValidationError):
            world.do("agency.set-channel", world.court, "command", **values, **wrong)
    world.do(
        "agency.set-channel",
        world.court,
        "command",
        **values,
        url="https://answers.bank.cn/in",
        networks=f"{NETWORK}\n2001:db8::/48",
    )
    channel = Channel.objects.get(agency=bank)
    assert (channel.kind, channel.networks) == ("webhook", [NETWORK, "2001:db8::/48"])
    world.do("agency.set-channel", world.court, "command", agency=bank.code, kind="pull")
    channel.refresh_from_db()
    assert (channel.kind, channel.url) == ("pull", "")


# --- people --------------------------------------------------------------------------------------------
def test_the_invited_administrator_sets_a_password_by_a_link_that_no_event_holds(world, bank, client):
    result = world.do(
        "agency.invite-administrator", world.court, "command", agency=bank.code, username="chief", name="多吉"
    )
    chief = Person.objects.get(username="chief")
    assert chief.agency == bank
    assert chief.agency_duties == {Duty.AGENCY_ADMINISTRATOR: {bank.pk}}
    assert not chief.has_usable_password()
    assert result.revealed.rsplit("-", 1)[1].encode() not in bytes(result.event.body)
    page = client.get(re.sub(r"^https?://[^/]+", "", result.revealed), follow=True)
    assert "password1" in page.content.decode()


def test_an_administrator_adds_people_gives_duties_and_ends_them(world, bank, chief):
    result = world.do(
        "agency.add-person",
        world.court,
        chief,
        agency=bank.code,
        username="window",
        name="央金",
        duties=["agency-operator"],
    )
    assert "/accounts/" in result.revealed
    window = Person.objects.get(username="window")
    assert window.agency_duties == {Duty.AGENCY_OPERATOR: {bank.pk}}
    world.do("agency.give-duty", world.court, chief, person="window", duty="agency-reviewer")
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.give-duty", world.court, chief, person="window", duty="agency-reviewer")
    assert refused.value.code == "held"
    holding = DutyHolding.objects.get(person=window, duty=Duty.AGENCY_OPERATOR)
    world.do("agency.end-duty", world.court, chief, holding=str(holding.pk), reason="轮岗")
    assert set(Person.objects.get(pk=window.pk).agency_duties) == {Duty.AGENCY_REVIEWER}


def test_a_duty_of_the_past_or_without_days_is_refused(world, bank, chief):
    make_staff("window", bank)
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    for wrong in ({"since": yesterday}, {"until": yesterday}):
        with pytest.raises(engine.Refused):
            world.do("agency.give-duty", world.court, chief, person="window", duty="agency-operator", **wrong)


def test_closing_an_account_signs_the_person_out_at_once(world, bank, chief, client):
    window = make_staff("window", bank, Duty.AGENCY_OPERATOR)
    client.force_login(window)
    world.do("agency.deactivate-person", world.court, chief, person="window", reason="离职")
    assert client.get(reverse("desk")).status_code == 302
    assert not Person.objects.get(pk=window.pk).is_active
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.give-duty", world.court, chief, person="window", duty="agency-operator")
    assert refused.value.code == "closed"


def test_nobody_changes_their_own_account(world, bank, chief):
    own = DutyHolding.objects.get(person=chief)
    for code, data in (
        ("agency.deactivate-person", {"person": "chief", "reason": "x"}),
        ("agency.give-duty", {"person": "chief", "duty": "agency-operator"}),
        ("agency.end-duty", {"holding": str(own.pk), "reason": "x"}),
        ("agency.sign-in-link", {"person": "chief"}),
    ):
        with pytest.raises(engine.Refused) as refused:
            world.do(code, world.court, chief, **data)
        assert refused.value.code == "own-account", code


def test_an_administrator_reaches_branches_and_no_other_agency(world, link):
    head = link.people["bank_head"]
    world.do("agency.give-duty", world.court, head, person="teller", duty="agency-reviewer")
    for username in ("second_teller", "registrar", "clerk", "nobody"):
        with pytest.raises(engine.Refused) as refused:
            world.do("agency.deactivate-person", world.court, head, person=username, reason="x")
        assert refused.value.code == "not-found"
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.add-person", world.court, head, agency="second-bank", username="mole", name="某")
    assert refused.value.code == "not-found"


@pytest.mark.parametrize("who", ["teller", "registrar", "teller_reviewer"])
def test_who_administers_no_agency_does_not_see_the_register(world, link, who):
    with pytest.raises(engine.OutOfSight):
        world.do(
            "agency.add-person", world.court, link.people[who], agency="demo-bank", username="mole", name="某"
        )


def test_the_register_of_another_court_is_out_of_sight(world, link):
    with pytest.raises(engine.OutOfSight):
        world.do(
            "agency.add-person",
            world.sister,
            link.people["bank_head"],
            agency="demo-bank",
            username="mole",
            name="某",
        )


def test_an_administrator_does_nothing_that_is_the_courts(world, link):
    for code in ("agency.add", "agency.leave", "agency.set-channel", "staff.add-person"):
        with pytest.raises(engine.OutOfSight):
            world.do(code, world.court, link.people["bank_head"])


def test_the_court_may_withdraw_but_not_give_at_an_agency(world, link):
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.add-person", world.court, "command", agency="demo-bank", username="mole", name="某")
    assert refused.value.code == "duty"
    world.do("agency.deactivate-person", world.court, "command", person="teller", reason="账号被盗")
    assert not Person.objects.get(username="teller").is_active


def test_an_administrator_whose_duty_ended_reaches_nothing(world, bank, chief):
    make_staff("colleague", bank, Duty.AGENCY_ADMINISTRATOR)
    holding = DutyHolding.objects.get(person=chief)
    colleague = Person.objects.get(username="colleague")
    world.do("agency.end-duty", world.court, colleague, holding=str(holding.pk), reason="调离")
    with pytest.raises(engine.OutOfSight):
        world.do("agency.add-person", world.court, chief, agency=bank.code, username="late", name="某")


# --- systems and keys ----------------------------------------------------------------------------------
def test_a_systems_secret_is_shown_once_and_bounds_what_it_may_do(world, bank, chief):
    result = world.do(
        "agency.add-client",
        world.court,
        chief,
        agency=bank.code,
        name="核心系统",
        scopes=["linkage:read", "linkage:answer"],
        matters="bank-inq-* BANK-FRZ-DEP",
    )
    shown = re.match(r"client_id=(\S+) client_secret=(\S+)", result.revealed)
    assert shown is not None
    client_id, secret = shown.groups()
    assert secret.encode() not in bytes(result.event.body)
    assert Application.objects.get(client_id=client_id).client_secret != secret
    system = ClientSystem.objects.get(application__client_id=client_id)
    assert system.scopes == ["linkage:answer", "linkage:read", "matter:BANK-FRZ-DEP", "matter:BANK-INQ-*"]
    assert system.person.agency_duties == {Duty.AGENCY_OPERATOR: {bank.pk}}
    world.do("agency.disable-client", world.court, chief, client=client_id, reason="更换")
    assert not ClientSystem.objects.get(pk=system.pk).is_active
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.disable-client", world.court, chief, client=client_id, reason="再次")
    assert refused.value.code == "not-found"


@pytest.mark.parametrize(
    ("scopes", "matters"), [(["cases:read"], "*"), ([], "*"), (["linkage:read"], "CASH-*")]
)
def test_a_system_gets_no_scope_and_no_matter_that_is_not_an_agencys(world, bank, chief, scopes, matters):
    with pytest.raises(ValidationError):
        world.do(
            "agency.add-client",
            world.court,
            chief,
            agency=bank.code,
            name="系统",
            scopes=scopes,
            matters=matters,
        )


def test_another_agencys_system_is_not_mine_to_shut_out(world, link):
    chief = make_staff("second_chief", link.second_bank, Duty.AGENCY_ADMINISTRATOR)
    made = world.do(
        "agency.add-client",
        world.court,
        chief,
        agency="second-bank",
        name="系统",
        scopes=["linkage:read"],
    )
    with pytest.raises(engine.Refused) as refused:
        world.do(
            "agency.disable-client",
            world.court,
            link.people["bank_head"],
            client=made.outcome["client_id"],
            reason="x",
        )
    assert refused.value.code == "not-found"


def test_two_keys_live_side_by_side_and_no_third(world, bank, chief):
    pem = Ed25519PrivateKey.generate().public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    for name, key in (("k1", public_key()), ("k2", pem.decode())):
        world.do("agency.add-key", world.court, chief, agency=bank.code, key_id=name, public_key=key)
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.add-key", world.court, chief, agency=bank.code, key_id="k3", public_key=public_key())
    assert refused.value.code == "too-many"
    old = VerifyingKey.objects.get(key_id="k1")
    world.do("agency.retire-key", world.court, chief, key=str(old.pk), days=7)
    old.refresh_from_db()
    assert old.valid_until is not None
    assert old.valid_until - clock.now() > timedelta(days=6)
    world.do("agency.retire-key", world.court, chief, key=str(old.pk))
    old.refresh_from_db()
    assert old.valid_until is not None
    assert old.valid_until <= clock.now()
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.add-key", world.court, chief, agency=bank.code, key_id="k1", public_key=public_key())
    assert refused.value.code == "taken"


def test_one_key_is_not_two_agencies(world, link):
    key = public_key()
    head = link.people["bank_head"]
    world.do("agency.add-key", world.court, head, agency="demo-bank", key_id="k", public_key=key)
    chief = make_staff("second_chief", link.second_bank, Duty.AGENCY_ADMINISTRATOR)
    with pytest.raises(engine.Refused) as refused:
        world.do("agency.add-key", world.court, chief, agency="second-bank", key_id="k", public_key=key)
    assert refused.value.code == "known"


@pytest.mark.parametrize(
    "text",
    [
        "not base64",
        base64.b64encode(b"short").decode(),
        base64.b64encode(bytes(32)).decode(),
        "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----",
        "whsk_" + base64.b64encode(bytes(range(32))).decode(),
    ],
)
def test_what_is_no_public_key_is_not_taken(world, bank, chief, text):
    with pytest.raises(ValidationError):
        world.do("agency.add-key", world.court, chief, agency=bank.code, key_id="k", public_key=text)


# --- pages ---------------------------------------------------------------------------------------------
def test_the_directory_shows_kinds_figures_and_what_is_missing(
    world, link, case, client, django_assert_max_num_queries
):
    link.inquire(case)
    client.force_login(world.command)
    with django_assert_max_num_queries(25):
        page = client.get(reverse("agencies")).content.decode()
    assert "高原示例银行城关支行" in page
    assert "Kinds without a member yet" in page
    client.force_login(world.clerk)
    assert client.get(reverse("agencies")).status_code == 404


def test_the_page_of_an_agency_shows_what_was_done_about_it(world, bank, chief, client):
    client.force_login(world.command)
    page = client.get(reverse("agency", args=[bank.code])).content.decode()
    assert "珠峰示例银行 (everest-bank) joined" in page
    assert "多吉" in page
    assert Event.objects.filter(act="agency.add").count() == 1
    client.force_login(make_person("sister_command", world.sister, Duty.COMMAND))
    assert client.get(reverse("agency", args=[bank.code])).status_code == 404


def test_an_administrator_works_through_forms_and_sees_own_pages_only(world, link, client):
    head = link.people["bank_head"]
    client.force_login(head)
    assert "teller" in client.get(reverse("portal_people")).content.decode()
    assert client.get(reverse("portal_keys")).status_code == 200
    assert client.get(reverse("agencies")).status_code == 404
    form = reverse("court_act", args=[world.court.code, "agency.add-person"])
    page = client.get(form)
    assert page.status_code == 200
    assert "second-bank" not in page.content.decode()
    typed = {"agency": "demo-bank-chengguan", "username": "window", "name": "央金", "language": "bo"}
    answer = client.post(form, typed | {"duties": ["agency-operator"]})
    assert "/accounts/" in answer.content.decode()
    client.force_login(link.teller)
    assert client.get(reverse("portal_people")).status_code == 404
    assert client.get(form).status_code == 404


def test_the_form_of_a_change_shows_what_is_known(world, bank, client):
    client.force_login(world.command)
    url = reverse("court_act", args=[world.court.code, "agency.change"])
    page = client.get(url, {"about": bank.code, "agency": bank.code}).content.decode()
    assert page.count("BANK-INQ-DEP") > 1
    assert re.search(r'<option value="everest-bank" selected', page)
