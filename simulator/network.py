"""What can be done on the network: each verb checks, makes a change, commits it (journal first)."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simulator import changes
from simulator.errors import Refused, conflict, not_found
from simulator.ledger import Effect, Ledger
from simulator.model import (
    EDITABLE_KINDS,
    MEDIA_KINDS,
    PLAYED,
    READ,
    Attachment,
    Device,
    Location,
    Media,
    Message,
    Phone,
    State,
    hash_of,
)
from simulator.values import digits_of_chat, is_group, new_message_id, number_of


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as its author wrote it. ``to`` is digits or a group; without ``id`` one is chosen."""

    to: str
    kind: str
    text: str = ""
    id: str | None = None
    quoted_id: str | None = None
    attachment: Attachment | None = None
    location: Location | None = None
    client_ref: str | None = None
    is_forwarded: bool = False


class Network:
    """The state of the network and its verbs; it does no input or output of its own."""

    def __init__(
        self,
        state: State | None = None,
        *,
        journal: Callable[[changes.Change], None] = lambda change: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.state = state or State()
        self.watchers: list[Callable[[Effect], None]] = []
        self._ledger = Ledger(self.state, self._tell)
        self._journal = journal
        self.now = now

    def replay(self, past: Iterable[changes.Change]) -> None:
        """Apply what the journal kept; nothing is journaled again."""
        for change in past:
            self._ledger.apply(change)

    def commit(self, change: changes.Change) -> None:
        """Journal a change that has been checked, then make it."""
        self._journal(change)
        self._ledger.apply(change)

    def _tell(self, effect: Effect) -> None:
        for watcher in self.watchers:
            watcher(effect)

    # phones

    def phone(self, digits: str) -> Phone:
        """The phone with that number."""
        phone = self.state.phones.get(digits)
        if phone is None:
            raise not_found("unknown_phone", f"Não há telefone com o número {number_of(digits)}.")
        return phone

    def online_phone(self, digits: str) -> Phone:
        """The phone with that number; while offline it can do nothing on the network."""
        phone = self.phone(digits)
        if not phone.is_online:
            raise conflict("phone_offline", "Este telefone está sem conexão.", permanent=False)
        return phone

    def add_phone(self, digits: str, name: str) -> Phone:
        """A new phone, online."""
        if digits in self.state.phones:
            raise conflict("phone_exists", f"Já existe um telefone com o número {number_of(digits)}.")
        self.commit(changes.PhoneAdded(digits, name, self.now()))
        return self.state.phones[digits]

    def rename_phone(self, digits: str, name: str) -> None:
        """Another profile name, which later messages carry."""
        if self.phone(digits).name != name:
            self.commit(changes.PhoneRenamed(digits, name))

    def switch_phone(self, digits: str, *, is_online: bool) -> None:
        """Take a phone off the network, or bring it back: then what waited arrives."""
        if self.phone(digits).is_online != is_online:
            self.commit(changes.PhoneSwitched(digits, is_online, self.now()))

    def show_phone(self, digits: str, *, address: str | None = None, picture: str | None = None) -> None:
        """How others know a phone, and its picture (a file it holds; empty for none); None leaves it."""
        phone = self.phone(digits)
        if picture:
            self.media_held(picture, digits)
        address = phone.address if address is None else address
        picture = phone.picture if picture is None else picture or None
        if (address, picture) != (phone.address, phone.picture):
            self.commit(changes.PhoneShown(digits, address, picture))

    def remove_phone(self, digits: str) -> None:
        """Remove a phone, its chats and linked devices; others keep their side of the chats."""
        self.phone(digits)
        self.commit(changes.PhoneRemoved(digits))

    # chats

    def peer_at(self, chat: str) -> str:
        """With whom a device has the chat of that id, which may hide the number."""
        if chat in self.state.lids:
            return self.state.lids[chat]
        if chat in self.state.groups:
            return chat
        return digits_of_chat(chat)

    def is_new_chat(self, digits: str, chat: str) -> bool:
        """Whether nobody has written to this phone there yet."""
        known = self.phone(digits).chats.get(self.peer_at(chat))
        return known is None or all(message.author == digits for message in known.messages.values())

    # devices

    def link_device(self, digits: str, name: str) -> tuple[Device, str]:
        """Link a device to a phone: the device and its token, which is told only this once."""
        self.online_phone(digits)
        token = secrets.token_urlsafe(32)
        device_id = uuid.uuid4().hex[:12]
        self.commit(changes.DeviceLinked(device_id, digits, name, hash_of(token), self.now()))
        return self.state.devices[device_id], token

    def device(self, device_id: str) -> Device:
        """The linked device with that id."""
        device = self.state.devices.get(device_id)
        if device is None:
            raise not_found("unknown_device", "Não há dispositivo conectado com este identificador.")
        return device

    def device_with(self, token: str) -> Device | None:
        """The linked device that owns the token."""
        return self.state.tokens.get(hash_of(token))

    def was_unlinked(self, token: str) -> bool:
        """Whether the token was good once."""
        return hash_of(token) in self.state.unlinked

    def unlink_device(self, device_id: str) -> None:
        """Unlink a device; its token is never good again."""
        self.device(device_id)
        self.commit(changes.DeviceUnlinked(device_id))

    def ack_events(self, device: Device, seq: int) -> None:
        """The device has stored every event up to ``seq``."""
        seq = min(seq, device.last_seq)
        if seq > device.acked:
            self.commit(changes.EventsAcked(device.id, seq))

    def resume_device(self, device: Device, after: int) -> int:
        """After which number to send events to a device that has stored those up to ``after``."""
        if after > device.last_seq:
            # New events must not get numbers that the device believes to have seen.
            self.commit(changes.DeviceAhead(device.id, after))
        return max(after, device.acked)

    # media

    def add_media(self, media_id: str, owner: str, *, mime: str, size: int, name: str) -> Media:
        """A file that ``owner`` has uploaded and may send."""
        self.phone(owner)
        self.commit(changes.MediaStored(media_id, owner, mime, size, name))
        return self.state.media[media_id]

    def media_held(self, media_id: str, digits: str) -> Media:
        """A file that this phone uploaded or received."""
        media = self.state.media.get(media_id)
        if media is None or digits not in media.holders:
            raise _unknown_media()
        return media

    def any_media(self, media_id: str) -> Media:
        """A file, for the page that operates all phones."""
        media = self.state.media.get(media_id)
        if media is None:
            raise _unknown_media()
        return media

    # messages

    def send(self, author: str, draft: Draft, *, device: Device | None = None) -> Message:
        """Send from a phone or from one of its devices. An id sent before is the same message."""
        phone = self.phone(author) if device else self.online_phone(author)
        known = phone.sent.get(draft.id) if draft.id else None
        if known and known.to == draft.to:
            return known
        self._check(phone, draft)
        message_id = draft.id or new_message_id()
        self.commit(
            changes.MessageSent(
                id=message_id,
                author=author,
                to=draft.to,
                at=self.now(),
                kind=draft.kind,
                text=draft.text,
                quoted_id=draft.quoted_id,
                attachment=draft.attachment,
                location=draft.location,
                client_ref=draft.client_ref,
                device=device.id if device else None,
                is_forwarded=draft.is_forwarded,
            )
        )
        return phone.sent[message_id]

    def _check(self, phone: Phone, draft: Draft) -> None:
        if draft.to == phone.digits:
            raise Refused("invalid_recipient", "Um telefone não conversa consigo mesmo.")
        others = self._others(phone, draft.to)
        if draft.id and (draft.id in phone.sent or _is_taken(draft.id, phone, draft.to, others)):
            raise conflict("id_taken", "Este identificador já é de outra mensagem.")
        if draft.kind in MEDIA_KINDS and draft.attachment is None:
            raise Refused("media_required", "Falta o arquivo da mensagem.")
        if draft.kind == "location" and draft.location is None:
            raise Refused("location_required", "Falta a localização da mensagem.")
        if draft.kind in ("text", "contact") and not draft.text.strip():
            raise Refused("empty_message", "A mensagem está vazia.")

    def _others(self, phone: Phone, to: str) -> list[Phone]:
        """The phones that a message to that peer goes to."""
        if not is_group(to):
            recipient = self.state.phones.get(to)
            if recipient is None:
                raise not_found("not_on_whatsapp", f"O número {number_of(to)} não está no WhatsApp.")
            return [recipient]
        group = self.state.groups.get(to)
        if group is None or phone.digits not in group.participants:
            raise conflict("not_in_group", "Este telefone não participa do grupo.")
        return [self.state.phones[digits] for digits in group.participants if digits in self.state.phones]

    def find_sent(self, digits: str, ids: Iterable[str]) -> list[Message]:
        """Those of the ids that this phone or its devices have sent."""
        sent = self.phone(digits).sent
        return [sent[id] for id in ids if id in sent]

    def react(
        self,
        author: str,
        other: str,
        target_id: str,
        emoji: str,
        *,
        id: str | None = None,
        by_device: bool = False,
    ) -> Message:
        """Set the author's one reaction to a message; nothing takes it away."""
        message = self._visible(author, other, target_id, by_device=by_device)
        if message.is_revoked:
            raise conflict("message_revoked", "A mensagem foi apagada.")
        if message.reactions.get(author, "") != emoji:
            self.commit(changes.Reacted(id or new_message_id(), author, other, target_id, emoji, self.now()))
        return message

    def edit(
        self,
        author: str,
        other: str,
        target_id: str,
        text: str,
        *,
        id: str | None = None,
        by_device: bool = False,
    ) -> Message:
        """Another text for one's own message."""
        message = self._own(author, other, target_id, by_device=by_device)
        if message.is_revoked:
            raise conflict("message_revoked", "A mensagem foi apagada.")
        if message.kind not in EDITABLE_KINDS:
            raise conflict("not_editable", "Este tipo de mensagem não pode ser editado.")
        if message.kind == "text" and not text.strip():
            raise Refused("empty_message", "A mensagem está vazia.")
        if message.text != text:
            self.commit(changes.Edited(id or new_message_id(), author, other, target_id, text, self.now()))
        return message

    def revoke(self, author: str, target_id: str, *, by_device: bool = False) -> Message:
        """Delete one's own message for everyone."""
        phone = self.phone(author) if by_device else self.online_phone(author)
        message = phone.sent.get(target_id)
        if message is None:
            is_received = any(target_id in chat.messages for chat in phone.chats.values())
            raise _not_the_author() if is_received else _unknown_message()
        if not message.is_revoked:
            change_id = new_message_id()
            self.commit(changes.Revoked(change_id, author, message.to, target_id, self.now()))
        return message

    def read(self, reader: str, other: str) -> list[str]:
        """The person opens the chat: what has arrived is read. Returns the ids that were unread."""
        phone = self.online_phone(reader)
        chat = phone.chats.get(other)
        ids = phone.unread_in(chat) if chat else []
        if ids:
            self.commit(changes.LevelRaised(reader, other, ids, READ, self.now()))
        return ids

    def read_on_device(self, reader: str, other: str, ids: Iterable[str]) -> list[str]:
        """A linked device marks messages read; ids that are not unread are passed over."""
        chat = self.phone(reader).chats.get(other)
        unread = [id for id in dict.fromkeys(ids) if chat and id in chat.unread]
        if unread:
            self.commit(changes.LevelRaised(reader, other, unread, READ, self.now()))
        return unread

    def play(self, listener: str, other: str, message_id: str) -> Message:
        """The person listens to a voice note."""
        message = self._visible(listener, other, message_id)
        if message.author == listener or message.kind not in ("voice", "audio"):
            raise conflict("not_playable", "Só áudios recebidos podem ser marcados como ouvidos.")
        if message.level < PLAYED and not message.is_revoked:
            self.commit(changes.LevelRaised(listener, other, [message_id], PLAYED, self.now()))
        return message

    def message_in(self, digits: str, other: str, message_id: str) -> Message:
        """A message of a phone's chat, as its devices see it."""
        chat = self.phone(digits).chats.get(other)
        message = chat.messages.get(message_id) if chat else None
        if message is None:
            raise _unknown_message()
        return message

    def _visible(self, digits: str, other: str, message_id: str, *, by_device: bool = False) -> Message:
        # A device has what its phone will get only once it is online again.
        phone = self.phone(digits) if by_device else self.online_phone(digits)
        message = self.message_in(digits, other, message_id)
        if not by_device and not phone.sees(message):
            raise _unknown_message()
        return message

    def _own(self, digits: str, other: str, message_id: str, *, by_device: bool = False) -> Message:
        message = self._visible(digits, other, message_id, by_device=by_device)
        if message.author != digits:
            raise _not_the_author()
        return message


def _is_taken(message_id: str, phone: Phone, to: str, others: list[Phone]) -> bool:
    """Ids are unique within a chat, on all its sides."""
    chats = [
        phone.chats.get(to),
        *(other.chats.get(to if is_group(to) else phone.digits) for other in others),
    ]
    return any(chat is not None and message_id in chat.messages for chat in chats)


def _unknown_media() -> Refused:
    return not_found("media_not_found", "Arquivo não encontrado.")


def _unknown_message() -> Refused:
    return not_found("unknown_message", "Mensagem não encontrada.")


def _not_the_author() -> Refused:
    return Refused("not_the_author", "Só quem escreveu pode alterar a mensagem.", status=403)
