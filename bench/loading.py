"""Rows into tables that are under row-level security, as the application's own role, by COPY.

PostgreSQL refuses COPY into such a table: so COPY goes into a temporary one and an INSERT … SELECT, which
the policy checks, into the real one, in the order of the keys, as a living installation writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Field, JSONField, Model
from django.db.models.fields import NOT_PROVIDED
from psycopg import sql
from psycopg.types.json import Jsonb

LINES_AT_ONCE = 5000
NULL = r"\N"


def text_of(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None:
        return NULL
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, UUID):
        return value.hex
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def line_of(*values: Any) -> str:
    return "\t".join(map(text_of, values)) + "\n"


def load(model: type[Model], columns: Sequence[str], lines: Iterable[str], **same: Any) -> int:
    """Insert lines of COPY's text format; what stands in no column is `same`, or the field's default.

    Runs in the scope of the tenant whose rows they are. Answers how many came in.
    """
    table = sql.Identifier(model._meta.db_table)
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    constants = _constants(model, columns, same)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("create temp table incoming on commit drop as select {} from {} with no data").format(
                named, table
            )
        )
        with cursor.copy(sql.SQL("copy incoming ({}) from stdin").format(named)) as copy:
            remaining = iter(lines)
            while chunk := "".join(islice(remaining, LINES_AT_ONCE)):
                copy.write(chunk)
        cursor.execute(
            sql.SQL("insert into {} ({}) select {} from incoming order by id").format(
                table,
                sql.SQL(", ").join([named, *map(sql.Identifier, constants)]),
                sql.SQL(", ").join([named, *map(sql.Literal, constants.values())]),
            )
        )
        count = int(cursor.rowcount)
        cursor.execute("drop table incoming")
    return count


def _constants(model: type[Model], columns: Sequence[str], same: dict[str, Any]) -> dict[str, Any]:
    values = {}
    for field in model._meta.concrete_fields:
        name = str(field.column)
        if name in columns or (field.db_default is not NOT_PROVIDED and name not in same):
            continue
        values[name] = _adapted(field, same.get(name, field.get_default()))
    return values


def _adapted(field: Field[Any, Any], value: Any) -> Any:
    is_json = isinstance(field, JSONField)
    return Jsonb(value) if is_json and value is not None else value
