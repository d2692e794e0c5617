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
        "options": {"expires": 10.0},
    },
    "tell people of numbers that are down": {
        "task": "connections.tasks.notice_down",
        "schedule": schedule(20.0),
        "options": {"expires": 20.0},
    },
    "count what went through each number": {
        "task": "connections.tasks.count_traffic",
        "schedule": schedule(30.0),
        "options": {"expires": 30.0},
    },
    "drop old events": {
        "task": "events.tasks.prune",
        "schedule": schedule(3600.0),
        "options": {"expires": 3600.0},
    },
    "drop what connections are done with": {
        "task": "connections.tasks.prune",
        "schedule": schedule(3600.0),
        "options": {"expires": 3600.0},
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
