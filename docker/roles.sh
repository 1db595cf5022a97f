#!/bin/sh
# Run once, by the database's image, when its cluster is made. The service and the worker use rows but own no table:
# they can neither change the schema nor switch off what keeps the audit trail append-only. What each may do to each
# table is stated in app/database/grants.py, and granted at each upgrade; they sign in as `pisano`, and take their role at once.
set -eu

export SECRETS="${SECRETS:-/run/secrets}"
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\set owner_password `cat "$SECRETS/database_owner_password"`
\set password `cat "$SECRETS/database_password"`
CREATE ROLE pisano_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE pisano LOGIN NOINHERIT PASSWORD :'password';
CREATE ROLE pisano_service NOLOGIN;
CREATE ROLE pisano_worker NOLOGIN BYPASSRLS;
GRANT pisano_service, pisano_worker TO pisano;
CREATE DATABASE pisano OWNER pisano_owner;
REVOKE ALL ON DATABASE pisano FROM PUBLIC;
GRANT CONNECT ON DATABASE pisano TO pisano;

\connect pisano
ALTER SCHEMA public OWNER TO pisano_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
