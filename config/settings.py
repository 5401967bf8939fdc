"""Settings: one module, every value from the environment.

In production nothing secret has a default: a missing key refuses to start with the name of the
variable. With ZHIXING_DEV=1 (the demo on one machine, and tests) keys are made by the launcher.
"""

import base64
from datetime import timedelta
from pathlib import Path

import environ
import pghistory
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import languages
from config.logging import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

DEV = env.bool("ZHIXING_DEV", default=False)
DEBUG = env.bool("DEBUG", default=False)
if DEBUG and not DEV:
    raise ImproperlyConfigured("DEBUG must be off outside development: unset DEBUG, or set ZHIXING_DEV=1.")

DEMO_MARK = "demo-only-"


def secret(name: str) -> str:
    """A secret from the environment (or NAME_FILE). A demo secret outside development is refused."""
    value: str = env.str(name)
    if not DEV and (DEMO_MARK in value or len(value) < 32):
        raise ImproperlyConfigured(f"{name} is a demo secret or shorter than 32 characters: set a real one.")
    return value


SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# id:base64 pairs; the first seals, the others still open what they sealed (rotation with overlap).
FIELD_KEYS = {
    key_id: base64.b64decode(key)
    for key_id, key in (pair.split(":", 1) for pair in secret("FIELD_KEYS").split(","))
}
BLIND_INDEX_KEY = base64.b64decode(secret("BLIND_INDEX_KEY"))
# What leaves for agencies is signed with each of these Ed25519 seeds: a key is replaced with overlap.
LINKAGE_SIGNING_KEYS = {
    key_id: base64.b64decode(key)
    for key_id, key in (pair.split(":", 1) for pair in secret("LINKAGE_SIGNING_KEY").split(","))
}
if any(len(key) != 32 for key in LINKAGE_SIGNING_KEYS.values()):
    raise ImproperlyConfigured("LINKAGE_SIGNING_KEY holds id:base64 of 32 bytes, separated by commas.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEV else [])
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000" if DEV else "")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL else []
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# The header in which our own proxy names the certificate of a calling system; empty: none is believed.
TRUSTED_CLIENT_CERT_HEADER = env.str("TRUSTED_CLIENT_CERT_HEADER", default="")
# Authorities that vouch for agencies' endpoints, as one PEM file; empty: those of the machine.
LINKAGE_CA_FILE = env.str("LINKAGE_CA_FILE", default="")

# A folder with the electronic seals of courts, one PKCS #12 file for each: <court code>.p12.
COURT_CERTIFICATES = env.str("COURT_CERTIFICATES", default="")
COURT_CERTIFICATES_PASSWORD = env.str("COURT_CERTIFICATES_PASSWORD", default="")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "drf_spectacular",
    "guardian",
    "oauth2_provider",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "template_partials",
    "directory",
    "enforcement",
    "linkage",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "enforcement.web.middleware.CompressedPages",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "enforcement.web.middleware.BodyLimit",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "enforcement.web.middleware.SignInRequired",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "directory.middleware.SessionLimits",
    "directory.middleware.SecondFactorRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.request_log.RequestLog",
    "enforcement.web.middleware.PageHeaders",
    "enforcement.web.middleware.CorrectedTranslations",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "enforcement.web.shell.shell",
            ],
            "builtins": ["django_htmx.templatetags.django_htmx", "enforcement.templatetags.zhixing"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")

# --- data -------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL")}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_HEALTH_CHECKS": True,
    "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=600),
    "DISABLE_SERVER_SIDE_CURSORS": True,  # PgBouncer in transaction mode
}
DATABASES["default"].setdefault("OPTIONS", {})
if not env.bool("DATABASE_THROUGH_PGBOUNCER", default=False):
    DATABASES["default"]["OPTIONS"]["options"] = (
        "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgetfulCache",
        "LOCATION": env.str("CACHE_URL", default=REDIS_URL),
        "KEY_PREFIX": "zhixing",
        # Without these a server that hangs would hold a page for ever, and one that is gone for seconds.
        "OPTIONS": {
            "socket_timeout": 0.5,
            "socket_connect_timeout": 0.5,
            "retry": Retry(NoBackoff(), 1),  # once: the server may have closed an idle connection
        },
    }
}
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "files"))
STORAGES = {
    "default": {"BACKEND": env.str("FILES_BACKEND", default="enforcement.files.AtomicStorage")},
    "staticfiles": {"BACKEND": env.str("STATICFILES_BACKEND", default="config.storage.StaticFiles")},
}
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640

# --- language and time ------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = languages.LANGUAGES
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
TRANSLATION_CHECK_SECONDS = env.int("TRANSLATION_CHECK_SECONDS", default=10)
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# --- signing in -------------------------------------------------------------------------------
AUTH_USER_MODEL = "directory.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "employee_number")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "directory.sign_in.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60  # a one-time sign-in link lives a day
# Sign-in limits are axes' (rows in PostgreSQL): a flushed cache must not unlock anybody.
ACCOUNT_RATE_LIMITS = {"login_failed": None, "login": "60/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEV
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=not DEV)
# The page policy lets forms go nowhere else, so signing in at the court's provider starts with a link.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_ADAPTER = "directory.sign_in.KnownPeopleOnly"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "court",
                "name": env.str("OIDC_NAME", default="OpenID Connect"),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": env.str("OIDC_SERVER_URL")},
            }
        ]
        if env.str("OIDC_CLIENT_ID", default="")
        else []
    }
}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", ["username", "ip_address"]]
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "directory.sign_in.tried_username"
AXES_LOCKOUT_CALLABLE = "directory.sign_in.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = TRUSTED_PROXY_COUNT or None

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_SERIALIZER = "directory.sessions.SealedJSON"
SESSION_COOKIE_AGE = 30 * 60
SESSION_HARD_LIMIT = timedelta(hours=10)
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEV
SESSION_COOKIE_NAME = "zhixing-session" if DEV else "__Host-session"
CSRF_COOKIE_NAME = "zhixing-csrf" if DEV else "__Host-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "enforcement.web.errors.csrf_failure"

# --- browser wall -----------------------------------------------------------------------------
SECURE_SSL_REDIRECT = not DEV and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if DEV else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEV
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- face for systems -------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["enforcement.api.authentication.ClientAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["enforcement.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["enforcement.api.renderers.ExactJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["enforcement.api.parsers.StrictJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["enforcement.api.throttling.ClientRate"],
    "DEFAULT_THROTTLE_RATES": {"client": env.str("API_RATE", default="60/s")},
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "enforcement.api.problems.handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "DEFAULT_VERSIONING_CLASS": None,
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Zhixing",
    "DESCRIPTION": "Enforcement of judgments: cases, lawful acts, deadlines, documents, calculators.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENFORCE_NON_BLANK_FIELDS": False,
    "POSTPROCESSING_HOOKS": [],
}
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
CURRENT_PRACTICE = [
    "ACCESS_TOKEN_TRANSPORT",
    "AUTHZ_RESPONSE_ISS",
    "IMPLICIT_GRANT",
    "PASSWORD_GRANT",
    "PKCE_METHOD",
    "PKCE_REQUIRED",
    "REDIRECT_URI_MATCHING",
    "REDIRECT_URI_SCHEME",
    "REFRESH_TOKEN",
    "TOKEN_STORAGE",
]
OAUTH2_PROVIDER = {
    "SCOPES": {
        "cases:read": "Read cases, parties, events, deadlines and documents",
        "cases:act": "Perform and propose acts",
        "cases:decide": "Decide proposed acts",
        "calculators": "Use the calculators",
        "linkage:read": "Read requests addressed to the agency, and its feed",
        "linkage:answer": "Accept and answer requests addressed to the agency, and ask about them",
    },
    "ACCESS_TOKEN_GENERATOR": "enforcement.api.authentication.token_bound_to_certificate",
    "ACCESS_TOKEN_EXPIRE_SECONDS": int(timedelta(minutes=10).total_seconds()),
    "OAUTH2_VALIDATOR_CLASS": "enforcement.api.authentication.ClientCredentialsOnly",
    # Only the client-credentials grant exists; the rest of the current practice for OAuth (RFC 9700) holds
    # for grants that may be added, and a stored token is its checksum alone.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "PKCE_REQUIRED": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,  # nosec B105  # a switch
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    **dict.fromkeys((f"COMPLIANT_BCP_RFC9700_{rule}" for rule in CURRENT_PRACTICE), True),
}

# --- later ------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 100
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "global_keyprefix": "zhixing:",
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ROUTES = {
    "*.deliver*": "deliver",
    "*.link*": "link",
    "*.render*": "render",
    "*.sweep*": "sweep",
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "outbox": {"task": "enforcement.sweep_outbox", "schedule": 5.0, "options": {"expires": 5}},
    "deadlines": {"task": "enforcement.sweep_deadlines", "schedule": 60.0, "options": {"expires": 60}},
    "jobs": {"task": "enforcement.sweep_jobs", "schedule": 15.0, "options": {"expires": 15}},
    "daily": {"task": "enforcement.sweep_daily", "schedule": 300.0, "options": {"expires": 300}},
    "answers": {"task": "linkage.sweep_answers", "schedule": 30.0, "options": {"expires": 30}},
    "heartbeat": {"task": "enforcement.sweep_heartbeat", "schedule": 20.0, "options": {"expires": 20}},
}

# --- mail, logs -------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="filemail://" if DEV else "smtp://localhost:25")
globals().update(**EMAIL_CONFIG)
if EMAIL_CONFIG["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
    EMAIL_FILE_PATH = str(BASE_DIR / "var" / "mail")
EMAIL_TIMEOUT = 20  # a batch of four ends before its lease does, whatever the mail server does
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="zhixing@localhost")
LOGGING = logging_config(json_lines=not DEV)
# Prometheus on another machine sends it as a bearer token; on this machine it needs none.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"

# The event is the context of every history row; enforcement.engine sets it with the case lock.
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_CONTEXT_ID_FIELD = pghistory.ContextUUIDField()
PGHISTORY_APPEND_ONLY = True
