"""Serializers as browser forms: what was typed comes back, errors stand at their field, rows are edited."""

import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

from enforcement.templatetags.pieces import due, money, qr_code
from enforcement.web.forms import FormRenderer, controls_of, render_form
from enforcement.web.posting import read_post, rows_pressed

pytestmark = pytest.mark.urls("tests.enforcement.test_forms")
urlpatterns: list = []


class Share(serializers.Serializer):
    creditor = serializers.CharField(max_length=20)
    amount = serializers.DecimalField(12, 2, style={"base_template": "money.html"})
    until = serializers.DateField(required=False)

    def validate(self, data):
        if data["creditor"] == "nobody":
            raise serializers.ValidationError("A share needs a creditor.")
        return data


class Address(serializers.Serializer):
    street = serializers.CharField(label="Street")


class Freeze(serializers.Serializer):
    account = serializers.ChoiceField([("a", "Account <A>"), ("b", "Account B")], label="Account")
    amount = serializers.DecimalField(
        12, 2, label="Amount", help_text="Not above the claim.", style={"base_template": "money.html"}
    )
    day = serializers.DateField(label="Day")
    urgent = serializers.BooleanField(required=False)
    tongues = serializers.MultipleChoiceField(choices=[("zh", "Chinese"), ("bo", "Tibetan")], required=False)
    reason = serializers.CharField(required=False, allow_blank=True, style={"base_template": "textarea.html"})
    address = Address()
    items = Share(many=True, allow_empty=False, label="Shares")
    notes = serializers.ListField(child=serializers.CharField(), required=False)
    paper = serializers.FileField(required=False)
    word = serializers.CharField(required=False, style={"input_type": "password"})
    token = serializers.CharField(required=False, style={"input_type": "hidden"})
    case = serializers.HiddenField(default=1)
    number = serializers.CharField(read_only=True)


GOOD = (
    "account=a&amount=60,000.00&day=2026-11-23&urgent=true&tongues=bo&reason=x&address.street=Barkor"
    "&items[0]creditor=Dolma&items[0]amount=1%20200.50&items[0]until=&items[1]creditor=&items[1]amount="
    "&items[2]creditor=Tashi&items[2]amount=%EF%BC%93%EF%BC%90%EF%BC%90&notes[0]=first&token=t"
)


def posted(text: str = GOOD, **more: str) -> QueryDict:
    data = QueryDict(text, mutable=True)
    for name, value in more.items():
        data[name] = value
    return data


CONTROLS = ("input", "select", "textarea")


class Page(HTMLParser):
    """The controls of a page, by name; ids; what labels and aria-describedby point at."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.template_depth = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "template":
            self.template_depth += 1
        self.tags.append((tag, {**dict(attrs), "in-template": self.template_depth > 0}))

    def handle_endtag(self, tag):
        if tag == "template":
            self.template_depth -= 1

    def live(self):
        return [(tag, attrs) for tag, attrs in self.tags if not attrs["in-template"]]

    def field(self, name: str) -> dict:
        return next(
            a for t, a in self.live() if t in ("input", "select", "textarea") and a.get("name") == name
        )

    def names(self) -> list[str]:
        return [a["name"] for t, a in self.live() if t in CONTROLS and "name" in a]

    def ids(self) -> list[str]:
        return [a["id"] for _t, a in self.live() if a.get("id")]


def test_a_posted_form_is_read_with_its_rows_and_its_numbers_as_people_write_them():
    form = read_post(Freeze, posted())
    assert form.is_valid(), form.errors
    data = form.validated_data
    assert data["amount"] == Decimal("60000.00")
    assert [(row["creditor"], row["amount"]) for row in data["items"]] == [
        ("Dolma", Decimal("1200.50")),
        ("Tashi", Decimal("300")),
    ]
    assert data["address"] == {"street": "Barkor"}
    assert data["notes"] == ["first"]
    assert list(data["tongues"]) == ["bo"]


@pytest.mark.parametrize(
    ("text", "good"), [("1,200.5", True), ("1,5", False), ("12,34", False), ("−3", True)]
)
def test_only_commas_between_thousands_are_forgiven(text, good):
    class One(serializers.Serializer):
        amount = serializers.DecimalField(12, 2)

    assert read_post(One, posted("", amount=text)).is_valid() is good


def test_what_was_typed_is_shown_again_valid_or_not():
    form = read_post(Freeze, posted(account="zzz", amount="lots", reason="Because <b>"))
    assert not form.is_valid()
    page = Page(html := render_form(form))
    assert page.field("amount")["value"] == "lots"
    assert page.field("items[1]creditor")["value"] == "Tashi"
    assert page.field("address.street")["value"] == "Barkor"
    assert "checked" in page.field("urgent")
    assert "Because &lt;b&gt;</textarea>" in html
    assert "Account &lt;A&gt;" in html
    assert "checked" in next(a for _t, a in page.live() if a.get("name") == "tongues" and a["value"] == "bo")


def test_an_error_is_joined_to_its_field_and_listed_on_top():
    form = read_post(Freeze, posted(**{"amount": "lots", "items[2]amount": "some"}))
    assert not form.is_valid()
    page = Page(html := render_form(form))
    amount = page.field("amount")
    assert amount["aria-invalid"] == "true"
    assert amount["aria-describedby"] == "f-amount-hint f-amount-error"
    assert "f-amount-error" in page.ids()
    assert "autofocus" in amount
    assert html.count(" autofocus") == 1
    # The blank row between was dropped: the third row typed is the second judged and shown.
    assert page.field("items[1]amount")["aria-invalid"] == "true"
    assert "aria-invalid" not in page.field("items[0]amount")
    links = [a["href"] for t, a in page.live() if t == "a"]
    assert links == ["#f-amount", "#f-items-1-amount"]
    assert {link[1:] for link in links} <= set(page.ids())


def test_ids_are_unique_and_every_label_finds_its_field():
    page = Page(render_form(Freeze()))
    assert len(page.ids()) == len(set(page.ids()))
    assert {a["for"] for t, a in page.live() if t == "label"} <= set(page.ids())


def test_messages_about_a_row_or_the_whole_form_are_not_lost():
    form = read_post(Freeze, posted(**{"items[0]creditor": "nobody"}))
    assert not form.is_valid()
    html = render_form(form, errors="The account is frozen already (case 12).")
    assert html.count("A share needs a creditor.") == 2  # in the summary and at the row
    assert "The account is frozen already (case 12)." in html
    html = render_form(form, errors={"amount": ["Too much."], "gone": ["Unknown field."]})
    assert "Too much." in html
    assert "gone: Unknown field." in html


def test_a_field_left_open_is_missing_rather_than_wrong():
    form = read_post(Freeze, posted(account="", day="", amount=""))
    assert not form.is_valid()
    assert set(form.errors) == {"account", "day", "amount"}
    assert {error[0].code for error in form.errors.values()} == {"required"}


def test_no_row_at_all_is_refused_and_a_blank_row_offered():
    form = read_post(Freeze, posted("account=a&amount=1&day=2026-01-01&address.street=x&items[0]creditor="))
    assert not form.is_valid()
    assert set(form.errors) == {"items"}
    assert "items[0]creditor" in Page(render_form(form)).names()


def test_without_a_script_a_row_is_added():
    post = posted(_add_row="items")
    assert rows_pressed(post)
    page = Page(html := render_form(read_post(Freeze, post)))
    assert [name for name in page.names() if name.endswith("creditor")] == [
        f"items[{i}]creditor" for i in range(4)
    ]
    assert page.field("items[2]creditor")["value"] == "Tashi"
    assert page.field("items[3]creditor")["value"] == ""
    assert "aria-invalid" not in html


def test_without_a_script_a_row_is_removed_and_the_others_close_up():
    page = Page(render_form(read_post(Freeze, posted(_remove_row="items[0]"))))
    assert page.field("items[0]creditor")["value"] == ""
    assert page.field("items[1]creditor")["value"] == "Tashi"
    assert "items[2]creditor" not in page.names()


def test_a_row_button_that_names_nothing_harms_nothing():
    for name in ("items[99]", "nothing[0]", "items", "items[-1]", "items[0]creditor"):
        page = Page(render_form(read_post(Freeze, posted(_remove_row=name))))
        assert page.field("items[2]creditor")["value"] == "Tashi"
    render_form(read_post(Freeze, posted(_add_row="no such list")))


def test_the_script_finds_a_blank_row_to_copy():
    html = render_form(Freeze())
    template = re.search(r"<template>(.*?)</template>", html, re.DOTALL)
    assert template
    assert 'name="items[__row__]amount"' in template[1]
    assert 'id="f-items-__row__-amount"' in template[1]


def test_enter_never_presses_a_row_button():
    page = Page(render_form(Freeze()))
    first = next(a for t, a in page.live() if t == "button" and a.get("type") == "submit")
    assert "name" not in first


def test_hidden_read_only_and_secret_fields_are_treated_as_such():
    form = read_post(Freeze, posted(word="open sesame"))
    html = render_form(form)
    page = Page(html)
    assert page.field("token") == page.field("token") | {"type": "hidden", "value": "t"}
    assert "case" not in page.names()
    assert "number" not in page.names()
    assert page.field("word")["type"] == "password"
    assert "open sesame" not in html


def test_a_fresh_form_takes_suggestions_and_chooses_nothing_by_itself():
    page = Page(html := render_form(Freeze(), initial={"amount": "30420.18", "day": date(2026, 11, 23)}))
    assert page.field("amount")["value"] == "30420.18"
    assert page.field("day")["value"] == "2026-11-23"
    assert "selected" not in html
    assert "aria-invalid" not in html


def test_an_uploaded_file_reaches_the_serializer():
    files = MultiValueDict({"paper": [SimpleUploadedFile("a.pdf", b"%PDF")]})
    form = read_post(Freeze, posted(), files)
    assert form.is_valid(), form.errors
    assert form.validated_data["paper"].name == "a.pdf"


def test_lists_within_rows_keep_their_place():
    class Bid(serializers.Serializer):
        price = serializers.IntegerField()

    class Lot(serializers.Serializer):
        name = serializers.CharField()
        bids = Bid(many=True)

    class Auction(serializers.Serializer):
        lots = Lot(many=True)

    post = posted(
        "lots[0]name=&lots[0]bids[0]price=&lots[1]name=car&lots[1]bids[0]price=&lots[1]bids[1]price=7"
        "&lots[1]bids[2]price=x"
    )
    form = read_post(Auction, post)
    assert not form.is_valid()
    page = Page(render_form(form))
    assert page.field("lots[0]bids[0]price")["value"] == "7"
    assert page.field("lots[0]bids[1]price")["aria-invalid"] == "true"


def test_the_renderer_speaks_the_protocol_of_rest_framework():
    assert 'name="amount"' in FormRenderer().render(Freeze().data)


def test_controls_can_be_placed_by_the_page_itself():
    controls, loose = controls_of(Freeze())
    assert [control.name for control in controls][:3] == ["account", "amount", "day"]
    assert loose == []


def test_nothing_is_styled_or_scripted_inline():
    html = render_form(read_post(Freeze, posted(amount="x")))
    assert not re.search(r"\s(style|on\w+)=", html)
    assert "<script" not in html


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
@pytest.mark.parametrize("language", ["zh-hans", "bo", "en"])
def test_error_pages_need_no_request_and_no_context(code, language):
    with translation.override(language):
        html = render_to_string(f"{code}.html")
    assert "/static/zhixing.css" in html
    assert html.count("<dd>") == 3


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1234567.5", "1,234,567.50"), (Decimal("-3"), "−3.00"), (0, "0.00"), (None, "—"), ("?", "?")],
)
def test_money_is_written_the_same_way_in_every_language(amount, shown):
    with translation.override("zh-hans"):
        assert money(amount) == shown


@pytest.mark.parametrize(
    ("day", "label", "tone"),
    [
        (date(2026, 11, 22), "overdue by 1 day", "red"),
        (date(2026, 10, 1), "overdue by 53 days", "red"),
        (date(2026, 11, 23), "today", "amber"),
        (date(2026, 11, 24), "tomorrow", ""),
        (date(2026, 11, 30), "in 7 days", ""),
        (date(2026, 12, 1), "12-01", ""),
        (date(2027, 1, 2), "2027-01-02", ""),
    ],
)
def test_due_dates_are_relative_within_a_week(day, label, tone):
    with translation.override("en"):
        chip = due(day, date(2026, 11, 23))
    assert chip is not None
    assert (chip.label, chip.tone) == (label, tone)
    assert chip.title.startswith(day.isoformat())


def test_no_due_date_is_no_chip():
    assert due(None) is None
    assert render_to_string("partials/due.html", {"on": None}).strip() == ""


def test_a_qr_code_is_one_path():
    code = qr_code("otpauth://totp/x?secret=ABC")
    assert code.side >= 25
    assert re.fullmatch(r"(M\d+ \d+h1v1h-1z)+", code.path)
