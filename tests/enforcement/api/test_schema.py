"""The OpenAPI document is true: every act is in it, and no answer is one it doesn't describe."""

import contextlib
import io
import json
from itertools import count

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from directory.models import Duty
from enforcement import engine
from enforcement.api import throttling
from enforcement.engine import Subject

pytestmark = [pytest.mark.api, pytest.mark.django_db]
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
SCHEMA = "/api/v1/openapi.json"
_keys = count(1)


@contextlib.contextmanager
def one_transaction():
    """Requests through WSGI leave the test's own connection open, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def described(client, language="en"):
    return json.loads(client.get(SCHEMA, headers={"Accept-Language": language}).content)


def test_the_document_is_valid_and_complete_without_a_warning():
    written = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=written)
    assert json.loads(written.getvalue())["openapi"] == "3.1.0"


def test_every_act_is_an_operation_with_its_own_input(client):
    document = described(client)
    seen = set()
    for act in engine.all_acts():
        if not act.by:
            continue
        at_court = act.opens_case or act.subject is Subject.COURT
        place = "courts/{code}" if at_court else "cases/{uid}"
        operation = document["paths"][f"/api/v1/{place}/acts/{act.code}/"]["post"]
        shape = operation["requestBody"]["content"]["application/json"]["schema"]
        if "$ref" in shape:
            shape = document["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
        fields = {field for field, declared in act.Input().fields.items() if not declared.read_only}
        assert set(shape.get("properties", {})) == fields, act.code
        headers = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
        assert "Idempotency-Key" in headers
        assert {"201", "202", "400", "403", "404", "409", "422", "429"} <= set(operation["responses"])
        assert operation["security"] == [{"client": ["cases:act"]}]
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])


def test_titles_come_in_the_readers_language(client):
    assert described(client, "en")["paths"]["/api/v1/cases/"]["get"]["summary"].startswith("Cases")
    answer = client.get(SCHEMA, headers={"Accept-Language": "en"})
    assert answer.headers["Content-Language"] == "en"


@pytest.mark.parametrize(("mode", "examples"), [(GenerationMode.POSITIVE, 3), (GenerationMode.NEGATIVE, 2)])
def test_whatever_is_sent_the_answer_is_one_the_document_describes(
    world, caller_of, monkeypatch, mode, examples
):
    """Every operation with generated input, on a case in sight and on none; no answer is a fault of ours."""
    monkeypatch.setattr(
        throttling.api_settings, "DEFAULT_THROTTLE_RATES", {"client": "1000000/s"}, raising=False
    )
    caller = caller_of(
        Duty.FILING_CLERK, Duty.BUREAU_HEAD, Duty.PRESIDENT, Duty.FINANCE, Duty.IMPLEMENTER, Duty.COMMAND
    )
    filed = world.file_case()
    under_way = world.file_case()
    world.do("case.assign", under_way, "head", officer=caller.person.username)
    with one_transaction():
        schema = schemathesis.openapi.from_wsgi(SCHEMA, get_wsgi_application())

    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

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
            if "/cases/{uid}/" in sent.path and number % 5:
                sent.path_parameters["uid"] = str((filed if number % 2 else under_way).uid)
            if "/courts/{code}/" in sent.path and number % 5:
                sent.path_parameters["code"] = world.court.code
            key = {"Idempotency-Key": f"generated-{number}"} if number % 7 else {}
            sent.call_and_validate(checks=CHECKS, headers=caller.headers | key)

        # Where nothing can be wrong about a request, there is nothing wrong to send.
        with one_transaction(), contextlib.suppress(Unsatisfiable):
            answers_as_described()
