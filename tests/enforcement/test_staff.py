"""People and duties of a court: given from a day on, ended at once, never by oneself."""

from datetime import timedelta

import pytest
from django.urls import reverse

from directory.models import Duty, DutyHolding, Person
from enforcement import engine
from enforcement.models import Event
from law import clock


@pytest.fixture
def newcomer(world):
    world.do("staff.add-person", world.court, "administrator", username="newcomer", name="新来某")
    return Person.objects.get(username="newcomer")


def test_a_new_person_has_no_duties_and_a_link_that_works_once_and_is_in_no_event(world, client):
    result = world.do("staff.add-person", world.court, "administrator", username="newcomer", name="新来某")
    person = Person.objects.get(username="newcomer")
    assert person.court == world.court
    assert not person.duties
    assert not person.has_usable_password()
    link = result.revealed
    assert "/accounts/" in link
    assert link.rsplit("-", 1)[1].encode() not in bytes(result.event.body)
    path = link.removeprefix(link.split("/accounts/")[0])
    page = client.get(path, follow=True)
    assert page.status_code == 200
    client.post(
        page.redirect_chain[-1][0],
        {"password1": "a long enough phrase 9", "password2": "a long enough phrase 9"},
    )
    assert Person.objects.get(pk=person.pk).check_password("a long enough phrase 9")
    again = client.get(path, follow=True)
    assert "password1" not in again.content.decode()


def test_a_sign_in_name_is_given_once(world, newcomer):
    with pytest.raises(engine.Refused) as refused:
        world.do("staff.add-person", world.court, "administrator", username="newcomer", name="又一人")
    assert refused.value.field == "username"


def test_a_duty_counts_from_its_first_day_to_its_last(world, newcomer):
    today = clock.today()
    first, last = today + timedelta(days=2), today + timedelta(days=4)
    world.do(
        "staff.give-duty", world.court, "administrator", person="newcomer", duty="filing-clerk",
        since=first.isoformat(), until=last.isoformat(),
    )  # fmt: skip
    held = []
    for days in range(7):
        with clock.travel(today + timedelta(days=days)):
            held.append(Person.objects.get(pk=newcomer.pk).holds(Duty.FILING_CLERK, world.court.pk))
    assert held == [False, False, True, True, True, False, False]


def test_a_duty_that_ends_signs_the_person_out_in_the_same_moment(world, client):
    client.force_login(world.clerk)
    client.get(reverse("desk"))
    from allauth.usersessions.models import UserSession

    if not UserSession.objects.filter(user=world.clerk).exists():
        UserSession.objects.create(
            user=world.clerk, ip="127.0.0.1", session_key=client.session.session_key, user_agent=""
        )
    holding = world.clerk.holdings.get()
    world.do("staff.end-duty", world.court, "administrator", holding=str(holding.pk), reason="调离")
    assert client.get(reverse("desk")).status_code == 302
    assert not Person.objects.get(pk=world.clerk.pk).duties
    with pytest.raises((engine.Refused, engine.OutOfSight)):
        world.file_case()


def test_nobody_changes_their_own_duties(world):
    with pytest.raises(engine.Refused) as refused:
        world.do("staff.give-duty", world.court, "administrator", person="administrator", duty="president")
    assert refused.value.code == "own-account"


def test_who_administers_accounts_works_on_no_case(world, newcomer):
    world.do("staff.give-duty", world.court, "administrator", person="newcomer", duty="implementer")
    with pytest.raises(engine.Refused) as refused:
        world.do(
            "staff.give-duty", world.court, "administrator", person="newcomer", duty="court-administrator"
        )
    assert refused.value.code == "separation"


def test_only_the_courts_own_administrator_changes_its_people(world):
    for actor in ("head", "president", "sister_head"):
        with pytest.raises((engine.Refused, engine.OutOfSight)):
            world.do("staff.add-person", world.court, actor, username="somebody", name="某")
    with pytest.raises(engine.Refused) as refused:
        world.do("staff.deactivate", world.court, "administrator", person="sister_clerk", reason="x")
    assert refused.value.code == "not-found"


def test_a_closed_account_holds_nothing_and_signs_in_no_more(world, client):
    world.do("staff.deactivate", world.court, "administrator", person="implementer", reason="退休")
    person = Person.objects.get(username="implementer")
    assert not person.duties
    assert not person.is_active
    asked = {"login": "implementer", "password": "correct horse battery"}
    assert client.post(reverse("account_login"), asked).status_code != 302
    assert "_auth_user_id" not in client.session
    assert Event.objects.get(act="staff.deactivate").outcome["duties"]
    assert DutyHolding.objects.filter(person=person).exists()


def test_pages_are_for_the_administrator_and_show_the_history(world, client, newcomer):
    client.force_login(world.administrator)
    page = client.get(reverse("staff")).content.decode()
    assert "新来某" in page
    assert client.get(reverse("staff_person", args=["newcomer"])).status_code == 200
    assert client.get(reverse("staff_person", args=["sister_clerk"])).status_code == 404
    client.force_login(world.implementer)
    assert client.get(reverse("staff")).status_code == 404
