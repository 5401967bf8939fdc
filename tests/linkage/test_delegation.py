"""Delegated enforcement between two installations: a letter leaves, is filed there, results travel back."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import override_settings
from django.urls import reverse

from enforcement import engine
from enforcement.models import Case, Deadline, DeadlineState, Measure, Message
from law import clock
from linkage import letters, signatures
from linkage.models import Delegation, Letter, LetterKind, PeerCourt
from tests.enforcement.control import freeze

THEIRS = {"theirs": b"t" * 32}


def add_peer(world, **changes):
    values = {
        "code": "川0104", "name": "某市某区人民法院", "level": "basic", "url": "https://10.20.0.9",
        "networks": ["10.20.0.0/16"], "public_key": signatures.our_keys().popitem()[1],
    }  # fmt: skip
    act = engine.act_named("peer.add")
    return engine.submit(act, world.court, world.people["command"], values | changes)


@pytest.fixture
def peer(world) -> PeerCourt:
    """A basic court of another province, on an installation of its own."""
    with override_settings(LINKAGE_SIGNING_KEYS=THEIRS):
        key = signatures.our_keys()["theirs"]
    add_peer(world, public_key=key)
    return PeerCourt.objects.get(code="川0104")


class Correspondent:
    """The other court, as far as its letters go."""

    def __init__(self, client, peer: PeerCourt):
        self.client, self.peer = client, peer

    def body(self, kind: LetterKind, number: str, letter_id=None, **data) -> tuple[str, bytes]:
        letter_id = letter_id or uuid4()
        body = letters.envelope(letter_id, self.peer, kind, clock.now(), {"number": number} | data)
        return str(letter_id), body

    def post(self, letter_id: str, body: bytes, keys=THEIRS, **changes):
        with override_settings(LINKAGE_SIGNING_KEYS=keys):
            headers = signatures.sign(letter_id, clock.now(), body) | changes
        return self.client.post(
            reverse("peer-messages", args=[self.peer.code]),
            body,
            content_type="application/cloudevents+json",
            headers=headers,
        )

    def write(self, kind: LetterKind, number: str, **data):
        return self.post(*self.body(kind, number, **data))


@pytest.fixture
def other(client, peer) -> Correspondent:
    return Correspondent(client, peer)


def send(world, case, **data):
    values = {"peer": "川0104", "reason": "本辖区无财产，财产在该区", "phone": "0891-0000000"} | data
    world.approve(world.do("delegation.send", case, "implementer", **values), "head")
    return Delegation.objects.get(case=case, direction="out")


@pytest.fixture
def sent(world, peer, case) -> Delegation:
    return send(world, case)


def open_rules(case) -> set[str]:
    return set(Deadline.objects.filter(case=case, state=DeadlineState.OPEN).values_list("rule", flat=True))


# --- sending ------------------------------------------------------------------------------------
def test_the_head_decides_and_the_letter_carries_the_whole_application(world, peer, case):
    proposed = world.do(
        "delegation.send", case, "implementer", peer="川0104", reason="财产在该区", phone="0891-0000000"
    )
    assert not Letter.objects.exists()
    world.approve(proposed, "head")
    letter = Letter.objects.get()
    said = letters.content(letter)
    debtor = case.parties.get(role="debtor")
    assert said["to"] == "川0104"
    assert debtor.identity_number in {party["identity_number"] for party in said["filing"]["parties"]}
    assert Message.objects.get(kind="letter").recipient == "court:川0104"
    assert {"delegation.file"} <= open_rules(case)


def test_personal_data_of_a_letter_is_sealed_and_in_no_event(sent):
    number = sent.case.parties.get(role="debtor").identity_number
    letter = Letter.objects.get()
    assert number.encode() not in bytes(letter.body_sealed)
    assert letter.event is not None
    assert number.encode() not in bytes(letter.event.body)
    assert number not in json.dumps(Message.objects.get(kind="letter").body)


def test_a_case_is_delegated_to_one_court_at_a_time(world, sent):
    with pytest.raises(engine.Refused, match="already"):
        send(world, sent.case)


def test_a_court_of_another_level_is_refused(world, peer, case):
    add_peer(world, code="川01", name="某市中级人民法院", level="intermediate")
    with pytest.raises(engine.Refused, match="same level"):
        send(world, case, peer="川01")


def test_what_ends_within_a_month_is_renewed_first(world, peer):
    case = world.assigned_case()
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")
    measure = freeze(world, case, months=1)
    assert measure.last_day <= clock.today() + timedelta(days=31)
    with clock.freeze(clock.now() + timedelta(days=5)), pytest.raises(engine.Refused, match="Renew"):
        send(world, case)
    other = world.assigned_case()
    world.do("notice.issue", other, "implementer", report_days=10, contact="0891-0000000")
    freeze(world, other, months=12)
    assert send(world, other).state == "sent"


def test_an_address_outside_its_networks_is_no_peer(world, peer):
    from rest_framework.exceptions import ValidationError

    with pytest.raises(ValidationError, match="networks"):
        add_peer(world, code="川0105", url="https://192.0.2.7")


# --- hearing ------------------------------------------------------------------------------------
def test_the_notice_of_filing_opens_the_clock_of_telling_the_applicant(world, sent, other):
    answer = other.write(LetterKind.FILED, sent.number, case_number="（2026）川0104执8号", contact="028-1")
    assert (answer.status_code, answer.json()["state"]) == (202, "applied")
    sent.refresh_from_db()
    assert (sent.state, sent.other_number) == ("filed", "（2026）川0104执8号")
    assert "delegation.file" not in open_rules(sent.case)
    assert {"delegation.notify", "delegation.report", "delegation.limit"} <= open_rules(sent.case)
    world.do("delegation.notify", sent.case, "implementer", told_on=clock.today(), how="电话")
    assert "delegation.notify" not in open_rules(sent.case)


def test_results_come_back_and_end_it(sent, other):
    other.write(LetterKind.FILED, sent.number, case_number="（2026）川0104执8号")
    other.write(LetterKind.REPORTED, sent.number, text="已冻结", received="1000.00", finished=False)
    other.write(LetterKind.REPORTED, sent.number, text="执行完毕", received="120000.00", finished=True)
    sent.refresh_from_db()
    assert (sent.state, str(sent.received)) == ("finished", "120000.00")
    assert not {rule for rule in open_rules(sent.case) if rule.startswith("delegation.")}
    assert open_rules(sent.case), "an open case always has a next step"


def test_a_return_gives_thirty_days_to_complete_it(world, sent, other):
    other.write(LetterKind.RETURNED, sent.number, reason="缺被执行人身份证明")
    sent.refresh_from_db()
    assert sent.state == "returned"
    assert "delegation.supplement" in open_rules(sent.case)
    again = world.do(
        "delegation.send", sent.case, "implementer", peer="川0104", reason="已补办", phone="0891-0000000"
    )
    assert again.proposal is not None


def test_the_same_letter_twice_has_one_effect(sent, other):
    letter = other.body(LetterKind.FILED, sent.number, case_number="（2026）川0104执8号")
    assert [other.post(*letter).status_code for _ in range(3)] == [202, 200, 200]
    assert Letter.objects.filter(direction="in").count() == 1
    assert sent.case.events.filter(act="delegation.hear").count() == 1


def test_the_same_id_with_other_content_is_refused(sent, other):
    letter_id, body = other.body(LetterKind.FILED, sent.number, case_number="A")
    other.post(letter_id, body)
    assert other.post(letter_id, body.replace(b'"A"', b'"B"')).status_code == 409
    sent.refresh_from_db()
    assert sent.other_number == "A"


def test_a_letter_after_the_end_is_kept_without_effect(sent, other):
    other.write(LetterKind.RETURNED, sent.number, reason="缺材料")
    answer = other.write(LetterKind.FILED, sent.number, case_number="（2026）川0104执8号")
    assert (answer.status_code, answer.json()["state"]) == (202, "refused")
    sent.refresh_from_db()
    assert sent.state == "returned"


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({}, {"stranger": b"s" * 32}),
        ({"webhook-timestamp": "1000"}, THEIRS),
        ({"webhook-signature": "v1,AAAA"}, THEIRS),
        ({"webhook-signature": ""}, THEIRS),
        ({"webhook-id": "another"}, THEIRS),
    ],
)
def test_what_the_other_court_did_not_sign_is_not_stored(sent, other, changes, keys):
    letter = other.body(LetterKind.FILED, sent.number, case_number="X")
    assert other.post(*letter, keys=keys, **changes).status_code == 401
    assert not Letter.objects.filter(direction="in").exists()


def test_junk_is_refused_and_not_stored(other):
    letter_id = str(uuid4())
    for body in (b"", b"junk", b"[]", b"{" * 100_000, b'{"data": {}}', b"\xff\xfe"):
        assert other.post(letter_id, body).status_code == 400
    assert other.post(letter_id, b" " * (1024 * 1024 + 1)).status_code == 413
    assert not Letter.objects.exists()


def test_a_stranger_and_another_case_s_number_find_nothing(other, sent, client):
    assert other.write(LetterKind.FILED, "D-2026-0-0").status_code == 404
    assert (
        client.post(reverse("peer-messages", args=["沪0101"]), b"{}", "application/json").status_code == 404
    )


def test_a_court_that_was_stopped_is_not_heard(world, sent, other):
    world.do("peer.stop", world.court, "command", peer="川0104", reason="密钥泄露")
    assert other.write(LetterKind.FILED, sent.number, case_number="X").status_code == 404


def test_two_keys_live_while_one_is_replaced(world, sent, other):
    fresh = {"fresh": b"f" * 32}
    with override_settings(LINKAGE_SIGNING_KEYS=fresh):
        key = signatures.our_keys()["fresh"]
    world.do("peer.change-key", world.court, "command", peer="川0104", public_key=key)
    letter = other.body(LetterKind.FILED, sent.number, case_number="X")
    assert other.post(*letter, keys=fresh).status_code == 202
    assert other.post(*letter, keys=THEIRS).status_code == 200


def test_stored_letters_never_change(sent):
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.update(number="D-0")
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.all().delete()


# --- receiving ----------------------------------------------------------------------------------
ASSET = {
    "owner": 2, "kind": "deposit", "description": "某银行存款", "holder": "某银行",
    "account_number": "6222020200112233445", "register_number": "", "value": "50000.00",
    "value_source": "银行反馈", "prior_claims": "0.00", "is_only_home": False, "is_indivisible": False,
    "measures": [],
}  # fmt: skip


@pytest.fixture
def letter(world, other) -> Letter:
    today = clock.today()
    measure = {
        "kind": "freeze", "rank": 2, "amount": "50000.00", "first": today - timedelta(days=30),
        "last": today + timedelta(days=300), "state": "waiting", "basis": "民诉法253", "officers": "甲、乙",
    }  # fmt: skip
    filing = world.filing()
    assert other.write(
        LetterKind.SENT, "D-2026-7-1", to=world.court.code, reason="财产在贵院辖区", delegated_on=today,
        case_number="（2026）川0104执1号", officer={"name": "某甲", "phone": "028-1"}, filing=filing,
        assets=[ASSET | {"found_on": today, "measures": [measure]}],
    ).status_code == 202  # fmt: skip
    return Letter.objects.get(direction="in")


def accept(world, letter, who="clerk") -> Case:
    case = engine.submit(
        engine.act_named("delegation.accept"), world.court, world.people[who],
        {"letter": str(letter.uid), "contact": "0891-1"},
    ).case  # fmt: skip
    assert case is not None
    return case


def test_a_letter_waits_seven_days_for_the_clerk(letter):
    assert letter.state == "received"
    assert letter.due_on >= clock.today() + timedelta(days=7)
    assert not Case.objects.exists()


def test_filing_it_makes_a_case_with_its_origin_measures_and_clocks(world, letter):
    case = accept(world, letter)
    delegation = Delegation.objects.get(case=case)
    assert case.type_code == "执"
    assert (delegation.direction, delegation.other_number) == ("in", "（2026）川0104执1号")
    measure = Measure.objects.get(case=case)
    assert (measure.rank, measure.state) == (2, "waiting"), "the rank of the first order is kept"
    assert measure.asset.account_number == "6222020200112233445"
    due = {one.rule: one for one in Deadline.objects.filter(case=case)}
    assert (due["delegation.start"].due_on - clock.today()).days >= 15
    assert (due["delegation.report"].due_on - clock.today()).days >= 30
    assert {"delegation.limit", "filing.handover"} <= set(due)
    back = Letter.objects.get(direction="out")
    assert (back.kind, letters.content(back)["case_number"]) == (LetterKind.FILED, case.number)


def test_a_letter_is_filed_once(world, letter):
    accept(world, letter)
    with pytest.raises(engine.Refused, match="No such letter"):
        accept(world, letter)


def test_who_enforces_it_and_how_far_it_is_travels_back(world, letter):
    case = accept(world, letter)
    world.do("case.assign", case, "head", officer="implementer")
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")
    assert "delegation.start" not in open_rules(case)
    with pytest.raises(engine.Refused, match="Close it first"):
        world.do("delegation.report", case, "implementer", text="执行完毕", finished=True)
    world.do("delegation.report", case, "implementer", text="已查明存款")
    assert "delegation.report" not in open_rules(case)
    kinds = [one.kind for one in Letter.objects.filter(direction="out").order_by("id")]
    assert kinds == [LetterKind.FILED, LetterKind.ASSIGNED, LetterKind.REPORTED]


def test_papers_that_lack_something_are_returned_with_the_reason(world, other):
    broken = world.filing(parties=[world.applicant(), world.debtor(identity_number="123")])
    other.write(LetterKind.SENT, "D-2026-8-1", to=world.court.code, filing=broken, assets=[])
    letter = Letter.objects.get(direction="in")
    with pytest.raises(engine.Refused, match="Return it"):
        accept(world, letter)
    world.do("delegation.return", world.court, "clerk", letter=str(letter.uid), reason="身份号码有误")
    back = Letter.objects.get(direction="out")
    assert (back.kind, letters.content(back)["reason"]) == (LetterKind.RETURNED, "身份号码有误")
    letter.refresh_from_db()
    assert letter.state == "refused"


def test_a_clerk_of_another_court_does_not_see_it(world, letter):
    with pytest.raises(engine.Refused, match="No such letter"):
        engine.submit(
            engine.act_named("delegation.accept"), world.sister, world.sister_clerk,
            {"letter": str(letter.uid), "contact": "1"},
        )  # fmt: skip
