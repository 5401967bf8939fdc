"""The calculators over REST: the same arithmetic, in the caller's language, with every wrong fact named."""

import pytest

from law import calculators

pytestmark = [pytest.mark.api, pytest.mark.django_db]
BASE = "/api/v1/calculators/"


def test_every_calculator_says_what_it_asks_for(clerk):
    listed = clerk.get(BASE).json()["results"]
    assert [each["kind"] for each in listed] == list(calculators.CALCULATORS)
    assert all(each["title"] and each["facts"] for each in listed)


def test_a_deadline_is_counted_with_its_steps_and_articles(clerk):
    facts = {"rule_code": "notice.send", "start": "2026-09-25"}
    answer = clerk.post(f"{BASE}deadline/", facts)
    assert answer.status_code == 200
    body = answer.json()
    assert body["due"] == calculators.run("deadline", facts)["due"]
    assert body["steps"]
    assert body["articles"][0]["article"]


def test_wrong_facts_are_named(clerk):
    answer = clerk.post(f"{BASE}deadline/", {"rule_code": "no.such", "start": "2026-09-25"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "facts"
    assert "rule_code" in answer.json()["errors"]
    unknown = clerk.post(
        f"{BASE}deadline/", {"rule_code": "notice.send", "start": "2026-09-25", "colour": "red"}
    )
    assert "colour" in unknown.json()["errors"]


def test_a_calculator_that_is_none_does_not_exist(clerk):
    assert clerk.post(f"{BASE}horoscope/", {}).status_code == 404


def test_calculating_needs_no_key_and_leaves_nothing_behind(clerk):
    from enforcement.models import Event

    facts = {"rule_code": "notice.send", "start": "2026-09-25"}
    first = clerk.http.post(f"{BASE}deadline/", facts, content_type="application/json", headers=clerk.headers)
    assert first.status_code == 200
    assert Event.objects.count() == 0
