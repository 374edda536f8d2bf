"""Every setting, read once from the environment; README.md has the table for operators."""

from pathlib import Path

import dj_database_url
from environs import Env

from tracker.config.mail import read_email_url
from tracker.config.secret import read_or_make_secret
from tracker.storage.limits import COMMANDS

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "data"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
RUN_DIR = DATA_DIR / "run"

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or read_or_make_secret(DATA_DIR / "secret_key")

# ── Where it is reached ──────────────────────────────────────────────────────────────────────────────────────────────
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104
HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000)
BASE_URL = env.str("BASE_URL", f"http://{HOST if HOST not in EVERY_ADDRESS else '127.0.0.1'}:{PORT}").rstrip("/")
BASE_IS_HTTPS = BASE_URL.startswith("https://")
WEB_THREADS = env.int("WEB_THREADS", 8)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["*"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("TRUST_PROXY", False) else None

# ── Profile: one machine, or several ─────────────────────────────────────────────────────────────────────────────────
DATABASE_URL = env.str("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'stacktale.sqlite3'}"
REDIS_URL = env.str("REDIS_URL", "")
ON_SQLITE = DATABASE_URL.startswith("sqlite")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
if ON_SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: the spool forgets an entry once it is committed, so a commit must survive a power cut.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728;"
            "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=67108864;"
        ),
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        # A server that vanished without a word is noticed in seconds, not after the kernel's quarter of an hour.
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": 20_000,
        **DATABASES["default"].get("OPTIONS", {}),
        "server_side_binding": True,
    }
    # Of a command; the processes of `serve` set their own (`tracker.storage.limits`).
    DATABASE_SESSION_OPTIONS = DATABASES["default"]["OPTIONS"].get("options", "")
    DATABASES["default"]["OPTIONS"]["options"] = f"{COMMANDS.session_options} {DATABASE_SESSION_OPTIONS}".strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── Spool and Celery ─────────────────────────────────────────────────────────────────────────────────────────────────
SPOOL_DIR = DATA_DIR / "spool"
SPOOL_MAX_BYTES = env.int("SPOOL_MAX_BYTES", 2_000_000_000)
# How long nothing may be heard of a worker before another one takes its entries for its own (Redis only).
SPOOL_RECLAIM_SECONDS = env.float("SPOOL_RECLAIM_SECONDS", 60.0)
# Loaded by name, so that one machine never pays for the Redis client's memory.
SPOOL_BACKEND = "tracker.spool.redis.RedisSpool" if REDIS_URL else "tracker.spool.disk.DiskSpool"
SPOOL_COUNT_BACKEND = (
    "tracker.spool.waiting_redis.count_in_redis" if REDIS_URL else "tracker.spool.waiting.count_in_files"
)
HEARTBEAT_BACKEND = "tracker.jobs.redis.RedisHeartbeat" if REDIS_URL else "tracker.jobs.heartbeat.FileHeartbeat"
WAKE_UP_BACKEND = "tracker.jobs.redis.RedisMark" if REDIS_URL else "tracker.jobs.wakeup.FileMark"
SCHEDULE_TURNS_BACKEND = "tracker.serve.turns_redis.RedisTurns" if REDIS_URL else "tracker.serve.schedule.NoTurns"
RATE_WINDOWS_BACKEND = (
    "ingest.receive.windows_redis.RedisWindows" if REDIS_URL else "ingest.receive.windows.LocalWindows"
)
# How much processor time a worker may spend on one entry before it is killed and started again.
DIGEST_HARD_SECONDS = env.float("DIGEST_HARD_SECONDS", 30.0)
WORKERS_DIR = SPOOL_DIR / "workers"
DIGEST_BATCH = env.int("DIGEST_BATCH", 500)
BROKER_DIR = DATA_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = (
    # A Redis that vanished without a word is noticed in seconds.
    {"socket_connect_timeout": 5, "socket_timeout": 10, "socket_keepalive": True, "health_check_interval": 10}
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR),
        "data_folder_out": str(BROKER_DIR),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
    }
)
CELERY_INCLUDE = ["ingest.tasks", "tracker.serve.tasks"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    # Sweeps what a lost wake-up left behind.
    "digest-spool": {"task": "ingest.tasks.digest_spool", "schedule": 2.0, "options": {"expires": 2}},
    "retention": {"task": "tracker.serve.tasks.start_retention", "schedule": 600.0, "options": {"expires": 600}},
    "sweep-jobs": {"task": "tracker.serve.tasks.sweep_jobs", "schedule": 5.0, "options": {"expires": 5}},
    "reopen-archived": {"task": "tracker.serve.tasks.reopen_archived", "schedule": 60.0, "options": {"expires": 60}},
    "suggest-duplicates": {
        "task": "tracker.serve.tasks.suggest_duplicates",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
}

# ── Django ───────────────────────────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "tracker",
    "web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "tracker.serve.static_files.CollectedFiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.compression.CompressionMiddleware",
    "web.security.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.unavailable.DatabaseAwayMiddleware",
]
ROOT_URLCONF = "tracker.config.urls"
WSGI_APPLICATION = "tracker.config.wsgi.application"
UNCACHED_LOADERS = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": not DEBUG,
        "OPTIONS": {
            # In debug mode templates are read again for each page; else once.
            **({"loaders": [("template_partials.loader.Loader", UNCACHED_LOADERS)]} if DEBUG else {}),
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.navigation",
            ],
        },
    }
]
AUTH_USER_MODEL = "tracker.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "web.accounts.AccountAdapter"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BASE_IS_HTTPS else "http"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SENDS_MAIL = bool(env.str("EMAIL_URL", ""))
vars().update(read_email_url(env.str("EMAIL_URL", "") or ("console:" if DEBUG else "dummy:")))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "stacktale@localhost")

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
# In the database alone: a cache of each process would go on showing a session that another one has ended.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
APPEND_SLASH = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
# The 1,000 issues that one command of triage takes, each a field, and what else goes with them.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tracker.serve.static_files.HashedFiles"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# What was not collected is served under its plain name.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["web.api.authentication.BearerToken", "web.api.authentication.BrowserSession"],
    "DEFAULT_PERMISSION_CLASSES": ["web.api.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "web.api.errors.error_response",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Stacktale API",
    "VERSION": "0",
    "DESCRIPTION": "Sentry-compatible REST API of Stacktale.",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "WARNING")},
    # A stranger's wrong Host header gets a 400; it is no error of ours, and would fill the log with tracebacks.
    "loggers": {"django.security.DisallowedHost": {"level": "CRITICAL"}},
}
