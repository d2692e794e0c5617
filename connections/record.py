"""What numbers have been through, read from the log of their changes: in order for one, in sums for many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db.models import OuterRef, Subquery

from connections.actions import ASKED_FOR
from connections.choices import State
from connections.models import Connection, Transition
from connections.uptime import RESTING, Change, Day
from tenants.rendering import timestamp

# Reasons that are no trouble.
WANTED = sorted(ASKED_FOR | {"asked_to_start", ""})
# A number with a bad month has thousands of changes; its sums are all that leaves the database. The spells
# are those of `changes_since`: before a new number was up for the first time nobody relied on it.
SUMS = """
with began as (
    select one.id as connection_id, 0::bigint as id, greatest(one.created_at, %(since)s) as at,
        coalesce(before.to_state, 'created') as state, one.created_at < %(since)s as is_old
    from connections_connection as one
    left join lateral (
        select to_state from connections_transition
        where connection_id = one.id and at < %(since)s order by id desc limit 1
    ) as before on true
    where one.id = any(%(ids)s)
), changes as (
    select connection_id, id, at, state, is_old from began
    union all
    select passed.connection_id, passed.id, passed.at, passed.to_state, began.is_old
    from connections_transition as passed join began on began.connection_id = passed.connection_id
    where passed.at >= %(since)s
), spells as (
    select connection_id, at, lead(at, 1, %(now)s) over spell as until, state,
        is_old or bool_or(state = 'connected') over spell as is_wanted
    from changes window spell as (partition by connection_id order by id)
)
select connection_id, start,
    sum(extract(epoch from until - greatest(at, start))) filter (where state = 'connected'),
    sum(extract(epoch from until - greatest(at, start)))
        filter (where state <> 'connected' and is_wanted and not state = any(%(resting)s))
from spells join unnest(%(starts)s) as start on until > start
group by connection_id, start
"""


def changes_since(one: Connection, since: datetime) -> list[Change]:
    """The changes of one number since then, beginning with the state it was in."""
    passed = Transition.objects.filter(connection=one)
    before = passed.filter(at__lt=since).order_by("-id").values_list("to_state", flat=True).first()
    changes = [Change(max(one.created_at, since), before or State.CREATED)]
    is_wanted = one.created_at < since
    for at, state in passed.filter(at__gte=since).order_by("id").values_list("at", "to_state"):
        is_wanted = is_wanted or state == State.CONNECTED
        changes.append(Change(at, state if is_wanted else State.CREATED))
    return changes


def sums_since(
    ids: Sequence[UUID], starts: Sequence[datetime], now: datetime
) -> Mapping[tuple[UUID, datetime], Day]:
    """How long each was up and down since each of the starts."""
    given: dict[str, Any] = {"ids": list(ids), "starts": list(starts), "since": min(starts), "now": now}
    given["resting"] = [str(state) for state in RESTING]
    with database.cursor() as cursor:
        cursor.execute(SUMS, given)
        rows = cursor.fetchall()
    return {(one, start): Day(float(up or 0), float(down or 0)) for one, start, up, down in rows}


def last_troubles(ids: Sequence[UUID], since: datetime) -> dict[UUID, dict[str, Any]]:
    """{"reason", "at"} of the newest change of each that nobody asked for."""
    passed = Transition.objects.filter(connection=OuterRef("id"), at__gte=since).exclude(reason__in=WANTED)
    newest = passed.exclude(to_state=State.CONNECTED).order_by("-id").values("id")[:1]
    of_each = Connection.objects.filter(id__in=ids).annotate(newest=Subquery(newest))
    rows = Transition.objects.filter(id__in=of_each.exclude(newest=None).values("newest"))
    return {row.connection_id: {"reason": row.reason, "at": timestamp(row.at)} for row in rows}
