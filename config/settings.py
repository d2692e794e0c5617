"""Every setting, read from one typed environment. Production refuses missing or sample secrets."""

from __future__ import annotations

from datetime import timedelta

from csp.constants import NONCE, NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config.environment import BASE_DIR, database, drivers, env, is_production, mode, read_files, secret
from config.logs import configure as configure_logs
from config.reactions import NUDGES as NUDGES
from config.reactions import REACTIONS as REACTIONS
from config.schedule import SCHEDULE

read_files()

# --- who we are -----------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
FIELD_KEYS = secret("FIELD_KEYS")
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
IS_HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[SITE_URL.split("//")[1].split(":")[0]])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
REGISTRATION_OPEN = env.bool("REGISTRATION_OPEN", default=False)
MEDIA_MAX_BYTES = env.int("MEDIA_MAX_BYTES", default=64 * 1024 * 1024)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.guardian",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "guardian",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "csp",
    "django_vite",
    "django_structlog",
    "tenants",
    "events",
    "accounts",
    "sectors",
    "connections",
    "tickets",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.csp.PagePolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "tenants.doors.TenantMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.workplace",
            ]
        },
    }
]

# --- stores ---------------------------------------------------------------------------------
DATABASES = {
    "default": {
        **database(),
        "ENGINE": "django.db.backends.postgresql",
        # Pages and REST run in threads that live long; the pool of the sockets is its own matter.
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "balcao",
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": env.str("CHANNEL_PREFIX", default="balcao")},
    }
}

# --- background work ------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
# What only a worker that hosts sessions can do goes to those; the rest of connections' work does not.
CELERY_TASK_ROUTES = {
    name: {"queue": "sessions"}
    for name in (
        "connections.tasks.wake_session",
        "connections.tasks.tell_session",
        "connections.tasks.wake_host",
        "connections.tasks.discard_profile",
    )
}
# Workers are pools of threads, which nobody can end from outside: there is no time limit of Celery's to
# set. Whatever waits has a time-out of its own (database, Redis, mail, gateways).
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DIRECT = True  # a wake-up goes to the worker that holds the session
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message whose worker was killed comes back after this; PostgreSQL stays the queue of record.
# With Redis away a publish must fail at once: the clock relays what it missed.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_connect_timeout": 1,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "global_keyprefix": env.str("CHANNEL_PREFIX", default="balcao") + ":",
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_TIMEZONE = "UTC"

# --- people ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Balcão] "
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# Proxies in front of us that set X-Forwarded-For; with 0 the header is not believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("home")
LOGOUT_REDIRECT_URL = reverse_lazy("home")
ANONYMOUS_USER_NAME = None  # guardian: nobody has rights without signing in
TENANT_OF_REQUEST = "accounts.entrance.tenant_of_request"

# --- the API --------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.DoorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.IsMember"],
    "DEFAULT_RENDERER_CLASSES": ["tenants.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "tenants.parsing.OrjsonParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"sign_in": "10/min"},
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "EXCEPTION_HANDLER": "tenants.errors.answer_error",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SIMPLE_JWT = {
    "SIGNING_KEY": secret("JWT_SIGNING_KEY"),
    "ALGORITHM": "HS256",
    "ISSUER": "balcao",
    "AUDIENCE": "balcao-api",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Balcão API",
    "DESCRIPTION": (
        "Tickets, messages, contacts, sectors and WhatsApp connections of one tenant.\n\n"
        "Programs send `Authorization: Bearer <access token>` (the token belongs to one tenant). "
        "Pages send the session cookie, `X-CSRFToken`, and name the tenant with `X-Tenant`.\n\n"
        'Errors are `{"code", "message", "fields"}`; codes are stable. Lists are keyset-paginated: '
        "follow `next` with `?cursor=`."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "TicketStatusEnum": "tickets.choices.Status",
        "MessageKindEnum": "tickets.choices.Kind",
        "ConnectionStateEnum": "connections.choices.State",
        "RoleEnum": "accounts.choices.Role",
    },
}

UNFOLD = {
    "SITE_TITLE": "Balcão",
    "SITE_HEADER": "Balcão",
    "SITE_SUBHEADER": _("For those who run the installation"),
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
}

# --- WhatsApp -------------------------------------------------------------------------------
SIMULATOR_URL = env.str("SIMULATOR_URL", default="")
DRIVERS = drivers()
LEASE_SECONDS = env.float("LEASE_SECONDS", default=10.0)
# A link that costs more than this is built anew; 0: never.
SESSION_MEMORY_MB = env.int("SESSION_MEMORY_MB", default=1500)
# Asked before a number is removed: (connection id) → whether customers are being attended to on it.
HAS_OPEN_TICKETS = "tickets.queries.has_open_tickets"
SESSIONS_PER_WORKER = env.int("SESSIONS_PER_WORKER", default=100)
# Where gateways reach us, when that is not where people do: the name of this service in their network, say.
GATEWAY_CALLBACK_URL = env.str("GATEWAY_CALLBACK_URL", default=SITE_URL).rstrip("/")
# Whether gateways may stand at addresses that only this network knows.
GATEWAY_PRIVATE_ADDRESSES = env.bool("GATEWAY_PRIVATE_ADDRESSES", default=not is_production())
CLOUD_API_URL = env.str("CLOUD_API_URL", default="https://graph.facebook.com").rstrip("/")
CLOUD_API_VERSION = env.str("CLOUD_API_VERSION", default="v23.0")
# The driver `browser`: whose pages it opens, with what, and where their profiles lie.
WA_WEB_URL = env.str(
    "WA_WEB_URL", default=f"{SIMULATOR_URL}/web/" if SIMULATOR_URL else "https://web.whatsapp.com/"
)
IS_LIVE_WHATSAPP = WA_WEB_URL.startswith("https://web.whatsapp.com/")
WA_JS_PATH = env.path(
    "WA_JS_PATH", default=str(BASE_DIR / "node_modules/@wppconnect/wa-js/dist/wppconnect-wa.js")
)()
WA_JS_SHA256 = env.str(
    "WA_JS_SHA256", default="5bfb88027f14a4d8c9e319374e8bb4083201906881cf8c74f75789b32e4106bd"
)
# Modules of the page that must be there before wa-js is put in; the real page registers over 13,000.
WA_GATE = env.list(
    "WA_GATE",
    default=[
        "WAWebSocketModel",
        "WAWebStreamModel",
        "WAWebConnModel",
        "WAWebCmd",
        "WAWebMsgCollection",
        "WAWebChatCollection",
        "WAWebUserPrefsMeUser",
    ],
)
WA_MIN_MODULES = env.int("WA_MIN_MODULES", default=5000 if IS_LIVE_WHATSAPP else 0)
WA_QUIET_SECONDS = env.float("WA_QUIET_SECONDS", default=5.0 if IS_LIVE_WHATSAPP else 1.0)
CHROMIUM_PATH = env.str("CHROMIUM_PATH", default="")
CHROMIUM_SANDBOX = env.bool("CHROMIUM_SANDBOX", default=True)
PROFILES_ROOT = env.path("PROFILES_ROOT", default=str(BASE_DIR / "var" / "profiles"))()
ARCHIVES_ROOT = env.path("ARCHIVES_ROOT", default=str(BASE_DIR / "var" / "archives"))()
# Other wa-js bundles and pinned pages, which a connection's settings may name.
BROWSER_FILES_ROOT = env.path("BROWSER_FILES_ROOT", default=str(BASE_DIR / "var" / "browser"))()

# --- pages ----------------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="pt-br")
LANGUAGES = [("pt-br", _("Portuguese")), ("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="America/Sao_Paulo")
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))()
# nginx hands out a private file itself when told to; empty: Django streams it.
MEDIA_ACCEL_PREFIX = env.str("MEDIA_ACCEL_PREFIX", default="")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if is_production()
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not is_production()
DJANGO_VITE = {
    "default": {
        "manifest_path": BASE_DIR / "static" / "dist" / "manifest.json",
        "static_url_prefix": "dist",
    }
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Where larger ones lie while they come in; in a container /tmp would be its memory.
FILE_UPLOAD_TEMP_DIR = env.str("UPLOAD_TEMP_DIR", default="") or None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FORMS_URLFIELD_ASSUME_HTTPS = True

# --- e-mail ---------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 10  # seconds; a mail server that hangs would hold a thread for ever
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Balcão <balcao@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- safety ---------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_HTTPS else "sessionid"
SECURE_SSL_REDIRECT = IS_HTTPS
# Gateways beside us may post without TLS; none follows a redirect with what it posts.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^gateways/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS and env.bool("HSTS_SUBDOMAINS", default=True)
# Browsers' lists of such names are for the domain's owner to decide on, and take months to leave.
SECURE_HSTS_PRELOAD = IS_HTTPS and env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # "you have not set SECURE_HSTS_PRELOAD to True"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "blob:", "data:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

LOGGING_CONFIG = None
configure_logs(
    level=env.str("LOG_LEVEL", default="INFO"),
    as_json=env.str("LOG_FORMAT", default="json" if is_production() else "console") == "json",
)
DJANGO_STRUCTLOG_USER_ID_FIELD = None  # we bind the member ourselves, in the tenant's door

if mode() == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
