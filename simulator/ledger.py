"""What each change does to the state, and which events devices get; a replay does the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simulator import changes, views
from simulator.model import DELIVERED, SERVER, Device, Group, Media, Message, Phone, State
from simulator.values import is_group


@dataclass(frozen=True, slots=True)
class EventsWaiting:
    """There is something to send to a device."""

    device: str


@dataclass(frozen=True, slots=True)
class DeviceGone:
    """A device was unlinked; its socket must be told and closed."""

    device: str


@dataclass(frozen=True, slots=True)
class MessageTouched:
    """A message is new or looks different now."""

    message: Message


@dataclass(frozen=True, slots=True)
class PhoneTouched:
    """A phone is new, renamed, switched, or has other devices."""

    digits: str


@dataclass(frozen=True, slots=True)
class PhoneGone:
    """A phone was removed."""

    digits: str


Effect = EventsWaiting | DeviceGone | MessageTouched | PhoneTouched | PhoneGone


class Ledger:
    """Applies changes. Whoever makes a change has checked it: nothing here refuses."""

    def __init__(self, state: State, tell: Callable[[Effect], None]) -> None:
        self.state = state
        self._tell = tell
        self._rules: dict[type, Callable[..., None]] = {
            changes.PhoneAdded: self._phone_added,
            changes.PhoneRenamed: self._phone_renamed,
            changes.PhoneSwitched: self._phone_switched,
            changes.PhoneShown: self._phone_shown,
            changes.PhoneRemoved: self._phone_removed,
            changes.GroupMade: self._group_made,
            changes.GroupChanged: self._group_changed,
            changes.DeviceLinked: self._device_linked,
            changes.DeviceUnlinked: self._device_unlinked,
            changes.EventsAcked: self._events_acked,
            changes.DeviceAhead: self._device_ahead,
            changes.MediaStored: self._media_stored,
            changes.MessageSent: self._message_sent,
            changes.LevelRaised: self._level_raised,
            changes.Reacted: self._reacted,
            changes.Edited: self._edited,
            changes.Revoked: self._revoked,
        }

    def apply(self, change: changes.Change) -> None:
        """Alter the state."""
        self._rules[type(change)](change)

    # phones

    def _phone_added(self, change: changes.PhoneAdded) -> None:
        phone = self.state.phones[change.digits] = Phone(change.digits, change.name, change.at)
        self.state.lids[phone.lid] = phone.digits
        self._tell(PhoneTouched(change.digits))

    def _phone_renamed(self, change: changes.PhoneRenamed) -> None:
        self.state.phones[change.digits].name = change.name
        self._tell(PhoneTouched(change.digits))

    def _phone_switched(self, change: changes.PhoneSwitched) -> None:
        phone = self.state.phones[change.digits]
        phone.is_online = change.is_online
        self._tell(PhoneTouched(change.digits))
        if phone.is_online:
            arrived = list(phone.waiting.values())
            phone.waiting.clear()
            self._lift(arrived, DELIVERED, change.at, by=phone.digits)
            for message in arrived:
                self._tell(MessageTouched(message))

    def _phone_shown(self, change: changes.PhoneShown) -> None:
        phone = self.state.phones[change.digits]
        phone.address, phone.picture = change.address, change.picture
        self._tell(PhoneTouched(change.digits))

    def _phone_removed(self, change: changes.PhoneRemoved) -> None:
        phone = self.state.phones.pop(change.digits)
        self.state.lids.pop(phone.lid, None)
        for device in list(phone.devices.values()):
            self._forget(device)
        self._tell(PhoneGone(change.digits))

    # groups

    def _group_made(self, change: changes.GroupMade) -> None:
        self.state.groups[change.id] = Group(change.id, change.subject, change.participants, change.at)
        self._tell_group(change.id, change.participants)

    def _group_changed(self, change: changes.GroupChanged) -> None:
        group = self.state.groups[change.id]
        before = group.participants
        group.subject, group.participants = change.subject, change.participants
        self._tell_group(change.id, [*before, *(one for one in change.participants if one not in before)])

    def _tell_group(self, id: str, concerned: list[str]) -> None:
        """Members find the group among their chats; they, and those who left, hear who is in it."""
        group = self.state.groups[id]
        members = views.participants_of(self.state, group)
        event = {"kind": "group", "chat": id, "subject": group.subject, "participants": members}
        for digits in concerned:
            phone = self.state.phones.get(digits)
            if phone:
                phone.chat_with(id)
                self._post(digits, event)

    # devices

    def _device_linked(self, change: changes.DeviceLinked) -> None:
        device = Device(change.id, change.phone, change.name, change.token_hash, change.at)
        self.state.phones[change.phone].devices[device.id] = device
        self.state.devices[device.id] = device
        self.state.tokens[device.token_hash] = device
        self._tell(PhoneTouched(change.phone))

    def _device_unlinked(self, change: changes.DeviceUnlinked) -> None:
        device = self.state.devices[change.id]
        del self.state.phones[device.phone].devices[device.id]
        self._forget(device)
        self._tell(PhoneTouched(device.phone))

    def _forget(self, device: Device) -> None:
        del self.state.devices[device.id], self.state.tokens[device.token_hash]
        self.state.unlinked.add(device.token_hash)
        self._tell(DeviceGone(device.id))

    def _events_acked(self, change: changes.EventsAcked) -> None:
        device = self.state.devices[change.device]
        for seq in range(device.acked + 1, change.seq + 1):
            device.pending.pop(seq, None)
        device.acked = change.seq

    def _device_ahead(self, change: changes.DeviceAhead) -> None:
        device = self.state.devices[change.device]
        device.pending.clear()
        device.last_seq = device.acked = change.seq

    def _post(self, digits: str, event: views.Json, *, but: str | None = None) -> None:
        """Queue an event for every device of a phone, encoded once."""
        phone = self.state.phones.get(digits)
        if phone is None or not phone.devices:
            return
        encoded = views.encode(event)
        for device in phone.devices.values():
            if device.id != but:
                device.last_seq += 1
                device.pending[device.last_seq] = encoded
                self._tell(EventsWaiting(device.id))

    # messages

    def _media_stored(self, change: changes.MediaStored) -> None:
        self.state.media[change.id] = Media(
            change.id, change.owner, change.mime, change.size, change.name, {change.owner}
        )

    def _message_sent(self, change: changes.MessageSent) -> None:
        author = self.state.phones[change.author]
        message = self._new_message(change)
        author.chat_with(change.to).messages[message.id] = message
        author.sent[message.id] = message
        recipients = self._recipients(message)
        if message.is_to_group:
            message.reached = {recipient.digits: SERVER for recipient in recipients}
        for recipient in recipients:
            self._arrive(message, recipient)
        self._post_message(message, author.digits, but=change.device)
        self._post_level([message], SERVER, change.at)
        for recipient in recipients:
            if recipient.is_online:
                self._lift([message], DELIVERED, change.at, by=recipient.digits)
            else:
                recipient.waiting[(author.digits, message.id)] = message
        self._tell(MessageTouched(message))

    def _recipients(self, message: Message) -> list[Phone]:
        members = self.state.groups[message.to].participants if message.is_to_group else [message.to]
        phones = (self.state.phones.get(digits) for digits in members if digits != message.author)
        return [phone for phone in phones if phone]

    def _arrive(self, message: Message, recipient: Phone) -> None:
        chat = recipient.chat_with(message.other_than(recipient.digits))
        chat.messages[message.id] = message
        chat.unread[message.id] = None
        if message.attachment:
            self.state.media[message.attachment.id].holders.add(recipient.digits)
        self._post_message(message, recipient.digits)

    def _new_message(self, change: changes.MessageSent) -> Message:
        self.state.last_serial += 1
        return Message(
            serial=self.state.last_serial,
            id=change.id,
            author=change.author,
            to=change.to,
            timestamp=int(change.at),
            kind=change.kind,
            text=change.text,
            quoted_id=change.quoted_id,
            attachment=change.attachment,
            location=change.location,
            client_ref=change.client_ref,
            is_forwarded=change.is_forwarded,
        )

    def _post_message(self, message: Message, digits: str, *, but: str | None = None) -> None:
        phone = self.state.phones.get(digits)
        if phone and phone.devices:
            shape = views.wa_message(self.state, message, me=digits)
            self._post(digits, {"kind": "message", "message": shape}, but=but)

    def _level_raised(self, change: changes.LevelRaised) -> None:
        reader = self.state.phones[change.reader]
        chat = reader.chat_with(change.other)
        messages = [chat.messages[id] for id in change.ids]
        for message in messages:
            chat.unread.pop(message.id, None)
        self._lift(messages, change.level, change.at, by=reader.digits)
        for message in messages:
            self._tell(MessageTouched(message))

    def _lift(self, messages: Iterable[Message], level: int, at: float, *, by: str) -> None:
        """A reader got as far as a level; what is there already stays, and says nothing again."""
        raised: dict[tuple[str, str, int], list[Message]] = {}
        for message in messages:
            if message.reach(by, level):
                raised.setdefault((message.author, message.to, message.level), []).append(message)
        for (_, _, reached), group in raised.items():
            self._post_level(group, reached, at)

    def _post_level(self, messages: list[Message], level: int, at: float) -> None:
        first = messages[0]
        ids = [message.id for message in messages]
        event = {
            "kind": "ack",
            "chat": views.address_of(self.state, first.to),
            "ids": ids,
            "level": level,
            "timestamp": int(at),
        }
        self._post(first.author, event)

    def _reacted(self, change: changes.Reacted) -> None:
        message = self._target(change.author, change.other, change.target_id)
        if change.emoji:
            message.reactions[change.author] = change.emoji
        else:
            message.reactions.pop(change.author, None)
        self._post_about("reaction", change, emoji=change.emoji)
        self._tell(MessageTouched(message))

    def _edited(self, change: changes.Edited) -> None:
        message = self._target(change.author, change.other, change.target_id)
        message.text = change.text
        message.is_edited = True
        self._post_about("edited", change, text=change.text)
        self._tell(MessageTouched(message))

    def _revoked(self, change: changes.Revoked) -> None:
        message = self._target(change.author, change.other, change.target_id)
        message.text = ""
        message.attachment = message.location = None
        message.reactions.clear()
        message.is_revoked = True
        self._no_longer_unread(message)
        self._post_about("revoked", change)
        self._tell(MessageTouched(message))

    def _no_longer_unread(self, message: Message) -> None:
        for recipient in self._recipients(message):
            chat = recipient.chats.get(message.other_than(recipient.digits))
            if chat:
                chat.unread.pop(message.id, None)

    def _target(self, digits: str, other: str, id: str) -> Message:
        return self.state.phones[digits].chats[other].messages[id]

    def _post_about(
        self, kind: str, change: changes.Reacted | changes.Edited | changes.Revoked, **what: str
    ) -> None:
        """Tell everybody who has the message what was done to it."""
        for digits, other in self._audience(change.author, change.other):
            event: views.Json = {
                "kind": kind,
                "chat": views.address_of(self.state, other),
                "target_id": change.target_id,
                "id": change.id,
                "timestamp": int(change.at),
                **what,
                "from_me": digits == change.author,
            }
            if is_group(other):
                event["author"] = views.address_of(self.state, change.author)
            self._post(digits, event)

    def _audience(self, author: str, other: str) -> list[tuple[str, str]]:
        """Who has the chat, each with the peer it has it with."""
        if is_group(other):
            return [(digits, other) for digits in self.state.groups[other].participants]
        return [(author, other), (other, author)]
