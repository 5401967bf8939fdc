"""The database's own wall: writes only inside an act, history append-only, entries balanced.

``zhixing.act`` is set by the engine for one transaction, to the id of the case it has locked or to
``court:<id>`` for a court's register.
"""

from django.db import migrations

CASE_TABLES = [
    "title",
    "titleitem",
    "party",
    "assignment",
    "recusal",
    "asset",
    "measure",
    "objection",
    "document",
    "service",
    "plan",
    "planline",
    "paymentorder",
    "proposal",
]
# The outbox worker files a made writ and moves only these; the rest of a document stays under guard.
DOCUMENT_COLUMNS = "uid, case_id, event_id, writ, number, ordinal, version, party_id, data, template_hash, made_on"
DEADLINE_COLUMNS = (
    "case_id, court_id, rule, kind, subject, starts_on, length, suspensions, due_on, state, duty, owner_id,"
    " act, reason, opened_by_id, closed_by_id, closed_on"
)
# Rows that may stand without a case (money not yet identified, a court's own acts).
LOOSE_TABLES = ["receipt", "entry", "line"]
APPEND_ONLY = ["event", "entry", "line", "attempt", "readlog"]

FUNCTIONS = """
CREATE FUNCTION zhixing_refuse_write(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'zhixing: % is written only inside an act', what USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION zhixing_guard_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME || ' (nothing vanishes)');
    END IF;
    IF NEW.id::text IS DISTINCT FROM current_setting('zhixing.act', true) THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION zhixing_guard_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.case_id::text IS DISTINCT FROM current_setting('zhixing.act', true) THEN
            PERFORM zhixing_refuse_write(TG_TABLE_NAME);
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.case_id::text IS DISTINCT FROM current_setting('zhixing.act', true) THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION zhixing_guard_loose_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    act text := current_setting('zhixing.act', true);
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME || ' (nothing vanishes)');
    END IF;
    IF act IS NULL OR act = '' OR (NEW.case_id IS NOT NULL AND NEW.case_id::text <> act) THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION zhixing_guard_any() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('zhixing.act', true), '') = '' THEN
        PERFORM zhixing_refuse_write(TG_TABLE_NAME);
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION zhixing_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'zhixing: % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION zhixing_append_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved integer;
BEGIN
    IF NEW.hash <> sha256('\\x02'::bytea || NEW.prev_hash || NEW.body) THEN
        RAISE EXCEPTION 'zhixing: the hash of event % does not cover its body', NEW.uid;
    END IF;
    IF NEW.case_id IS NOT NULL THEN
        IF NEW.case_id::text IS DISTINCT FROM current_setting('zhixing.act', true) THEN
            PERFORM zhixing_refuse_write(TG_TABLE_NAME);
        END IF;
        UPDATE enforcement_case SET event_count = NEW.seq, head_hash = NEW.hash, updated_at = NEW.at
         WHERE id = NEW.case_id AND event_count = NEW.seq - 1 AND head_hash = NEW.prev_hash;
    ELSE
        UPDATE enforcement_register SET event_count = NEW.seq, head_hash = NEW.hash
         WHERE id = NEW.register_id AND event_count = NEW.seq - 1 AND head_hash = NEW.prev_hash;
    END IF;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> 1 THEN
        RAISE EXCEPTION 'zhixing: event % does not follow its chain', NEW.uid;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION zhixing_keep_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change numeric := CASE WHEN NEW.account LIKE '1%' THEN NEW.amount ELSE -NEW.amount END;
BEGIN
    -- The row exists first and is changed after, because the check on an inserted negative would come too early.
    INSERT INTO enforcement_balance (court_id, account, case_id, party_id, amount)
    VALUES (NEW.court_id, NEW.account, NEW.case_id, NEW.party_id, 0)
    ON CONFLICT DO NOTHING;
    UPDATE enforcement_balance SET amount = amount + change
     WHERE court_id = NEW.court_id AND account = NEW.account
       AND case_id IS NOT DISTINCT FROM NEW.case_id AND party_id IS NOT DISTINCT FROM NEW.party_id;
    RETURN NEW;
END $$;

CREATE FUNCTION zhixing_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry bigint := CASE WHEN TG_TABLE_NAME = 'enforcement_entry' THEN NEW.id ELSE NULL END;
    total numeric;
    sides integer;
BEGIN
    IF entry IS NULL THEN
        entry := (to_jsonb(NEW) ->> 'entry_id')::bigint;
    END IF;
    SELECT coalesce(sum(amount), 0), count(*) INTO total, sides FROM enforcement_line WHERE entry_id = entry;
    IF total <> 0 OR sides < 2 THEN
        RAISE EXCEPTION 'zhixing: entry % has % lines and sums to %', entry, sides, total
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""

DROP_FUNCTIONS = "".join(
    f"DROP FUNCTION {name} CASCADE;"
    for name in [
        "zhixing_refuse_write(text)",
        "zhixing_guard_case()",
        "zhixing_guard_row()",
        "zhixing_guard_loose_row()",
        "zhixing_guard_any()",
        "zhixing_append_only()",
        "zhixing_append_event()",
        "zhixing_keep_balance()",
        "zhixing_entry_balances()",
    ]
)


def triggers() -> str:
    """All triggers, as one script."""
    script = [
        "CREATE TRIGGER zhixing_guard BEFORE INSERT OR UPDATE OR DELETE ON enforcement_case"
        " FOR EACH ROW EXECUTE FUNCTION zhixing_guard_case();",
        "CREATE TRIGGER zhixing_append BEFORE INSERT ON enforcement_event"
        " FOR EACH ROW EXECUTE FUNCTION zhixing_append_event();",
        "CREATE TRIGGER zhixing_balance AFTER INSERT ON enforcement_line"
        " FOR EACH ROW EXECUTE FUNCTION zhixing_keep_balance();",
        "CREATE CONSTRAINT TRIGGER zhixing_balanced AFTER INSERT ON enforcement_line"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION zhixing_entry_balances();",
        "CREATE CONSTRAINT TRIGGER zhixing_balanced AFTER INSERT ON enforcement_entry"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION zhixing_entry_balances();",
        "CREATE TRIGGER zhixing_guard_columns BEFORE UPDATE OF "
        + DOCUMENT_COLUMNS
        + " ON enforcement_document FOR EACH ROW EXECUTE FUNCTION zhixing_guard_row();",
        "CREATE TRIGGER zhixing_guard BEFORE INSERT OR DELETE ON enforcement_deadline"
        " FOR EACH ROW EXECUTE FUNCTION zhixing_guard_row();",
        "CREATE TRIGGER zhixing_guard_columns BEFORE UPDATE OF "
        + DEADLINE_COLUMNS
        + " ON enforcement_deadline FOR EACH ROW EXECUTE FUNCTION zhixing_guard_row();",
        "CREATE TRIGGER zhixing_guard BEFORE INSERT OR UPDATE OR DELETE ON directory_dutyholding"
        " FOR EACH ROW EXECUTE FUNCTION zhixing_guard_any();",
        "CREATE TRIGGER zhixing_guard BEFORE INSERT OR UPDATE OR DELETE ON directory_localday"
        " FOR EACH ROW EXECUTE FUNCTION zhixing_guard_any();",
    ]
    for table in CASE_TABLES:
        when = "INSERT OR DELETE" if table == "document" else "INSERT OR UPDATE OR DELETE"
        script.append(
            f"CREATE TRIGGER zhixing_guard BEFORE {when} ON enforcement_{table}"
            " FOR EACH ROW EXECUTE FUNCTION zhixing_guard_row();"
        )
    for table in LOOSE_TABLES:
        script.append(
            f"CREATE TRIGGER zhixing_guard BEFORE INSERT OR UPDATE OR DELETE ON enforcement_{table}"
            " FOR EACH ROW EXECUTE FUNCTION zhixing_guard_loose_row();"
        )
    for table in APPEND_ONLY:
        script.append(
            f"CREATE TRIGGER zhixing_append_only BEFORE UPDATE OR DELETE ON enforcement_{table}"
            " FOR EACH ROW EXECUTE FUNCTION zhixing_append_only();"
        )
        script.append(
            f"CREATE TRIGGER zhixing_no_truncate BEFORE TRUNCATE ON enforcement_{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION zhixing_append_only();"
        )
    return "\n".join(script)


class Migration(migrations.Migration):
    dependencies = [("enforcement", "0001_initial"), ("directory", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        migrations.RunSQL(triggers(), migrations.RunSQL.noop),
    ]
