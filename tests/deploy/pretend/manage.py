"""The pretend product's manage.py: one table, one person."""

import json
import os
import sys

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    if sys.argv[1] == "migrate":
        connection.execute("create table if not exists tenants_tenant (id int)")
    if sys.argv[1] == "seed_demo":
        connection.execute("insert into tenants_tenant values (1)")
        ana = {"email": "ana@acme.test", "role": "admin", "tenant": "acme"}
        sys.stdout.write("Seeding\n")
        sys.stdout.write(json.dumps({**ana, "password": os.environ["DEMO_PASSWORD"]}) + "\n")
