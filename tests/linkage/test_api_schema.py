"""Whatever a system of an agency sends, the answer is one the OpenAPI document describes, and no fault."""

import contextlib
from itertools import count

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from enforcement.api import throttling
from tests.enforcement.api.test_schema import CHECKS, SCHEMA, one_transaction
from tests.linkage.test_api import BRANCH, system_of

pytestmark = [pytest.mark.api, pytest.mark.django_db]
_keys = count(1)


@pytest.mark.parametrize(("mode", "examples"), [(GenerationMode.POSITIVE, 12), (GenerationMode.NEGATIVE, 8)])
def test_no_answer_to_an_agency_is_a_fault_of_ours(link, world, monkeypatch, mode, examples):
    monkeypatch.setattr(
        throttling.api_settings, "DEFAULT_THROTTLE_RATES", {"client": "1000000/s"}, raising=False
    )
    bank = system_of(link.branch)
    waiting = [
        link.inquire(world.assigned_case(), matters=["BANK-INQ-DEP"], agencies=[BRANCH])[0] for _ in range(3)
    ]
    with one_transaction():
        schema = schemathesis.openapi.from_wsgi(SCHEMA, get_wsgi_application())
    seen = 0

    for found in schema.include(path_regex="^/api/v1/linkage/").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        seen += 1

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(sent=operation.as_strategy(generation_mode=mode))
        def answers_as_described(sent):
            number = next(_keys)
            if "/requests/{uid}/" in sent.path and number % 5:
                sent.path_parameters["uid"] = str(waiting[number % 3].uid)
            if "/matters/{code}/" in sent.path and number % 3:
                sent.path_parameters["code"] = "BANK-FRZ-DEP"
            key = {"Idempotency-Key": f"generated-{number}"} if number % 7 else {}
            sent.call_and_validate(checks=CHECKS, headers=bank.headers | key)

        # Where nothing can be wrong about a request, there is nothing wrong to send.
        with one_transaction(), contextlib.suppress(Unsatisfiable):
            answers_as_described()
    assert seen >= 10
