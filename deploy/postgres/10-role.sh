#!/bin/sh
# Runs once, when the database volume is empty: the application's role, which is neither superuser nor
# BYPASSRLS (row-level security would not hold for it), and the database that it owns.
set -eu

: "${DATABASE_PASSWORD:?DATABASE_PASSWORD is not set}"

psql --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" \
    --username "$POSTGRES_USER" --dbname postgres <<'SQL'
create role balcao login nosuperuser nobypassrls nocreatedb nocreaterole noreplication
    password :'password';
create database balcao owner balcao;
revoke all on database balcao from public;
SQL
