"""Deadlines: worked cases on paper, and what must hold for every rule and every day."""

import csv
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from law import calendar, nodes
from law.calendar import Calendar
from law.clock import SHANGHAI
from law.counting import Counting, Direction, Unit, add_months
from law.deadlines import DeadlineError, all_rules, deadline_calculator, rule
from law.money.errors import FactError

ONE_DAY = timedelta(days=1)
NATIONAL = calendar.default()

with (Path(__file__).parent / "data" / "deadline_cases.csv").open(encoding="utf-8") as table:
    CASES = list(csv.DictReader(table))

DAYS = st.dates(date(2018, 1, 1), date(2034, 12, 31))
FORWARD = [
    each for each in all_rules() if each.counting.direction is Direction.AFTER and each.unit is not Unit.HOUR
]
BACKWARD = [each for each in all_rules() if each.counting.direction is Direction.BEFORE]


@st.composite
def spans(draw: st.DrawFn, least: int = 0) -> list[tuple[date, date]]:
    firsts = draw(st.lists(st.tuples(DAYS, st.integers(0, 200)), min_size=least, max_size=4))
    return [(first, first + timedelta(days=length)) for first, length in firsts]


def due(code, start, **more):
    return rule(code).due(start, **more).on


# --- Worked cases -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_worked_cases(case):
    facts = {name: case[name] for name in ("rule_code", "start", "excluded_days") if case[name]}
    result = deadline_calculator(facts)
    assert result["due"] == case["due"]
    assert result["projected"] is False
    assert result["steps"]
    assert result["articles"]


def test_a_weekend_worked_in_lieu_is_no_day_off():
    # Ten days after 4 February 2026 is Saturday the 14th, worked in lieu of the Spring Festival.
    assert due("notice.send", date(2026, 2, 4)) == date(2026, 2, 14)


def test_a_period_of_months_ends_on_the_last_day_of_a_month_without_the_day():
    assert add_months(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert add_months(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 15), -2) == date(2025, 11, 15)


def test_a_freeze_ends_on_its_day_even_if_that_is_a_day_off():
    # 解释485: deposits, one year. 2026-10-03 is in the National Day holiday; renewal can not wait.
    ends = rule("control.deposit.term").due(date(2025, 10, 3))
    assert ends.on == date(2026, 10, 3)
    assert ends.act_by == date(2026, 9, 30)


def test_a_term_shorter_than_its_ceiling_replaces_it():
    assert due("control.immovable.term", date(2025, 6, 10), length=2) == date(2027, 6, 10)


def test_a_local_holiday_moves_the_last_day():
    losar = Calendar({date(2026, 3, 3): False, date(2026, 3, 4): False})
    assert due("objection.decide", date(2026, 2, 16)) == date(2026, 3, 3)
    assert due("objection.decide", date(2026, 2, 16), calendar=losar) == date(2026, 3, 5)


def test_a_suspension_stops_the_six_months():
    # Filed 2025-03-03; valuation from 1 to 30 June (30 days): 3 September becomes 3 October, a day off.
    valuation = [(date(2025, 6, 1), date(2025, 6, 30))]
    found = rule("closing.limit").due(date(2025, 3, 3), suspensions=valuation)
    assert found.counted_to == date(2025, 10, 3)
    assert found.on == date(2025, 10, 9)


def test_overlapping_suspensions_are_counted_once():
    once = due("closing.limit", date(2025, 3, 3), suspensions=[(date(2025, 6, 1), date(2025, 6, 30))])
    twice = due(
        "closing.limit",
        date(2025, 3, 3),
        suspensions=[(date(2025, 6, 1), date(2025, 6, 20)), (date(2025, 6, 11), date(2025, 6, 30))],
    )
    assert once == twice


def test_a_suspension_outside_the_period_changes_nothing():
    plain = due("closing.limit", date(2025, 3, 3))
    outside = [(date(2024, 1, 1), date(2025, 3, 3)), (date(2026, 1, 1), date(2026, 12, 31))]
    assert due("closing.limit", date(2025, 3, 3), suspensions=outside) == plain


def test_a_suspension_that_only_the_first_one_brings_into_the_period_counts_too():
    # The end moves from 3 September past 10 September, where a second stretch begins.
    both = [(date(2025, 6, 1), date(2025, 6, 30)), (date(2025, 9, 10), date(2025, 9, 19))]
    assert rule("closing.limit").due(date(2025, 3, 3), suspensions=both).counted_to == date(2025, 10, 13)


def test_a_suspension_while_waiting_for_the_next_workday_pushes_that_day():
    # 2026-05-17 is a Sunday; from Monday the 18th the case is stayed for three days.
    assert due(
        "closing.limit", date(2025, 11, 17), suspensions=[(date(2026, 5, 18), date(2026, 5, 20))]
    ) == date(2026, 5, 21)


def test_working_days_stand_still_too():
    assert due("credit.correct.fix", date(2026, 3, 2)) == date(2026, 3, 5)
    assert due(
        "credit.correct.fix", date(2026, 3, 2), suspensions=[(date(2026, 3, 3), date(2026, 3, 4))]
    ) == date(2026, 3, 9)


def test_excluded_days_are_a_number_or_the_days_themselves():
    start = date(2026, 3, 2)
    days = [date(2026, 3, 5), date(2026, 3, 6)]
    assert due("objection.decide", start) == date(2026, 3, 17)
    assert due("objection.decide", start, excluded_days=days) == date(2026, 3, 19)
    assert due("objection.decide", start, excluded_days=2) == date(2026, 3, 19)


def test_the_renewal_of_a_measure_is_due_on_its_last_day_at_the_latest():
    renew = rule("control.renew").due(date(2026, 5, 17))
    assert renew.on == date(2026, 5, 17)
    assert renew.act_by == date(2026, 5, 15)


def test_an_immediate_duty_is_due_on_the_day_itself():
    assert due("control.release", date(2026, 5, 17)) == date(2026, 5, 17)


def test_hours_run_from_the_next_hour():
    # 解释125: 以时起算的期间从次时起算.
    received = datetime(2026, 3, 10, 9, 20, tzinfo=SHANGHAI)
    found = rule("preserve.rule.urgent").due(received)
    assert found.on is None
    assert found.at == datetime(2026, 3, 12, 10, 0, tzinfo=SHANGHAI)
    assert found.ends == found.at
    assert found.day == date(2026, 3, 12)
    assert rule("preserve.rule.urgent").due(received.astimezone(UTC)).at == found.at


def test_the_hours_of_questioning_run_from_the_moment_itself():
    arrived = datetime(2026, 3, 10, 9, 20, tzinfo=SHANGHAI)
    assert rule("inquiry.question.limit").due(arrived).at == arrived + timedelta(hours=8)
    assert rule("inquiry.question.limit-detention").due(arrived).at == arrived + timedelta(hours=24)


def test_a_moment_starts_a_period_in_days_on_its_legal_day():
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # 2 March in Beijing
    assert due("objection.file", late) == due("objection.file", date(2026, 3, 2))


def test_a_period_in_a_year_without_an_arrangement_is_projected():
    found = rule("closing.limit").due(date(2040, 11, 5))
    assert found.projected
    assert any("not published" in str(step) for step in found.steps)


def test_a_period_whose_length_an_order_sets_needs_that_length():
    with pytest.raises(DeadlineError, match="no length of its own") as refusal:
        rule("report.submit").due(date(2026, 3, 2))
    assert refusal.value.fact == "length"
    assert due("report.submit", date(2026, 3, 2), length=10) == date(2026, 3, 12)
    assert due("linkage.answer", date(2026, 2, 12), length=3) == date(2026, 2, 24)


def test_what_was_not_seen_in_its_text_says_so():
    assert not rule("disposal.online.sale.ask").verified
    assert "was not seen" in str(rule("disposal.online.sale.ask").due(date(2026, 3, 2)).steps[-1])


# --- The table ----------------------------------------------------------------------------------------------


def test_every_row_is_read():
    tables = [files("law") / "data" / name for name in ("deadlines.csv", "product_deadlines.csv")]
    statutory, own = (
        [row["code"] for row in csv.DictReader(table.open(encoding="utf-8"))] for table in tables
    )
    assert len(statutory) == 178
    # A clock of ours must never stand in for one of the law's.
    assert not set(statutory) & set(own)
    assert {each.code for each in all_rules()} == {*statutory, *own}


def test_what_the_product_sets_itself_is_never_shown_as_law():
    table = files("law") / "data" / "product_deadlines.csv"
    own = {row["code"] for row in csv.DictReader(table.open(encoding="utf-8"))}
    assert not any(rule(code).verified for code in own)
    assert all(rule(code).instruments[0].key == "RECOMMENDED" for code in own)


def test_every_rule_names_its_basis():
    assert all(each.citations for each in all_rules())
    assert rule("closing.limit").suspendable
    assert not rule("objection.decide").suspendable
    with pytest.raises(KeyError, match="no deadline rule"):
        rule("closing.never")


def test_every_node_has_a_clock():
    assert all(each.deadline.code == each.deadline_code for each in nodes.nodes())


def test_a_rule_of_counting_is_read_into_its_parts():
    read = Counting.parse("set_by=令;dir=after;first_day=excluded;roll=yes;suspended_by=中止;重新计算")
    assert read == Counting(Direction.AFTER, True, True, "令", "中止;重新计算")


# --- Properties ---------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORWARD), DAYS, spans())
def test_a_period_that_runs_forward_never_ends_before_it_starts(each, start, still):
    found = each.due(start, length=7 if each.set_by_order else None, suspensions=still)
    assert found.on > start
    assert found.counted_to <= found.on
    if each.counting.roll or each.unit is Unit.WORKING_DAY:
        assert NATIONAL.is_workday(found.on)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORWARD), DAYS, spans(), spans(least=1))
def test_a_suspension_never_makes_a_period_end_earlier(each, start, still, more):
    length = 7 if each.set_by_order else None
    before = each.due(start, length=length, suspensions=still).on
    assert each.due(start, length=length, suspensions=[*still, *more]).on >= before


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORWARD), DAYS, spans())
def test_a_day_on_which_the_period_stands_still_never_counts_as_its_last(each, start, still):
    found = each.due(start, length=7 if each.set_by_order else None, suspensions=still)
    assert not any(first <= found.counted_to <= last for first, last in still)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORWARD), DAYS)
def test_a_later_start_never_ends_earlier(each, start):
    length = 7 if each.set_by_order else None
    assert each.due(start, length=length).on <= each.due(start + ONE_DAY, length=length).on


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(BACKWARD), DAYS)
def test_a_period_counted_back_never_ends_after_its_event(each, event):
    found = each.due(event)
    assert found.on <= event
    assert found.act_by <= found.on


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(FORWARD), DAYS, st.sets(DAYS, max_size=5))
def test_a_local_day_off_is_never_the_last_day_of_a_period_that_moves(each, start, off):
    local = Calendar(dict.fromkeys(off, False))
    found = each.due(start, calendar=local, length=7 if each.set_by_order else None)
    if each.counting.roll or each.unit is Unit.WORKING_DAY:
        assert found.on not in off


# --- The calculator -----------------------------------------------------------------------------------------


def test_the_calculator_answers_with_text_steps_and_articles():
    result = deadline_calculator({"rule_code": "preserve.rule.urgent", "start": "2026-03-10T09:20:00+08:00"})
    assert result["due"] == "2026-03-12T10:00:00+08:00"
    assert result["projected"] is False
    assert {"instrument", "article", "verified"} == set(result["articles"][0])
    articles = [each["article"] for each in result["articles"]]
    assert articles == ["103", "104", "85", "125"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({}, "rule_code"),
        ({"rule_code": "no.such", "start": "2026-03-02"}, "rule_code"),
        ({"rule_code": ["x"], "start": "2026-03-02"}, "rule_code"),
        ({"rule_code": "notice.send"}, "start"),
        ({"rule_code": "notice.send", "start": "2026-02-30"}, "start"),
        ({"rule_code": "notice.send", "start": "20260302"}, "start"),
        ({"rule_code": "notice.send", "start": "2026-03-02T10:00:00"}, "start"),
        ({"rule_code": "notice.send", "start": "9999-12-31"}, "start"),
        ({"rule_code": "notice.send", "start": 20260302}, "start"),
        ({"rule_code": "preserve.rule.urgent", "start": "2026-03-02"}, "start"),
        ({"rule_code": "report.submit", "start": "2026-03-02"}, "length"),
        ({"rule_code": "report.submit", "start": "2026-03-02", "length": 0}, "length"),
        ({"rule_code": "report.submit", "start": "2026-03-02", "length": "ten"}, "length"),
        ({"rule_code": "notice.send", "start": "2026-03-02", "excluded_days": -1}, "excluded_days"),
        ({"rule_code": "notice.send", "start": "2026-03-02", "excluded_days": True}, "excluded_days"),
        ({"rule_code": "notice.send", "start": "2026-03-02", "excluded_days": "two"}, "excluded_days"),
        (
            {"rule_code": "notice.send", "start": "2026-03-02", "excluded_days": ["2026-02-30"]},
            "excluded_days[0]",
        ),
        ({"rule_code": "control.renew", "start": "2026-03-02", "excluded_days": 3}, "excluded_days"),
    ],
)
def test_wrong_or_contradictory_facts_name_the_field(facts, field):
    with pytest.raises(FactError) as refusal:
        deadline_calculator(facts)
    assert refusal.value.field == field


def test_the_calculator_takes_the_length_an_order_sets_and_excluded_days():
    facts = {
        "rule_code": "report.submit",
        "start": "2026-03-02",
        "length": 10,
        "excluded_days": ["2026-03-05"],
    }
    assert deadline_calculator(facts)["due"] == "2026-03-13"
    assert deadline_calculator({**facts, "excluded_days": 1})["due"] == "2026-03-13"


def test_a_suspension_that_ends_before_it_begins_is_refused():
    with pytest.raises(DeadlineError, match="before it begins"):
        due("closing.limit", date(2025, 3, 3), suspensions=[(date(2025, 7, 1), date(2025, 6, 1))])
