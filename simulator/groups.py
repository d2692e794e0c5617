"""Groups: made, renamed, joined and left, as the control API wants it."""

from __future__ import annotations

import secrets

from simulator import changes
from simulator.errors import Refused, not_found
from simulator.model import Group
from simulator.network import Network


class Groups:
    """The groups of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def make(self, subject: str, participants: list[str]) -> Group:
        """A new group of these digits; the first of them makes it."""
        self._check(participants)
        group_id = f"120363{secrets.randbelow(10**12):012}@g.us"
        self._network.commit(changes.GroupMade(group_id, subject, participants, self._network.now()))
        return self.group(group_id)

    def change(self, group_id: str, subject: str, participants: list[str]) -> Group:
        """Another subject, other members."""
        group = self.group(group_id)
        self._check(participants)
        if (group.subject, group.participants) != (subject, participants):
            self._network.commit(changes.GroupChanged(group_id, subject, participants))
        return group

    def group(self, group_id: str) -> Group:
        """The group with that id."""
        group = self._network.state.groups.get(group_id)
        if group is None:
            raise not_found("unknown_group", "Não há grupo com este identificador.")
        return group

    def _check(self, participants: list[str]) -> None:
        if not participants or len(set(participants)) != len(participants):
            raise Refused("invalid_participants", "Um grupo tem participantes, cada um uma vez.")
        for digits in participants:
            self._network.phone(digits)
