"""A database of the figures' own, on the server of DATABASE_URL: no figure is taken in anybody's cases."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def own(kept: str = "") -> Iterator[None]:
    """Let DATABASE_URL name an empty database until the end; one ``kept`` by name stays for the next run."""
    given = os.environ["DATABASE_URL"]
    name = kept or f"zhixing_bench_{secrets.token_hex(4)}"
    with psycopg.connect(given, autocommit=True) as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
    try:
        yield
    finally:
        os.environ["DATABASE_URL"] = given
        if not kept:
            with psycopg.connect(given, autocommit=True) as server:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
