"""What was typed and not submitted comes back to the person who typed it, and to nobody else."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from enforcement.models import Draft
from enforcement.queries import drafts
from law import clock


@pytest.fixture
def form(case):
    return reverse("act", args=[case.uid, "case.wait"])


def test_what_was_typed_is_there_again_and_can_be_forgotten(client, world, case, form):
    client.force_login(world.implementer, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(f"{form}draft/", {"reason": "等候评估报告", "until": ""})
    assert answer.status_code == 200
    assert "等候评估报告" in client.get(form).content.decode()
    client.post(f"{form}draft/", {"_discard": "1"})
    assert "等候评估报告" not in client.get(form).content.decode()


def test_a_draft_is_its_writers_alone_and_sealed(client, world, case, form):
    client.force_login(world.implementer, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post(f"{form}draft/", {"reason": "等候评估报告"})
    assert "等候".encode() not in bytes(Draft.objects.get().content)
    world.do("case.reassign", case, "head", officer=world.second_implementer.username, reason="因病请假")
    client.force_login(
        world.second_implementer, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert "等候评估报告" not in client.get(form).content.decode()


def test_doing_the_act_ends_the_draft(client, world, case, form):
    client.force_login(world.implementer, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post(f"{form}draft/", {"reason": "等候评估报告"})
    page = client.get(form).content.decode()
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page)
    assert key is not None
    until = (clock.today() + timedelta(days=20)).isoformat()
    done = client.post(form, {"reason": "等候评估报告", "until": until, "idempotency_key": key[1]})
    assert done.status_code == 303
    assert not Draft.objects.exists()


def test_a_case_out_of_sight_keeps_no_draft(client, world, case, form):
    client.force_login(
        world.sister_implementer, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.post(f"{form}draft/", {"reason": "x"}).status_code == 404
    assert not Draft.objects.exists()


def test_old_drafts_are_forgotten(world, case):
    from django.http import QueryDict

    with clock.travel(clock.today() - drafts.KEPT_FOR * 2):
        drafts.save(world.implementer, case, "case.wait", QueryDict("reason=x"))
    assert drafts.forget_old() == 1
