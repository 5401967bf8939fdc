import time, subprocess, sys
import pytest
from django.db import connection, transaction
from enforcement import abreast, outbox
from enforcement.models import Message
from law import clock
from linkage.channels import dispatching
from linkage.models import Dispatch
from tests.linkage import wire as fake
from tests.linkage_world import linked
pytestmark = pytest.mark.django_db

def test_rate(link, case):
    with fake.system() as s:
        fake.webhook(link.branch, s.url, concurrency=16)
        r = link.inquire(case, matters=["BANK-INQ-DEP"], agencies=["demo-bank-chengguan"])[0]
        n = 10000
        ev = r.ordered_by_id
        with connection.cursor() as c:
            c.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
        ms = Message.objects.bulk_create([Message(event_id=ev, case=case, kind="dispatch", recipient="demo-bank-chengguan", body={}, created_at=clock.now(), due_at=clock.now()) for _ in range(n)], batch_size=1000)
        Dispatch.objects.bulk_create([Dispatch(agency=link.branch, request=r, case=case, kind="request.reminded", event_id=ev, message=m, at=clock.now()) for m in ms], batch_size=1000)
        with connection.cursor() as c:
            c.execute("ANALYZE enforcement_message")
        import uuid, json
        from datetime import timedelta
        now = clock.now()
        with connection.cursor() as c:
            c.execute("EXPLAIN (ANALYZE, BUFFERS OFF, COSTS OFF) " + outbox.LEASE_ABREAST_SQL, {"kind": "dispatch", "held": [], "most": "{}", "usual": 16, "now": now, "until": now, "lease": uuid.uuid4(), "batch": 32})
            print("\n".join(r[0] for r in c.fetchall()))
            c.execute("UPDATE enforcement_message SET state='ready', lease=null, attempts=0 WHERE state='leased'")
        t = time.monotonic(); got = outbox.lease_abreast("dispatch", dispatching.traffic(clock.now()), 32); print("lease", len(got), time.monotonic() - t)
        t = time.monotonic(); calls = dispatching.prepare(got); print("prepare", time.monotonic() - t)
        t = time.monotonic()
        for m in got: calls[m.pk]()
        print("16 calls in a row", time.monotonic() - t)
        Message.objects.filter(state="leased").update(state="delivered")
        import cProfile, pstats
        p = cProfile.Profile(); 
        t = time.monotonic(); c0 = time.process_time()
        tried = abreast.deliver(seconds=8)
        dt = time.monotonic() - t
        print("tried", tried, "in", dt, tried / dt, "cpu", time.process_time() - c0)
        p.enable(); abreast.deliver(seconds=3); p.disable()
        pstats.Stats(p).sort_stats("tottime").print_stats(14)
