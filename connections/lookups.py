"""What our own rows know of a message by WhatsApp's id, for drivers whose gateway does not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from connections.models import Inbound, Outbound, Post

# Nobody edits or takes back what is older; it also bounds what is looked through.
RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Whereabouts:
    chat: str
    from_me: bool


def find_message(connection_id: UUID, wa_id: str) -> Whereabouts | None:
    """Where a recent message stands, and whether it is ours."""
    told = Inbound.objects.filter(connection_id=connection_id, key=f"message:{wa_id}")
    if (row := told.values_list("chat", "payload__from_me").first()) is not None:
        return Whereabouts(row[0], bool(row[1]))
    sent = Outbound.objects.filter(connection_id=connection_id, wa_id=wa_id)
    chat = sent.filter(queued_at__gt=timezone.now() - RECENT).values_list("chat", flat=True).first()
    return Whereabouts(chat, True) if chat else None


def last_from_customer(connection_id: UUID, chat: str) -> str:
    """WhatsApp's id of the customer's newest message in a chat; empty where there is none."""
    told = Inbound.objects.filter(connection_id=connection_id, chat=chat, kind="message")
    newest = told.filter(payload__from_me=False).order_by("-id").values_list("payload__id", flat=True)
    return newest.first() or ""


def names_of_sends(connection_id: UUID, chat: str, since: datetime) -> frozenset[str]:
    """WhatsApp's ids of what we sent into a chat since then."""
    sent = Outbound.objects.filter(connection_id=connection_id, chat=chat, queued_at__gte=since)
    return frozenset(sent.exclude(wa_id="").values_list("wa_id", flat=True))


def posts_about(connection_id: UUID, shape: dict[str, object], since: datetime) -> Sequence[Post]:
    """Posts since then whose body holds this shape, oldest first."""
    posts = Post.objects.filter(connection_id=connection_id, posted_at__gte=since, body__contains=shape)
    return list(posts.order_by("id"))
