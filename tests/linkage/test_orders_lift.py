"""Renewing and lifting through agencies: the rank is kept, a lift is done when every holder said so."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from directory.models import Duty, Person
from enforcement import engine
from enforcement.coverage import coverage
from enforcement.engine.act import Run
from enforcement.engine.effects import Effects
from enforcement.models import DeadlineState, MeasureState
from law import clock, terms
from law.calendar import Calendar
from linkage.models import Lift, Priority, Request, RequestState
from tests.enforcement.cash import arrive
from tests.enforcement.control import record, running
from tests.linkage.orders import deposit, freeze, frozen, house, order, propose
from tests.linkage_world import make_agency, make_staff

WRONG = {"ground": "wrong", "reason": "账户为案外人所有,已核实"}


def renew(link, case, measure, **data) -> Request:
    return order(link, "request.renew", case, measure=str(measure.uid), **data)[0]


def lift(link, case, *requests, **data) -> list[Request]:
    wanted = {"requests": [str(one.uid) for one in requests]} if requests else {}
    return order(link, "request.lift", case, **(WRONG | wanted | data))


def released(link, request, person=None, **answer):
    return link.answer(request, person or link.teller, **answer)


class TestRenewal:
    def test_the_term_runs_on_only_when_the_bank_has_answered(self, link, case):
        measure = frozen(link, case, "1000.00")
        before = measure.last_day
        request = renew(link, case, measure)
        measure.refresh_from_db()
        assert measure.last_day == before
        assert request.matter_code == "BANK-FRZ-RENEW"
        assert request.facts["original_end_on"] == before.isoformat()
        link.answer(request, link.teller)
        measure.refresh_from_db()
        assert measure.last_day == terms.last_day(before, 12)
        assert measure.rank == 1
        assert running(case, "control.deposit.term", subject=measure.uid).get().due_on == measure.last_day

    def test_it_names_the_order_it_renews(self, link, case):
        original = freeze(link, case, "1000.00")
        link.answer(original, link.teller)
        request = renew(link, case, case.measures.get())
        assert request.facts["original_request_no"] == original.number

    def test_a_renewal_on_its_way_is_not_ordered_twice(self, link, case):
        measure = frozen(link, case, "1000.00")
        renew(link, case, measure)
        with pytest.raises(engine.Refused, match="still waits"):
            renew(link, case, measure)

    def test_nobody_renews_beyond_the_order(self, link, case):
        measure = frozen(link, case, "1000.00")
        request = renew(link, case, measure, months=6)
        late = terms.last_day(measure.last_day, 7).isoformat()
        with pytest.raises(engine.Refused, match="can't last longer"):
            link.answer(request, link.teller, facts={"new_end_on": late})

    def test_a_renewal_refused_leaves_the_old_term(self, link, case):
        measure = frozen(link, case, "1000.00")
        before = measure.last_day
        link.answer(renew(link, case, measure), link.teller, outcome="refused", remarks="已销户")
        measure.refresh_from_db()
        assert measure.last_day == before

    def test_a_renewal_that_came_too_late_revives_nothing(self, link, case, monkeypatch):
        measure = frozen(link, case, "1000.00")
        request = renew(link, case, measure)
        system = Person.objects.get(username="system")
        after = measure.last_day + timedelta(days=1)
        with _at(monkeypatch, after):
            engine.do(engine.act_named("measure.lapse"), case, system, {"measure": str(measure.uid)})
            done = link.answer(request, link.teller)
        measure.refresh_from_db()
        assert measure.state == MeasureState.LAPSED
        assert done.outcome["check"]

    def test_a_seal_is_renewed_at_the_register(self, link, case):
        sealed = order(link, "request.seal", case, asset=str(house(link, case).uid))[0]
        link.answer(sealed, link.registrar)
        request = renew(link, case, case.measures.get())
        assert (request.matter_code, request.agency) == ("LAND-SEAL-RENEW", link.land)

    def test_a_car_without_a_matter_of_renewal_is_renewed_under_its_own(self, link, case):
        agency = make_agency(link.world, "demo-veh", "vehicles", "示例车管所", ("VEH-SEAL",))
        clerk = make_staff("clerk-veh", agency, Duty.AGENCY_OPERATOR)
        car = record(link.world, case, "vehicle", holder=agency.name, register_number="藏A12345")
        vin = {"vin": "LFV2A21K6A3000001"}
        link.answer(order(link, "request.seize", case, asset=str(car.uid), facts=vin)[0], clerk)
        measure = case.measures.get()
        before = measure.last_day
        request = renew(link, case, measure)
        assert request.matter_code == "VEH-SEAL"
        link.answer(request, clerk)
        measure.refresh_from_db()
        assert measure.last_day == terms.last_day(before, 24)
        assert case.measures.count() == 1


class _at:
    """The legal clock stands on a day."""

    def __init__(self, monkeypatch, day: date):
        self.monkeypatch, self.day = monkeypatch, day

    def __enter__(self):
        moment = datetime.combine(self.day, time(10), tzinfo=clock.SHANGHAI)
        self.context = self.monkeypatch.context()
        self.context.__enter__().setattr(clock, "now", lambda: moment)

    def __exit__(self, *error):
        self.context.__exit__(*error)


class TestLift:
    def test_the_measure_ends_with_the_ruling_and_the_lift_when_the_bank_confirms(self, link, case):
        measure = frozen(link, case, "1000.00")
        (request,) = lift(link, case)
        measure.refresh_from_db()
        assert measure.state == MeasureState.RELEASED
        assert measure.release_confirmed_on is None
        made = Lift.objects.get(case=case)
        assert (request.matter_code, request.priority, request.lift) == ("BANK-REL", Priority.LIFT, made)
        assert request.undoes is not None
        assert request.undoes.measure == measure
        assert {one.writ for one in request.documents.all()} == {"ruling.release", "notice.assist-release"}
        assert running(case, "control.release", subject=measure.uid).exists()
        released(link, request, facts={"released_amount": "1000.00"})
        measure.refresh_from_db()
        made.refresh_from_db()
        assert measure.release_confirmed_on == clock.today() == made.confirmed_on
        assert not running(case, "control.release").exists()

    def test_one_lift_for_many_orders_is_done_when_the_last_holder_confirmed(self, link, case):
        frozen(link, case, "1000.00")
        sealed = order(link, "request.seal", case, asset=str(house(link, case).uid))[0]
        link.answer(sealed, link.registrar)
        at_bank, at_land = lift(link, case)
        assert at_land.matter_code == "LAND-UNSEAL"
        released(link, at_bank)
        assert Lift.objects.get().confirmed_on is None
        released(link, at_land, link.registrar)
        assert Lift.objects.get().confirmed_on == clock.today()

    def test_a_part_of_a_frozen_sum_is_released(self, link, case):
        measure = frozen(link, case, "1000.00")
        (request,) = lift(link, case, measure.requests.first(), amount="400.00")
        measure.refresh_from_db()
        assert (measure.state, measure.amount) == (MeasureState.IN_FORCE, Decimal("600.00"))
        assert request.amount == Decimal("400.00")
        assert Decimal(request.carried()["release_amount"]) == Decimal("400.00")
        released(link, request)
        assert Lift.objects.get().confirmed_on == clock.today()

    def test_a_part_of_several_is_refused(self, link, case):
        frozen(link, case, "1000.00")
        frozen(link, case, "1000.00")
        with pytest.raises(engine.Refused, match="one frozen sum"):
            propose(link, "request.lift", case, **WRONG, amount="1.00")

    def test_a_debt_that_is_not_paid_is_no_ground(self, link, case):
        frozen(link, case, "1000.00")
        with pytest.raises(engine.Refused, match="still owed"):
            propose(link, "request.lift", case, ground="paid", reason="已履行")

    def test_what_was_lifted_is_not_lifted_again(self, link, case):
        frozen(link, case, "1000.00")
        lift(link, case)
        with pytest.raises(engine.Refused, match="No order"):
            lift(link, case)

    def test_a_holder_that_refuses_leaves_the_lift_open(self, link, case):
        measure = frozen(link, case, "1000.00")
        (request,) = lift(link, case)
        released(link, request, outcome="refused", remarks="文书号不符")
        measure.refresh_from_db()
        assert measure.release_confirmed_on is None
        assert Lift.objects.get().confirmed_on is None
        assert running(case, "linkage.check", subject=request.uid).exists()

    def test_less_released_than_ordered_is_not_done(self, link, case):
        measure = frozen(link, case, "1000.00")
        (request,) = lift(link, case)
        released(link, request, facts={"released_amount": "999.99"})
        measure.refresh_from_db()
        assert measure.release_confirmed_on is None

    def test_a_confirmation_taken_back_opens_the_lift_again(self, link, case):
        measure = frozen(link, case, "1000.00")
        (request,) = lift(link, case)
        released(link, request)
        released(link, request, number="N-second", corrects=True, outcome="refused", remarks="误报")
        measure.refresh_from_db()
        assert measure.release_confirmed_on is None
        assert Lift.objects.get().confirmed_on is None
        assert running(case, "control.release", subject=measure.uid).exists()

    def test_a_release_of_the_measure_reaches_the_agency_as_well(self, link, case):
        measure = frozen(link, case, "1000.00")
        requests = order(link, "measure.release", case, measure=str(measure.uid), **WRONG)
        assert [one.matter_code for one in requests] == ["BANK-REL"]
        released(link, requests[0])
        measure.refresh_from_db()
        assert measure.release_confirmed_on == clock.today()

    def test_the_excess_is_drafted(self, link, case):
        """First the sum that is too much as a whole, then the part of the other."""
        frozen(link, case, "60000.00", deposit(link, case, "60000.00"))
        frozen(link, case, "60000.00", deposit(link, case, "60000.00"))
        arrive(link.world, case, "100000.00")
        for _step in range(2):
            shown = engine.act_named("request.lift")(_run(link, case)).initial(case)
            assert shown["ground"] == "excess"
            lift(link, case, Request.objects.get(uid=shown["requests"][0]), **_only(shown))
        found = coverage(case, clock.today())
        assert found.excess == 0
        assert found.value == found.limit
        assert not running(case, "control.excess.release").exists()


def _only(shown):
    return {name: str(shown[name]) for name in ("ground", "reason", "amount") if name in shown}


def _run(link, case):
    at = clock.now()
    effects = Effects(event_id=0, at=at, day=clock.today(), calendar=Calendar({}))
    return Run(
        case=case,
        register=None,
        court=case.court,
        actor=link.world.implementer,
        duty=Duty.IMPLEMENTER,
        at=at,
        day=clock.today(),
        effects=effects,
    )


class TestAnOrderOnItsWay:
    def test_lifting_it_takes_it_back_and_tells_the_bank(self, link, case):
        request = freeze(link, case, "1000.00")
        (undo,) = lift(link, case)
        request.refresh_from_db()
        assert request.state == RequestState.RECALLED
        assert undo.undoes == request
        assert not case.deadlines.filter(
            subject=request.uid, rule="linkage.answer", state=DeadlineState.OPEN
        ).exists()

    def test_carried_out_all_the_same_it_has_no_effect_and_the_release_stands(self, link, case):
        request = freeze(link, case, "1000.00")
        (undo,) = lift(link, case)
        done = link.answer(request, link.teller)
        assert not case.measures.exists()
        assert done.outcome["without_effect"]
        assert done.outcome["late_release"] == undo.number
        assert request.answers.get().state == "superseded"

    def test_carried_out_after_the_release_was_confirmed_it_is_released_again(self, link, case):
        request = freeze(link, case, "1000.00")
        (undo,) = lift(link, case)
        link.answer(undo, link.teller)
        link.answer(request, link.teller)
        assert not case.measures.exists()
        again = Request.objects.filter(undoes=request).latest("id")
        assert again != undo
        assert (again.priority, again.state) == (Priority.LIFT, RequestState.ISSUED)
        assert (again.requested_by, again.decided_by) == (link.world.implementer, link.world.judge)
        assert running(case, "linkage.answer", subject=again.uid).exists()
        assert running(case, "linkage.check", subject=request.uid).exists()

    def test_nothing_found_after_a_recall_is_settled(self, link, case):
        request = freeze(link, case, "1000.00")
        lift(link, case)
        with pytest.raises(engine.Refused, match="settled"):
            link.answer(request, link.teller, outcome="nothing")
