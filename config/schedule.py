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
    "drop old events": {
        "task": "events.tasks.prune",
        "schedule": schedule(3600.0),
        "options": {"expires": 3600.0},
    },
}
