"""The clock → the tasks it starts. Everything that happens at a time stands in this table."""

from celery.schedules import schedule

SCHEDULE = {
    "relay events whose commit hook was lost": {
        "task": "events.tasks.relay_late",
        "schedule": schedule(5.0),
        "options": {"expires": 5.0},
    },
    "call again for reactions that stayed open": {
        "task": "events.tasks.react_late",
        "schedule": schedule(5.0),
        "options": {"expires": 5.0},
    },
    "take in what a lost task left behind": {
        "task": "tickets.tasks.take_in_late",
        "schedule": schedule(10.0),
        "options": {"expires": 10.0},
    },
    "say which connections no worker holds": {
        "task": "connections.tasks.notice_unhosted",
        "schedule": schedule(10.0),
        # Not by the workers it is about.
        "options": {"expires": 10.0, "queue": "default"},
    },
    "drop old events": {
        "task": "events.tasks.prune",
        "schedule": schedule(3600.0),
        "options": {"expires": 3600.0},
    },
    "drop what connections are done with": {
        "task": "connections.tasks.prune",
        "schedule": schedule(3600.0),
        # Not by the workers that host sessions.
        "options": {"expires": 3600.0, "queue": "default"},
    },
    "drop sessions and tokens that have ended": {
        "task": "accounts.tasks.forget_sign_ins",
        "schedule": schedule(3600.0),
        "options": {"expires": 3600.0},
    },
    "drop ticks whose message never came": {
        "task": "tickets.tasks.prune_ticks",
        "schedule": schedule(3600.0),
        "options": {"expires": 3600.0},
    },
    "delete files that no row knows": {
        "task": "tickets.tasks.sweep_files",
        "schedule": schedule(6 * 3600.0),
        "options": {"expires": 3600.0},
    },
}
