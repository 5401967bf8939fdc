"""Calculators as pages: the law's answer, its steps, and errors at the field."""

import pytest
from django.urls import reverse

from law.calculators import CALCULATORS


@pytest.fixture
def page(world, client):
    client.force_login(world.implementer)
    return client


def test_every_calculator_has_its_page_and_stands_in_the_list(page):
    listing = page.get(reverse("calculators")).content.decode()
    for kind in CALCULATORS:
        assert reverse("calculator", args=[kind]) in listing
        assert page.get(reverse("calculator", args=[kind])).status_code == 200
    assert page.get(reverse("calculator", args=["unknown"])).status_code == 404


def test_a_claim_is_calculated_with_its_steps(page):
    answer = page.post(
        reverse("calculator", args=["claim_account"]),
        {
            "items[0]id": "a",
            "items[0]kind": "main",
            "items[0]amount": "１0,000",
            "items[0]delay_from": "2025-01-01",
            "as_of": "2025-01-11",
        },
    )
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "10,017.50" in text
    assert "0.000175" in text


def test_a_wrong_fact_stands_at_its_field_and_what_was_typed_stays(page):
    answer = page.post(
        reverse("calculator", args=["claim_account"]),
        {
            "items[0]id": "a",
            "items[0]kind": "main",
            "items[0]amount": "10.001",
            "items[0]delay_from": "2025-02-30",
            "as_of": "2025-01-11",
        },
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'id="f-items-0-amount-error"' in text
    assert 'id="f-items-0-delay_from-error"' in text
    assert 'value="10.001"' in text


def test_a_map_is_filled_in_rows_and_its_errors_find_their_row(page):
    url = reverse("calculator", args=["foreign_currency"])
    facts = {
        "currency": "USD",
        "amount": "1000",
        "delay_from": "2025-01-01",
        "paid_on": "2025-01-11",
        "mid_rates[0]key": "2025-01-11",
        "mid_rates[0]value": "abc",
    }
    answer = page.post(url, facts)
    assert answer.status_code == 422
    assert 'id="f-mid_rates-0-value-error"' in answer.content.decode()


def test_a_row_can_be_added_without_a_script(page):
    answer = page.post(
        reverse("calculator", args=["claim_account"]),
        {"items[0]id": "a", "items[0]amount": "1", "_add_row": "items"},
    )
    assert answer.status_code == 200
    assert 'name="items[1]id"' in answer.content.decode()


def test_a_fee_and_a_deadline_are_calculated(page):
    fee = page.post(reverse("calculator", args=["fee_inside_pot"]), {"pot": "10000"})
    assert fee.status_code == 200
    due = page.post(
        reverse("calculator", args=["deadline"]), {"rule_code": "filing.decide", "start": "2026-03-02"}
    )
    assert "2026-03-09" in due.content.decode()


def test_a_claim_account_is_filled_from_a_visible_case_only(page, world):
    case = world.file_case()
    world.do("case.assign", case, "head", officer="implementer")
    url = reverse("calculator", args=["claim_account"])
    text = page.get(url, {"case": str(case.uid)}).content.decode()
    assert "120000.00" in text
    page.force_login(world.sister_clerk)
    assert page.get(url, {"case": str(case.uid)}).status_code == 404
