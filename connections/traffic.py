"""How much goes through each number: counted by the hour, beside the work and not in its way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection as database
from django.db.models import Sum
from django.utils import timezone

from connections.models import TrafficHour
from tenants import scope

# An hour is counted anew until it is surely complete; what is counted twice gives the same.
COUNTED_AGAIN = timedelta(hours=2)
USUAL_FROM = timedelta(days=28)
# A usual hour is one that was seen on several days of its kind.
USUAL_WEEKS = 4
KINDS = ("received", "sent", "failed")

COUNT = """
insert into connections_traffichour (tenant_id, connection_id, hour, received, sent, failed)
select tenant_id, connection_id, hour, sum(received), sum(sent), sum(failed)
from (
    select tenant_id, connection_id, date_trunc('hour', received_at) as hour,
        1 as received, 0 as sent, 0 as failed
    from connections_inbound
    where received_at >= %(since)s and kind = 'message' and payload->>'from_me' = 'false'
    union all
    select tenant_id, connection_id, date_trunc('hour', settled_at),
        0, (state = 'sent')::int, (state <> 'sent')::int
    from connections_outbound
    where settled_at >= %(since)s and kind in ('message', 'forward')
) as passed
group by tenant_id, connection_id, hour
on conflict (connection_id, hour) do update
set received = excluded.received, sent = excluded.sent, failed = excluded.failed
"""


NOTE_LAST = """
update connections_connection as one
set last_received_at = newest.at
from (
    select connection_id, max(received_at) as at
    from connections_inbound
    where received_at >= %(since)s and kind = 'message' and payload->>'from_me' = 'false'
    group by connection_id
) as newest
where one.id = newest.connection_id and one.last_received_at is distinct from newest.at
"""


def count_recent(now: datetime | None = None) -> int:
    """Count the hours that may still have grown; how many rows were written."""
    since = (now or timezone.now()) - COUNTED_AGAIN
    since = since.replace(minute=0, second=0, microsecond=0)
    with scope.across_tenants(reason="one statement counts every tenant"), database.cursor() as cursor:
        cursor.execute(NOTE_LAST, {"since": since})
        cursor.execute(COUNT, {"since": since})
        return int(cursor.rowcount)


def usual(connection_id: UUID, now: datetime) -> dict[tuple[int, int], float]:
    """Messages received an hour, by (weekday, hour) in UTC, on the average of the last four weeks."""
    rows = TrafficHour.objects.filter(
        connection_id=connection_id,
        hour__gte=now - USUAL_FROM,
        hour__lt=now.replace(minute=0, second=0, microsecond=0),
    )
    sums: dict[tuple[int, int], float] = {}
    for hour, received in rows.values_list("hour", "received"):
        slot = hour.weekday(), hour.hour
        sums[slot] = sums.get(slot, 0.0) + received / USUAL_WEEKS
    return sums


def since(moment: datetime) -> Mapping[UUID, dict[str, int]]:
    """{received, sent, failed} of each of the tenant's numbers in the hours from then on."""
    hours = TrafficHour.objects.filter(hour__gte=moment).values_list("connection_id")
    rows = hours.annotate(*(Sum(kind) for kind in KINDS))
    return {connection_id: dict(zip(KINDS, sums, strict=True)) for connection_id, *sums in rows}
