"""Rules of the house that a machine can hold: who imports whom, who opens scopes, what stays small."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery.local import Proxy
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models

from config.celery import app as celery
from config.reactions import NUDGES, REACTIONS
from config.schedule import SCHEDULE
from events.catalog import CLOSE_SOCKETS, KINDS
from events.reacting import Reaction
from tenants.doors import TenantTask

ROOT = Path(settings.BASE_DIR)
APPS = (
    "config",
    "tenants",
    "events",
    "accounts",
    "sectors",
    "connections",
    "tickets",
    "integrations",
    "analytics",
)
FORBIDDEN_FOLDERS = {"common", "core", "utils", "helpers", "services"}
FORBIDDEN_WORDS = ("manager", "helper", "util", "handler", "service", "processor")

SOURCES = {path: path.read_text() for app in APPS for path in sorted((ROOT / app).rglob("*.py"))}
OWN = {path: text for path, text in SOURCES.items() if "migrations" not in path.parts}
TREES = {path: ast.parse(text) for path, text in OWN.items()}


def named(path):
    return str(path.relative_to(ROOT))


def calls(name):
    """(file, call) wherever something called `name` is called."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _last_name(node.func) == name:
                yield named(path), node


def _last_name(function):
    return getattr(function, "attr", getattr(function, "id", None))


def test_imports_go_down_only():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout


def test_no_app_is_a_drawer_for_everything():
    folders = {folder.name for folder in ROOT.iterdir() if folder.is_dir()}
    folders |= {path.parent.name for path in OWN}

    assert not folders & FORBIDDEN_FOLDERS


def test_no_file_or_class_is_named_after_nothing():
    names = {path.stem for path in OWN}
    for tree in TREES.values():
        names |= {node.name.lower() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    # Django's own word for what a manager is; the words of a ticket's state.
    allowed = {"tenantmanager", "usermanager", "notinservice"}

    assert not {name for name in names - allowed if name.endswith(FORBIDDEN_WORDS)}


def test_every_module_says_in_its_first_line_what_it_is_for():
    silent = [named(path) for path, tree in TREES.items() if tree.body and not ast.get_docstring(tree)]

    assert silent == []


def test_at_most_three_places_catch_everything():
    """Each with a comment that says why."""
    broad = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None or _last_name(node.type) in ("Exception", "BaseException")
            ):
                broad.append(f"{named(path)}:{node.lineno}")
                lines = OWN[path].splitlines()[node.lineno : node.lineno + 3]
                assert any(line.strip().startswith("#") for line in lines), f"{broad[-1]} does not say why"

    assert len(broad) <= 3, broad


def test_only_the_doors_open_a_tenants_scope():
    openers = {path for path, _call in calls("working_for")}
    allowed = {
        "tenants/doors.py",
        "accounts/actions.py",  # founding a tenant, and joining one: the member is not in yet
        "tickets/management/commands/seed_demo.py",
    }

    assert openers == allowed


def test_looking_across_tenants_always_says_why():
    seen = list(calls("across_tenants"))
    assert seen
    for path, call in seen:
        reasons = [keyword.value for keyword in call.keywords if keyword.arg == "reason"]

        assert reasons and isinstance(reasons[0], ast.Constant) and len(reasons[0].value) > 15, path


def test_only_these_files_look_across_tenants():
    """A new one is a decision: look twice at what its answer carries, then add it."""
    assert {path for path, _call in calls("across_tenants")} == {
        "accounts/access.py",
        "accounts/entrance.py",
        "accounts/tokens.py",
        "connections/access.py",
        "connections/leases.py",
        "connections/alerts.py",
        "connections/traffic.py",
        "connections/workers.py",
        "connections/mailbox.py",
        "connections/sessions/pool.py",
        "events/relay.py",
        "tenants/operators.py",
        "tickets/intake.py",
    }


def test_group_names_are_spelled_in_the_audience_only():
    spelled = [named(path) for path, text in OWN.items() if 'f"t.' in text or "f't." in text]

    assert spelled == ["events/audience.py"]


def test_nothing_happens_in_signals():
    """Consequences stand in config/reactions.py."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            module = getattr(node, "module", "") or ""
            assert module not in ("django.dispatch", "django.db.models.signals"), named(path)


OUR_MODELS = [model for model in apps.get_models() if model._meta.app_label in APPS]


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_saving_a_row_does_nothing_else(model):
    if model._meta.label == "accounts.User":
        assert "save" not in model.__dict__  # AbstractBaseUser has its own, for changed passwords
        return

    assert model.save is models.Model.save
    assert model.delete is models.Model.delete


def test_serializers_parse_and_do_not_write():
    for path, tree in TREES.items():
        if path.name != "serializers.py":
            continue
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}

        assert not defined & {"create", "update", "save"}, named(path)


# --- tasks, reactions, the clock --------------------------------------------------------------

TASK_FILES = {path: tree for path, tree in TREES.items() if path.name == "tasks.py"}


def task_functions():
    for path, tree in TASK_FILES.items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                yield path, node


def test_tasks_are_at_most_five_lines():
    for path, function in task_functions():
        lines = function.body[-1].end_lineno - function.body[0].lineno + 1

        assert lines <= 5, f"{named(path)} {function.name}"


def test_every_function_of_a_tasks_file_is_a_celery_task():
    assert list(task_functions())
    for path, function in task_functions():
        task = getattr(
            __import__(".".join(path.relative_to(ROOT).with_suffix("").parts), fromlist=["x"]), function.name
        )

        assert isinstance(task, Proxy) or task.name in celery.tasks, f"{named(path)} {function.name}"


def test_actions_do_not_enqueue():
    """Facts are recorded, the relay enqueues; a nudge is worth nothing a moment later."""
    callers = {path for name in ("apply_async", "delay", "send_task") for path, _call in calls(name)}

    assert callers == {"events/relay.py", "connections/nudges.py", "connections/tasks.py", "tickets/tasks.py"}


@pytest.mark.parametrize("table", [REACTIONS, NUDGES], ids=["reactions", "nudges"])
def test_every_reaction_is_to_a_kind_of_the_catalogue_and_starts_a_task_there_is(table):
    celery.loader.import_default_modules()
    for kind, tasks in table.items():
        assert kind in KINDS
        assert tasks, f"nothing happens on {kind}: leave the row out"
        for task in tasks:
            assert task in celery.tasks, task


def test_reactions_are_done_at_least_once():
    celery.loader.import_default_modules()
    named_in_table = {task for tasks in REACTIONS.values() for task in tasks}

    assert {name for name, task in celery.tasks.items() if isinstance(task, Reaction)} == named_in_table
    assert not named_in_table & {task for tasks in NUDGES.values() for task in tasks}


def test_every_entry_of_the_schedule_starts_a_task_there_is():
    celery.loader.import_default_modules()
    for title, entry in SCHEDULE.items():
        assert entry["task"] in celery.tasks, title
        assert entry["options"]["expires"] <= entry["schedule"].run_every.total_seconds(), title


def test_tasks_of_a_tenant_begin_at_the_door():
    """A task without the door runs in no scope; those few sweep, and say so themselves."""
    celery.loader.import_default_modules()
    ours = {name: task for name, task in celery.tasks.items() if name.split(".")[0] in APPS}
    without_door = {name for name, task in ours.items() if not isinstance(task, TenantTask)}

    assert without_door == {entry["task"] for entry in SCHEDULE.values()}


def test_kinds_are_named_thing_dot_past():
    assert all(kind.count(".") == 1 and kind == kind.lower() for kind in KINDS)
    assert CLOSE_SOCKETS not in KINDS, "an order to the hub is not an event"


def test_the_page_of_events_is_up_to_date():
    call_command("describe_events", check=True)


# --- migrations and the ways to start ---------------------------------------------------------


def test_migrations_are_complete(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_celery_workers_are_given_their_queues():
    assert {queue.name for queue in celery.conf.task_queues} == {"default", "sessions"}
    assert celery.amqp.router.route({}, "connections.tasks.tell_session")["queue"].name == "sessions"
    assert celery.amqp.router.route({}, "tickets.tasks.take_in")["queue"].name == "default"


def test_the_suite_does_not_run_as_production():
    assert os.environ["BALCAO_ENV"] == "test"
