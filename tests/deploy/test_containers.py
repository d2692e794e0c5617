"""Compose file, image, nginx and .env.example agree with each other and with the settings."""

import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from deploy.local.cluster import program
from deploy.local.paths import ROOT
from deploy.local.ports import free_port
from deploy.make_env import filled

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("web", "sockets", "worker", "sessions", "beat", "migrate")
EXAMPLE = (ROOT / ".env.example").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ENTRYPOINT = (ROOT / "deploy" / "entrypoint").read_text()
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")


def documented() -> set[str]:
    """Names in .env.example, set or commented out."""
    return set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", EXAMPLE, re.MULTILINE))


def test_compose_has_every_process_and_both_stores():
    assert set(SERVICES) == {*OURS, "nginx", "postgres", "redis"}


@pytest.mark.parametrize("name", OURS)
def test_each_process_is_one_that_the_image_s_entrypoint_knows(name):
    (command,) = SERVICES[name]["command"]
    assert re.search(rf"^{command}\)$", ENTRYPOINT, re.MULTILINE)


def test_each_target_that_compose_builds_stands_in_the_dockerfile():
    targets = set(re.findall(r"^FROM \S+ AS ([\w-]+)$", DOCKERFILE, re.MULTILINE))
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} <= targets


def test_only_nginx_is_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


def test_stores_are_out_of_reach_of_nginx_and_have_no_way_out():
    for store in ("postgres", "redis"):
        assert SERVICES[store]["networks"] == ["back"]
    assert "back" not in SERVICES["nginx"]["networks"]
    assert COMPOSE["networks"]["back"]["internal"] is True
    assert COMPOSE["networks"]["front"]["internal"] is True


def test_processes_can_be_scaled():
    for name in ("web", "sockets", "worker", "sessions"):
        assert not {"container_name", "hostname", "ports"} & set(SERVICES[name])


def test_nothing_starts_before_what_it_needs():
    for name in ("web", "sockets", "worker", "sessions", "beat"):
        assert SERVICES[name]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }
    assert SERVICES["migrate"]["restart"] == "no"
    for store in ("postgres", "redis"):
        assert SERVICES[store]["healthcheck"]["test"]


def test_our_containers_may_do_little():
    for name in (*OURS, "nginx"):
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_a_missing_secret_stops_compose_with_a_word():
    asked = set(re.findall(r"\$\{(\w+):\?", json.dumps(COMPOSE)))
    assert asked >= {
        *("SECRET_KEY", "JWT_SIGNING_KEY", "FIELD_KEYS", "SITE_URL", "ALLOWED_HOSTS", "EMAIL_URL"),
        *("DATABASE_PASSWORD", "POSTGRES_PASSWORD", "REDIS_PASSWORD"),
    }


def test_compose_reads_only_what_the_example_documents():
    read = set(re.findall(r"\$\{(\w+)", json.dumps(COMPOSE)))
    given = set(SERVICES["web"]["environment"])
    assert (read | given) - documented() == set()


def test_the_example_documents_every_variable_that_the_settings_read():
    code = "\n".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    reads = r"""(?:env(?:\.\w+)?|secret|environ\.get)\(\s*["']([A-Z][A-Z_]+)["']"""
    found = set(re.findall(reads, code))
    assert found
    assert found - documented() - {"DJANGO_SETTINGS_MODULE"} == set()


def test_the_example_holds_no_secret():
    for name in ("SECRET_KEY", "JWT_SIGNING_KEY", "FIELD_KEYS", "DATABASE_PASSWORD", "REDIS_PASSWORD"):
        assert re.search(rf"^{name}=$", EXAMPLE, re.MULTILINE)


def test_make_env_fills_in_all_that_compose_demands():
    values = dict(
        line.split("=", 1)
        for line in filled(EXAMPLE, "https://desk.test").splitlines()
        if re.match(r"[A-Z]", line)
    )
    asked = set(re.findall(r"\$\{(\w+):\?", json.dumps(COMPOSE)))
    assert [name for name in asked if not values.get(name)] == []
    assert values["SITE_URL"] == "https://desk.test"
    assert values["ALLOWED_HOSTS"] == "desk.test"
    assert filled(EXAMPLE) != filled(EXAMPLE)


def test_the_image_runs_as_nobody_special_and_says_how_it_is():
    final = DOCKERFILE[DOCKERFILE.index(" AS app") :]
    assert "USER 10001:10001" in final
    assert "HEALTHCHECK" in final
    assert 'ENTRYPOINT ["/usr/bin/tini", "--", "/app/deploy/entrypoint"]' in final
    assert "org.opencontainers.image.title" in final


def test_secrets_and_local_state_never_get_into_the_image():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".git", "var", ".venv", "node_modules"} <= set(ignored)


@pytest.mark.parametrize("name", ["deploy/entrypoint", "deploy/postgres/10-role.sh", ".ci/run"])
def test_scripts_can_be_run(name):
    script = ROOT / name
    assert script.stat().st_mode & stat.S_IXUSR
    shell = "bash" if "bash" in script.read_text().splitlines()[0] else "sh"
    assert subprocess.run([shell, "-n", script], check=False).returncode == 0


def test_the_health_check_knows_every_process_that_stays():
    staying = " | ".join(name for name in OURS if name != "migrate")
    assert f'{staying}) echo "$role" > /tmp/balcao-role' in ENTRYPOINT
    for name in ("web", "sockets", "beat"):  # the others are Celery's workers
        assert f'role == "{name}"' in (ROOT / "deploy" / "healthcheck.py").read_text()


def test_any_other_command_can_be_run_in_the_image():
    told = subprocess.run(
        [ROOT / "deploy" / "entrypoint", "echo", "a word"], capture_output=True, text=True, check=False
    )
    assert told.stdout == "a word\n"


def test_the_role_that_compose_makes_is_without_privileges(postgres):
    """The script of the volume's first start, on a server that has nothing yet."""
    postgres.start()
    postgres.wait_ready()
    with postgres.connect_as_admin() as admin:
        admin.execute("drop database balcao")
        admin.execute("drop role balcao")
    environment = {
        "PATH": f"{program('psql').parent}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": str(postgres.cluster.socket_folder),
        "PGPASSWORD": postgres.cluster.admin_password(),
        "POSTGRES_USER": "postgres",
        "DATABASE_PASSWORD": "um-dois",
    }
    subprocess.run([ROOT / "deploy" / "postgres" / "10-role.sh"], env=environment, check=True)
    with psycopg.connect(postgres.url()) as connection:
        row = connection.execute(
            "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, pg_get_userbyid(datdba)"
            " from pg_roles, pg_database where rolname = current_user and datname = current_database()"
        ).fetchone()
        connection.execute("create table ours (id int)")
    assert row == (False, False, False, False, "balcao")


def test_files_on_their_way_in_lie_on_disk_not_in_memory():
    """A tmpfs counts as the container's memory: a few uploads at once would end it."""
    assert SERVICES["nginx"]["volumes"][-1] == "bodies:/srv/bodies"
    assert "uploads:/srv/uploads" in SERVICES["web"]["volumes"]
    assert SERVICES["web"]["environment"]["UPLOAD_TEMP_DIR"] == "/srv/uploads"
    assert {"bodies", "uploads"} <= set(COMPOSE["volumes"])
    made = nginx_configuration()
    for kind in ("client_body", "proxy"):
        assert f"{kind}_temp_path /srv/bodies/" in made
    for folder in ("/srv/uploads", "/srv/bodies"):
        assert re.search(rf"install --directory .*{folder}", DOCKERFILE), "else root owns the new volume"


def test_a_migration_waits_for_its_locks():
    migrate = ENTRYPOINT[ENTRYPOINT.index("migrate)") :]
    assert "DATABASE_LOCK_SECONDS=0 DATABASE_IDLE_SECONDS=0" in migrate[: migrate.index("manage.py migrate")]


def nginx_configuration(**changes: str) -> str:
    template = (ROOT / "deploy" / "nginx" / "nginx.conf.template").read_text()
    values = {**dict(re.findall(r"(BALCAO_\w+)=(\S+)", DOCKERFILE)), **changes}
    return re.sub(r"\$\{(BALCAO_\w+)\}", lambda name: values[name[1]].replace("\\", ""), template)


def test_nginx_is_told_everything_that_its_template_asks_for():
    made = nginx_configuration()
    assert "${" not in made
    assert "set $web web:8000;" in made
    assert "X-Forwarded-Proto $scheme;" in made
    assert made.count("{") == made.count("}")


def test_nginx_knows_sockets_media_and_the_size_of_files():
    made = nginx_configuration()
    assert "location ~ ^/t/[^/]+/live/$" in made
    assert re.search(r"location /protected-media/ \{\s*internal;", made)
    assert "client_max_body_size 64m;" in made
    assert SERVICES["web"]["environment"]["MEDIA_ACCEL_PREFIX"] == "/protected-media/"


HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "Content-Type": "image/png",
    "Content-Disposition": 'inline; filename="map.png"',
    "Cache-Control": "private, max-age=3600",
}


class Pages(BaseHTTPRequestHandler):
    """Instead of Django: tells nginx to hand out a file, or says from whom a request came."""

    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in HARMLESS.items():
            self.send_header(name, value)
        if self.path == "/file":
            self.send_header("X-Accel-Redirect", "/protected-media/map.png")
        self.end_headers()
        self.wfile.write(self.headers["X-Forwarded-For"].encode())

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at answers."""


@pytest.fixture
def nginx_here() -> Iterator[Callable[..., Path]]:
    """Writes the configuration for this machine; the folder that it lies in."""
    if NGINX is None:
        pytest.skip("nginx is not installed here")
    # Its configuration has no quotes around paths, and the folder has a space in its name.
    place = Path(tempfile.mkdtemp(prefix="balcao-nginx-"))
    place.chmod(0o755)

    def write(port: int = 8080, **changes: str) -> Path:
        made = nginx_configuration(**changes).replace("listen 8080", f"listen 127.0.0.1:{port}")
        for folder in ("/tmp/", "/srv/bodies/", "/srv/media/"):
            made = made.replace(folder, f"{place}/")
        made = made.replace("/etc/nginx/tls/", f"{place}/tls/")
        (place / "nginx.conf").write_text(made)
        return place

    yield write
    shutil.rmtree(place)


@pytest.fixture
def front(nginx_here: Callable[..., Path]) -> Iterator[Callable[..., Callable[..., Any]]]:
    """nginx, running, with `Pages` behind it; answers a function that asks it."""
    behind = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    running: list[subprocess.Popen[bytes]] = []

    def start(**changes: str) -> Callable[..., Any]:
        port = free_port()
        place = nginx_here(port, BALCAO_WEB=f"127.0.0.1:{behind.server_port}", **changes)
        (place / "map.png").write_bytes(b"a picture")
        command = [str(NGINX), "-c", str(place / "nginx.conf"), "-p", str(place), "-g", "daemon off;"]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

        def ask(path: str, **headers: str) -> Any:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path, headers={"Host": "desk.test", **headers})
            return connection.getresponse()

        for _attempt in range(100):
            try:
                ask("/nginx-alive")
            except ConnectionError:
                time.sleep(0.05)
            else:
                return ask
        raise AssertionError("nginx did not start")

    yield start
    for process in running:
        process.terminate()
        process.wait(10)
    behind.shutdown()


def test_nginx_itself_accepts_the_configuration(nginx_here):
    place = nginx_here()
    command = [NGINX, "-t", "-c", place / "nginx.conf", "-p", place]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_what_makes_a_strangers_file_harmless_stands_in_the_template():
    made = nginx_configuration()
    media = made[made.index("location /protected-media/") :]
    media = media[: media.index("}")]
    for name in (*list(HARMLESS)[:4], "X-Frame-Options", "Referrer-Policy"):
        variable = "$upstream_http_" + name.lower().replace("-", "_")
        assert f"add_header {name} {variable} always;" in media


def test_a_file_that_nginx_hands_out_keeps_what_makes_it_harmless(front):
    answer = front()("/file")
    assert (answer.status, answer.read()) == (200, b"a picture")
    assert {name: answer.headers.get_all(name) for name in HARMLESS} == {
        name: [value] for name, value in HARMLESS.items()
    }


def test_nobody_asks_nginx_for_a_file_directly(front):
    assert front()("/protected-media/map.png").status == 404


def test_people_behind_another_proxy_are_told_apart(front):
    """The last address is the one that the proxy in front has seen; what stands before it may be forged."""
    told = front(BALCAO_REAL_IP_FROM="127.0.0.0/8")("/", **{"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert told.read().decode().split(", ")[-1] == "203.0.113.9"


def test_without_such_a_proxy_nobody_s_word_counts(front):
    told = front()("/", **{"X-Forwarded-For": "203.0.113.9"})
    assert told.read().decode().split(", ")[-1] == "127.0.0.1"


def test_readiness_is_not_asked_without_end(front):
    ask = front()
    codes = [ask("/readyz").status for _ in range(30)]
    assert codes[:10] == [200] * 10
    assert codes[-1] == 429
    assert ask("/").status == 200


def test_the_lock_file_knows_the_packages_of_every_platform():
    """Without them `npm ci` refuses the lock file on other machines."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    missing = [
        other
        for package in packages.values()
        for other in package.get("optionalDependencies", {})
        if f"node_modules/{other}" not in packages
    ]
    assert missing == []
