"""JSON that two readers could read differently is refused in words (W8); amounts mean what they say (W9)."""

import json

import pytest

from enforcement.models import Case, Party

pytestmark = [pytest.mark.api, pytest.mark.django_db]
FILE = "/api/v1/courts/藏0102/acts/case.file/"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"cause": "a", "cause": "b"}', "cause"),
        (b'{"items": [{"label": "a", "label": "b"}]}', "label"),
        (b'{"x":' * 10_000 + b"1" + b"}" * 10_000, "32"),
        (b"[" * 40 + b"]" * 40, "32"),
        (b'{"interest_annual": NaN}', "NaN"),
        (b'{"interest_annual": -Infinity}', "Infinity"),
        (b'{"interest_annual": ' + b"9" * 5000 + b"}", ""),
        (b"\xef\xbb\xbf{}", ""),
        ('{"cause": "a"}'.encode("utf-16"), ""),
        (b'{"cause": "\xff"}', "UTF-8"),
        (b'{"cause": "\\ud800"}', ""),
        (b'{"\\udc00": "a"}', ""),
        (b'{"cause": "a\\u0000b"}', "NUL"),
        (b"{'cause': 'a'}", "JSON"),
        (b'{"cause": "a"} {}', "JSON"),
        (b'"text"', ""),
        (b"[]", ""),
        (b"null", ""),
        (b'{"cause": "' + b"a" * 1_100_000 + b'"}', "1 MiB"),
    ],
)
def test_what_is_not_plain_json_is_refused_in_words(clerk, body, word):
    answer = clerk.raw(FILE, body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert word in answer.json()["detail"]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-16",
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ],
)
def test_only_json_in_utf_8_is_read(clerk, content_type):
    assert clerk.raw(FILE, b"{}", content_type).status_code == 415


@pytest.mark.parametrize(
    "number",
    [
        "1e400",
        "-0",
        str(10**40),
        "1E+999999999",
        "0.001",
        "true",
        "[]",
        "{}",
        '"１２"',
        '"1e3"',
        "0",
        "-1",
        '"12345678901234567.00"',
        '"１,000"',
    ],
)
def test_a_number_is_an_amount_or_is_refused(clerk, world, number):
    filing = json.dumps(world.filing(), ensure_ascii=False).replace('"120000.00"', number)
    answer = clerk.raw(FILE, filing.encode())
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {"items[0].amount"}


@pytest.mark.parametrize(
    ("written", "kept"), [("1200.5", "1200.50"), ('"1,200.50"', "1200.50"), ("7", "7.00")]
)
def test_an_exact_amount_is_kept_exactly(clerk, world, written, kept):
    filing = json.dumps(world.filing(), ensure_ascii=False).replace('"120000.00"', written)
    assert clerk.raw(FILE, filing.encode()).status_code == 201
    assert str(Case.objects.get().claim) == kept


@pytest.mark.parametrize(
    "day", ["0000-01-01", "2025-02-29", "2026-13-01", "29.2.2024", 20260101, None, ["2026-01-01"]]
)
def test_a_day_that_is_none_is_refused(clerk, world, day):
    answer = clerk.post(FILE, world.filing(applied_on=day))
    assert answer.status_code == 400
    assert "applied_on" in answer.json()["errors"]


def test_names_keep_their_rare_characters(clerk, world):
    name, tibetan = "𠮷田𡃁", "བསྟན་འཛིན་རྒྱ་མཚོ།"
    debtor = world.debtor(name=name, name_bo=tibetan)
    answer = clerk.post(FILE, world.filing(parties=[world.applicant(), debtor]))
    assert answer.status_code == 201
    assert Party.objects.get(name=name).name_bo == tibetan


@pytest.mark.parametrize("name", ["旦增\u202e乙", "旦\u2066增", "a\u0007b"])
def test_invisible_controls_in_a_name_are_refused(clerk, world, name):
    answer = clerk.post(FILE, world.filing(parties=[world.applicant(), world.debtor(name=name)]))
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["parties[1].name"]
