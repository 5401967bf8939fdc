"""The one form of every act: what is typed is kept, one submit has one effect."""

import uuid

import pytest
from django.utils.html import escape

from enforcement.engine import Subject, all_acts
from enforcement.models import Case, Party
from tests.world import bank_card, resident_number


def filing(world, **changes) -> dict[str, str]:
    """A filing as a browser posts it, with nested rows."""
    data = world.filing()
    rows = {name: data.pop(name) for name in ("items", "parties")}
    for name, values in rows.items():
        for index, row in enumerate(values):
            data |= {f"{name}[{index}]{key}": value for key, value in row.items()}
    return data | {"idempotency_key": str(uuid.uuid4()), "seen": ""} | changes


@pytest.fixture
def address(world) -> str:
    return f"/courts/{world.court.code}/acts/case.file/"


def test_a_case_is_filed_by_the_form_and_opens(world, browser, address):
    client = browser("clerk")
    answer = client.post(address, filing(world))
    assert answer.status_code == 303
    page = client.get(answer["Location"]).content.decode()
    assert Case.objects.get().number in page
    assert "卓玛丙" in page


def test_the_form_of_an_act_shows_its_basis_and_its_defaults(world, browser, address):
    page = browser("clerk").get(address).content.decode()
    assert "Civil Procedure Law art. 247" in page
    assert '<option value="执" selected>' in page


def test_errors_stand_at_their_fields_and_what_was_typed_is_kept(world, browser, address):
    typed = filing(world, **{"cause": "租赁合同纠纷", "parties[0]identity_number": "110101199001011230"})
    answer = browser("clerk").post(address, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "租赁合同纠纷" in page
    assert 'value="110101199001011230"' in page
    assert f'value="{typed["idempotency_key"]}"' in page
    assert 'id="f-parties-0-identity_number-error"' in page
    assert not Case.objects.exists()


def test_a_refusal_stands_at_its_field_with_its_rule(world, browser, address):
    from law import clock

    answer = browser("clerk").post(address, filing(world, performance_due_on=clock.today().isoformat()))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="f-performance_due_on-error"' in page
    assert "Provisions on Enforcement Work (Trial) art. 16" in page


def test_a_row_is_added_and_removed_without_a_script(world, browser, address):
    client = browser("clerk")
    added = client.post(address, filing(world) | {"_add_row": "parties"})
    assert added.status_code == 200
    assert 'name="parties[2]name"' in added.content.decode()
    removed = client.post(address, filing(world) | {"_remove_row": "parties[1]"})
    assert 'name="parties[1]name"' not in removed.content.decode()
    assert not Case.objects.exists()


def test_a_row_nobody_wrote_into_is_no_row(world, browser, address):
    untouched = {"items[1]kind": "main", "items[1]label": "", "items[1]amount": "", "items[1]delay_from": ""}
    assert browser("clerk").post(address, filing(world) | untouched).status_code == 303
    assert Case.objects.get().title_items.count() == 1


def test_submitting_one_form_twice_has_one_effect(world, browser, address):
    client, typed = browser("clerk"), filing(world)
    first, second = client.post(address, typed), client.post(address, typed)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1


def test_a_key_used_for_something_else_is_refused_and_replaced(world, browser, address):
    client, typed = browser("clerk"), filing(world)
    client.post(address, typed)
    answer = client.post(address, typed | {"cause": "别的纠纷"})
    assert answer.status_code == 409
    assert typed["idempotency_key"] not in answer.content.decode()
    assert Case.objects.count() == 1


def test_a_stale_form_shows_what_happened_meanwhile_and_keeps_the_input(world, filed, browser):
    client = browser("head")
    address = f"/cases/{filed.uid}/acts/case.reassign/"
    world.do("case.assign", filed, "head", officer="implementer")
    answer = client.post(
        address,
        {
            "officer": "second_implementer",
            "reason": "出差",
            "seen": "1",
            "idempotency_key": str(uuid.uuid4()),
        },
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "implementer" in page
    assert 'value="出差"' in page or ">出差<" in page
    assert f'name="seen" value="{filed.event_count}"' in page
    filed.refresh_from_db()
    assert filed.implementer == world.implementer


def test_a_person_without_the_duty_reads_why_and_gets_no_form(world, filed, browser):
    answer = browser("implementer").get(f"/cases/{filed.uid}/acts/case.assign/")
    assert answer.status_code == 403
    assert 'name="officer"' not in answer.content.decode()


def test_posting_without_the_duty_does_nothing(world, filed, browser):
    answer = browser("implementer").post(f"/cases/{filed.uid}/acts/case.assign/", {"officer": ""})
    assert answer.status_code == 403
    filed.refresh_from_db()
    assert filed.event_count == 1


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example/",
        "https:evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "http://evil.example/",
        "/x\r\nSet-Cookie: a=b",
    ],
)
def test_the_page_to_go_back_to_stays_inside(world, filed, browser, wanted):
    answer = browser("head").post(f"/cases/{filed.uid}/acts/case.assign/", {"officer": "", "_next": wanted})
    assert answer.status_code == 303
    assert answer["Location"] == f"/cases/{filed.uid}/"


def test_going_back_inside_works(world, filed, browser):
    answer = browser("head").post(
        f"/cases/{filed.uid}/acts/case.assign/", {"officer": "", "_next": "/?show=all"}
    )
    assert answer["Location"] == "/?show=all"


def test_markup_in_names_is_text_everywhere(world, browser, address):
    nasty = '"><script>alert(1)</script>{{7*7}}{% now "Y" %}'
    client = browser("clerk")
    typed = filing(
        world,
        cause=nasty[:120],
        **{"parties[0]name": nasty, "parties[1]name": nasty, "items[0]label": nasty[:60]},
    )
    place = client.post(address, typed)["Location"]
    world.do("case.assign", Case.objects.get(), "head", officer="implementer")
    for page in [place, f"{place}print/", "/cases/", "/search/?q=script", f"{place}acts/case.reassign/"]:
        text = client.get(page).content.decode()
        assert "<script>alert" not in text, page
        assert "49{%" not in text
    assert "&lt;script&gt;alert(1)" in client.get(place).content.decode()


def test_markup_in_an_address_is_text(world, browser):
    nasty = '"><img src=x onerror=alert(1)>'
    for address in ["/search/", "/cases/"]:
        assert "<img" not in browser("head").get(address, {"q": nasty}).content.decode()


def test_no_page_shows_a_number_that_is_sealed(world, browser):
    identity, account = resident_number(), bank_card()
    case = world.file_case(
        parties=[world.applicant(identity_number=identity, account_number=account), world.debtor()]
    )
    assert Party.objects.filter(case=case, identity_mask__contains="*").exists()
    for address in [f"/cases/{case.uid}/", f"/cases/{case.uid}/print/", f"/cases/{case.uid}/history/"]:
        page = browser("head").get(address).content.decode()
        assert identity not in page
        assert account not in page
        assert "13900000000" not in page


def test_every_act_on_a_case_has_a_form_for_whoever_holds_its_duty(world, case, browser):
    """Declarations alone are enough: no act needs a page of its own."""
    for act in all_acts():
        if act.subject is not Subject.CASE or act.opens_case or not act.by:
            continue
        for name, person in world.people.items():
            if name in {"sister_clerk", "sister_head", "sister_implementer", "second_implementer"}:
                continue
            if any(person.holds(duty, case.court_id) for duty in act.by):
                answer = browser(name).get(f"/cases/{case.uid}/acts/{act.code}/")
                assert answer.status_code == 200, (act.code, name)
                assert escape(str(act.title)) in answer.content.decode()


def test_every_act_at_a_court_has_a_form_for_whoever_holds_its_duty(world, browser):
    for act in all_acts():
        if (act.subject is not Subject.COURT and not act.opens_case) or not act.by:
            continue
        for name, person in world.people.items():
            if any(person.holds(duty, world.court.pk) for duty in act.by):
                answer = browser(name).get(f"/courts/{world.court.code}/acts/{act.code}/")
                assert answer.status_code == 200, (act.code, name)


def test_an_unknown_act_is_not_found(world, case, browser):
    assert browser("head").get(f"/cases/{case.uid}/acts/no.such/").status_code == 404
    assert browser("clerk").get(f"/courts/{world.court.code}/acts/case.assign/").status_code == 404
    assert browser("sister_clerk").get(f"/courts/{world.court.code}/acts/case.file/").status_code == 404
