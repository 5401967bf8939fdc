"""The wall of the database around requests and answers: rows change only inside an act on their case, what an
agency said and what it was told never changes, and a receipt's bytes are stored once."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION zhixing_guard_request() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    loose text[] := ARRAY['delivered_at', 'assignee_id'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME || ' (nothing vanishes)');
    END IF;
    IF NEW.case_id::text IS NOT DISTINCT FROM current_setting('zhixing.act', true) THEN
        RETURN NEW;
    END IF;
    -- Outside an act a delivery may note the moment it arrived, and an agency who works on it.
    IF TG_OP = 'INSERT' OR (to_jsonb(NEW) - loose) IS DISTINCT FROM (to_jsonb(OLD) - loose)
       OR (OLD.delivered_at IS NOT NULL AND NEW.delivered_at IS DISTINCT FROM OLD.delivered_at) THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION zhixing_guard_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    received text[] := ARRAY['id', 'uid', 'request_id', 'case_id', 'agency_id', 'number', 'raw_sha256',
                             'received_at', 'signature', 'key_id', 'answered_by_id', 'channel'];
    name text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME || ' (nothing vanishes)');
    END IF;
    IF TG_OP = 'INSERT' AND NEW.state NOT IN ('received', 'confirming', 'quarantined')
       AND NEW.case_id::text IS DISTINCT FROM current_setting('zhixing.act', true) THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        FOREACH name IN ARRAY received LOOP
            IF to_jsonb(NEW) -> name IS DISTINCT FROM to_jsonb(OLD) -> name THEN
                PERFORM zhixing_refuse_write(TG_TABLE_NAME || '.' || name || ' (stored as received)');
            END IF;
        END LOOP;
        IF NEW.state = 'applied' AND OLD.state <> 'applied'
           AND NEW.case_id::text IS DISTINCT FROM current_setting('zhixing.act', true) THEN
            PERFORM zhixing_refuse_write(TG_TABLE_NAME);
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""

LETTERS = """
CREATE FUNCTION zhixing_guard_letter() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves text[] := ARRAY['state', 'problem', 'event_id', 'case_id', 'body_sealed'];
    inside boolean := coalesce(current_setting('zhixing.act', true), '') <> '';
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME || ' (nothing vanishes)');
    END IF;
    IF TG_OP = 'INSERT' AND NEW.state <> 'received' AND NOT inside THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (to_jsonb(NEW) - moves) IS DISTINCT FROM (to_jsonb(OLD) - moves) THEN
            PERFORM zhixing_refuse_write(TG_TABLE_NAME || ' (stored as received)');
        END IF;
        IF NEW.state = 'applied' AND OLD.state <> 'applied' AND NOT inside THEN
            PERFORM zhixing_refuse_write(TG_TABLE_NAME);
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""

DROP_FUNCTIONS = (
    "DROP FUNCTION zhixing_guard_request() CASCADE; DROP FUNCTION zhixing_guard_answer() CASCADE;"
    " DROP FUNCTION zhixing_guard_letter() CASCADE;"
)

GUARDS = {
    "linkage_request": "zhixing_guard_request",
    "linkage_answer": "zhixing_guard_answer",
    "linkage_requestdocument": "zhixing_guard_row",
    "linkage_question": "zhixing_guard_row",
    "linkage_lift": "zhixing_guard_row",
    "linkage_dispatch": "zhixing_guard_row",
    "linkage_difficulty": "zhixing_guard_row",
    "linkage_delegation": "zhixing_guard_row",
    "linkage_letter": "zhixing_guard_letter",
    "linkage_peercourt": "zhixing_guard_any",
    # On a court's register, not on a case: conferences, tips, rosters.
    "linkage_conference": "zhixing_guard_any",
    "linkage_attendance": "zhixing_guard_any",
    "linkage_agendaitem": "zhixing_guard_any",
    "linkage_resolution": "zhixing_guard_any",
    "linkage_conferencetask": "zhixing_guard_any",
    "linkage_taskreport": "zhixing_guard_any",
    "linkage_dutyteam": "zhixing_guard_any",
    "linkage_dutyteam_people": "zhixing_guard_any",
    "linkage_tipmessage": "zhixing_guard_any",
    "linkage_identitypermission": "zhixing_guard_any",
}
# A sweep notes that it warned, and the public page counts wrong PINs: the rest of a tip is under guard.
TIP_COLUMNS = (
    "uid, court_id, number, channel, kind, is_urgent, division, text_sealed, place_sealed,"
    " reporter_name_sealed, reporter_phone_sealed, claim_index, pin, received_at, recorded_by_id, state, rule,"
    " due_at, team_id, dispatched_at, responded_at, finding_sealed, closed_at, outcome, case_id"
)
# Not the answers: they are guarded column by column; sealing anew with another key leaves the hash alone.
APPEND_ONLY = ["linkage_dispatch", "linkage_resolution"]


def triggers() -> str:
    script = [
        f"CREATE TRIGGER zhixing_guard BEFORE INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {function}();"
        for table, function in GUARDS.items()
    ]
    script.append(
        "CREATE TRIGGER zhixing_guard BEFORE INSERT OR DELETE ON linkage_tip"
        " FOR EACH ROW EXECUTE FUNCTION zhixing_guard_any();"
        " CREATE TRIGGER zhixing_guard_columns BEFORE UPDATE OF "
        + TIP_COLUMNS
        + " ON linkage_tip FOR EACH ROW EXECUTE FUNCTION zhixing_guard_any();"
    )
    for table in APPEND_ONLY:
        script.append(
            f"CREATE TRIGGER zhixing_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION zhixing_append_only();"
        )
        script.append(
            f"CREATE TRIGGER zhixing_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION zhixing_append_only();"
        )
    return "\n".join(script)


class Migration(migrations.Migration):
    dependencies = [("linkage", "0001_initial"), ("enforcement", "0002_guards")]

    operations = [
        migrations.RunSQL(FUNCTIONS + LETTERS, DROP_FUNCTIONS),
        migrations.RunSQL(triggers(), migrations.RunSQL.noop),
    ]
