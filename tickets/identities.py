"""Who a chat belongs to: identities of contacts, found or made."""

from __future__ import annotations

from connections.wire import Message as WireMessage
from tickets.choices import IdentityKind
from tickets.models import Contact, Identity

KIND_OF_SERVER = {
    "c.us": IdentityKind.PHONE,
    "s.whatsapp.net": IdentityKind.PHONE,
    "lid": IdentityKind.LID,
}


def identity_of(chat: str) -> tuple[str, str]:
    """(kind, value) of a chat id: `5511…@c.us` is a phone, `…@lid` hides one."""
    value, _at, server = chat.partition("@")
    kind = KIND_OF_SERVER.get(server, IdentityKind.USERNAME)
    return kind, f"+{value}" if kind == IdentityKind.PHONE else value


def contact_of(told: WireMessage) -> Contact:
    """The contact of the message's chat; a new one the first time. The chat's lock is held, and the
    unique identity decides between two connections that meet the same person at once."""
    kind, value = identity_of(told.chat)
    known = _known(kind, value)
    if known is None and told.phone:
        # The same person, met before under the number that this chat id hides.
        known = _known(IdentityKind.PHONE, told.phone)
        if known is not None:
            Identity.objects.get_or_create(kind=kind, value=value, defaults={"contact": known.contact})
    if known is not None:
        return _with_name(known.contact, told)
    contact = Contact(
        name="" if told.from_me else told.sender_name,
        phone=value if kind == IdentityKind.PHONE else told.phone or None,
    )
    contact.save(force_insert=True)
    if told.phone and kind != IdentityKind.PHONE:
        Identity.objects.get_or_create(
            kind=IdentityKind.PHONE, value=told.phone, defaults={"contact": contact}
        )
    identity, is_new = Identity.objects.get_or_create(kind=kind, value=value, defaults={"contact": contact})
    if not is_new:
        contact.delete()
    return identity.contact


def _known(kind: str, value: str) -> Identity | None:
    return Identity.objects.select_related("contact").filter(kind=kind, value=value).first()


def _with_name(contact: Contact, told: WireMessage) -> Contact:
    """A contact met through our own message has no name yet; theirs brings it."""
    if not contact.name and told.sender_name and not told.from_me:
        contact.name = told.sender_name
        contact.save(update_fields=["name"])
    return contact
