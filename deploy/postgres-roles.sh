#!/bin/sh
# Runs once, when the postgres container makes its data folder: the roles and the database.
# zhixing_owner migrates; zhixing_app (web, workers) reads and writes rows but owns nothing, so that it
# can neither drop a trigger nor alter a table; zhixing_backup reads.
set -eu

psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" <<'SQL'
CREATE ROLE zhixing_owner LOGIN PASSWORD :'owner';
CREATE ROLE zhixing_app LOGIN PASSWORD :'app';
CREATE ROLE zhixing_backup NOLOGIN IN ROLE pg_read_all_data;
ALTER ROLE zhixing_app SET statement_timeout = '15s';
CREATE DATABASE zhixing OWNER zhixing_owner;
REVOKE CONNECT ON DATABASE zhixing FROM PUBLIC;
GRANT CONNECT ON DATABASE zhixing TO zhixing_app, zhixing_backup;
\connect zhixing
ALTER SCHEMA public OWNER TO zhixing_owner;
GRANT USAGE ON SCHEMA public TO zhixing_app;
ALTER DEFAULT PRIVILEGES FOR ROLE zhixing_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO zhixing_app;
ALTER DEFAULT PRIVILEGES FOR ROLE zhixing_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO zhixing_app;
SQL
