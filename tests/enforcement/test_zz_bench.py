import time, resource
import pytest
from django.db import connection
from enforcement import writs
from enforcement.sweeping import warn
from tests.enforcement.test_deadline_sweep import quiet
from tests.enforcement.test_writs import drafted
from law import clock
def test_bench(quiet, world):
    d=quiet.deadlines.first(); t=clock.today()
    with connection.cursor() as c:
        c.execute("SET LOCAL session_replication_role=replica")
        for n,alert in ((595000,30),(5000,0)):
            c.execute("""INSERT INTO enforcement_deadline (case_id,court_id,rule,kind,label,starts_on,suspensions,due_on,projected,calendar_version,state,duty,owner_id,act,reason,opened_by_id,alert_on)
            SELECT %s,%s,'notice.send','task','',%s,'[]',%s::date+3,false,'','open','',%s,'','',%s,%s::date+%s FROM generate_series(1,%s)""",[quiet.pk,quiet.court_id,t,t,world.implementer.pk,d.opened_by_id,t,alert,n])
        c.execute("SET LOCAL session_replication_role=origin")
        c.execute("ANALYZE enforcement_deadline")
    m=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    s=time.time(); r=warn(); print("WARN",r,time.time()-s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss-m)
@pytest.mark.parametrize("code",["notice.assist","ruling.freeze","notice.distribution","ruling.objection"])
def test_dump(case, code):
    open(f"/tmp/wf/{code}.pdf","wb").write(writs.render_pdf(drafted(case, code)))
