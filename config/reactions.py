"""Event → the tasks it starts, in order. Everything that happens by itself stands in this table."""

REACTIONS: dict[str, tuple[str, ...]] = {
    "connection.happening_stored": ("tickets.tasks.take_in",),
    "connection.send_queued": ("connections.tasks.wake_session",),
    "connection.send_settled": ("tickets.tasks.settle_send",),
    "connection.run_changed": ("connections.tasks.wake_pools",),
    "tenant.founded": ("sectors.tasks.give_first_sector",),
    "member.joined": ("sectors.tasks.seat_newcomer",),
    "member.invited": ("accounts.tasks.send_invitation",),
}
