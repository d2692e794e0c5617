"""Event → the tasks it starts. Everything that happens by itself stands in these two tables."""

# Done at least once, whatever dies in between: `events.reacting.Reaction`.
REACTIONS: dict[str, tuple[str, ...]] = {
    "connection.happenings_stored": ("tickets.tasks.take_in",),
    "connection.sends_settled": ("tickets.tasks.settle_sends",),
    "connection.send_waits": ("tickets.tasks.note_wait",),
    "connection.rejoined": ("tickets.tasks.mark_gap",),
    "connection.removed": ("connections.tasks.discard_profile",),
    "connection.down": ("connections.tasks.mail_alert",),
    "connection.recovered": ("connections.tasks.mail_recovery",),
    "tenant.founded": ("sectors.tasks.give_first_sector",),
    "member.joined": ("sectors.tasks.seat_newcomer",),
    "member.invited": ("accounts.tasks.send_invitation",),
}

# Worth nothing a few seconds later, called once: a poll stands behind each of them.
NUDGES: dict[str, tuple[str, ...]] = {
    "connection.send_queued": ("connections.tasks.wake_session",),
    "connection.gateway_posted": ("connections.tasks.wake_session",),
    "connection.run_changed": ("connections.tasks.wake_host",),
}
