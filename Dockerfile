# Zhixing for production: one image for web, workers, beat and operators' commands (deploy/entrypoint).
FROM python:3.13-slim-trixie AS packages
COPY deploy/requirements.lock /tmp/requirements.lock
# Exactly the locked wheels, each checked by its hash; nothing is built.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r /tmp/requirements.lock

FROM python:3.13-slim-trixie
# libharfbuzz-subset0 makes a document in 0.2 s instead of 14 s; the fonts hold Chinese and Tibetan.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
        fontconfig fonts-noto-cjk fonts-noto-core fonts-ddc-uchen \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin zhixing \
    && install -d -o 10001 -g 10001 -m 750 /srv/files
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    XDG_CACHE_HOME=/tmp/cache \
    STATIC_ROOT=/srv/static \
    MEDIA_ROOT=/srv/files \
    ZHIXING_BIND=0.0.0.0:8000
WORKDIR /srv/zhixing
COPY . .
# Keys that live for this one command; the settings refuse to start without real ones later.
RUN export ZHIXING_DEV=1 SECRET_KEY=build FIELD_KEYS=build:YnVpbGQ= BLIND_INDEX_KEY=YnVpbGQ= \
        LINKAGE_SIGNING_KEY="build:$(head -c 32 /dev/zero | base64)" \
        DATABASE_URL=postgresql:///none REDIS_URL=redis://127.0.0.1:1/0 \
    && python manage.py compile_catalogues \
    && python manage.py collectstatic --noinput --verbosity 0 --ignore 'django_htmx/ext/*'
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["/srv/zhixing/deploy/entrypoint"]
CMD ["web"]
