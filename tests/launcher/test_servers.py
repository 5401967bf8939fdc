"""The throw-away servers behave as the fault tests rely on."""

import psycopg
import pytest
from redis import Redis

from launcher.servers import Postgres, Valkey, temporary_folder

pytestmark = pytest.mark.faults


def test_what_was_committed_survives_a_crash_and_the_address_stays():
    with temporary_folder() as folder, Postgres(folder) as postgres:
        with psycopg.connect(postgres.url()) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            connection.execute("INSERT INTO kept VALUES (7)")
        before = postgres.url()
        postgres.crash()
        assert not postgres.running()
        postgres.start()
        assert postgres.url() == before
        assert postgres.sql("SELECT n FROM kept", "zhixing") == "7"


def test_chinese_and_tibetan_words_have_trigrams():
    with temporary_folder() as folder, Postgres(folder, durable=False) as postgres:
        postgres.sql("CREATE EXTENSION pg_trgm", "zhixing")
        counted = "SELECT cardinality(show_trgm('人民法院')), cardinality(show_trgm('ལྷ་ས'))"
        assert all(int(n) > 1 for n in postgres.sql(counted, "zhixing").split("|"))


def test_the_broker_comes_back_empty_on_the_same_address():
    with temporary_folder() as folder, Valkey(folder) as valkey:
        client = Redis.from_url(valkey.url)
        client.set("bell", "rung")
        valkey.crash()
        valkey.start()
        assert Redis.from_url(valkey.url).get("bell") is None
        assert Redis.from_url(valkey.url).config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_nothing_is_left_of_a_temporary_folder():
    with temporary_folder() as folder, Postgres(folder, durable=False) as postgres:
        process = postgres.process
    assert process is not None
    assert process.poll() is not None
    assert not folder.exists()
