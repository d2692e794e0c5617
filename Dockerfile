# syntax=docker/dockerfile:1
# One image for every process of Balcão (deploy/entrypoint says which). `docker build .` builds it;
# the targets `sessions` (with a Chromium) and `nginx` (with the static files) build on it.
# For reproducible releases pass the base images by digest: --build-arg PYTHON_IMAGE=python@sha256:…
ARG PYTHON_IMAGE=python:3.13-slim-bookworm
ARG NODE_IMAGE=node:24-bookworm-slim
ARG NGINX_IMAGE=nginx:1.28-bookworm

# --- the front end --------------------------------------------------------------------------
FROM ${NODE_IMAGE} AS front-end
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY . .
RUN npm run build

# --- Python packages, translations, static files --------------------------------------------
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/venv/bin:$PATH
RUN python -m venv /opt/venv
WORKDIR /app
COPY requirements.txt constraints.txt ./
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
COPY . .
COPY --from=front-end /app/static/dist static/dist
# The settings want secrets and addresses; these live for one command and open nothing.
RUN python -m deploy.local.messages compile \
 && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    JWT_SIGNING_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    FIELD_KEYS="k1:$(python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())')" \
    DATABASE_URL=postgres://none@127.0.0.1/none REDIS_URL=redis://127.0.0.1 EMAIL_URL=dummymail:// \
    python manage.py collectstatic --no-input \
 && rm -rf package.json package-lock.json vite.config.ts tsconfig.json frontend Makefile

# --- the application ------------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS app
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Balcão" \
      org.opencontainers.image.description="A WhatsApp service desk for teams" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN apt-get update \
 && apt-get install --yes --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 balcao \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin balcao \
 && install --directory --owner=10001 --group=10001 --mode=0755 /srv/media \
 && install --directory --owner=10001 --group=10001 --mode=0700 /srv/uploads
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    BALCAO_ENV=production MEDIA_ROOT=/srv/media UPLOAD_TEMP_DIR=/srv/uploads
WORKDIR /app
USER 10001:10001
EXPOSE 8000 8001
HEALTHCHECK --interval=20s --timeout=15s --start-period=40s --retries=3 \
    CMD ["python", "/app/deploy/healthcheck.py"]
ENTRYPOINT ["/usr/bin/tini", "--", "/app/deploy/entrypoint"]
CMD ["web"]

# --- session hosts: the browser driver opens pages in a real Chromium ------------------------
FROM app AS sessions
USER root
RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium-headless-shell fonts-noto-color-emoji \
 && rm -rf /var/lib/apt/lists/*
COPY --from=front-end /app/node_modules/@wppconnect/wa-js/dist/wppconnect-wa.js \
     /app/node_modules/@wppconnect/wa-js/dist/wppconnect-wa.js.LICENSE.txt /opt/wa-js/
RUN install --directory --owner=10001 --group=10001 --mode=0700 /srv/profiles /srv/archives \
 && install --directory --owner=10001 --group=10001 --mode=0755 /srv/browser
ENV CHROMIUM_PATH=/usr/bin/chromium-headless-shell WA_JS_PATH=/opt/wa-js/wppconnect-wa.js \
    PROFILES_ROOT=/srv/profiles ARCHIVES_ROOT=/srv/archives BROWSER_FILES_ROOT=/srv/browser
USER 10001:10001
CMD ["sessions"]

# --- the address in front, with the static files ---------------------------------------------
FROM ${NGINX_IMAGE} AS nginx
COPY deploy/nginx/nginx.conf.template /etc/nginx/templates/nginx.conf.template
COPY --from=build /app/var/static /srv/static
# The image's own entrypoint fills the template; only /tmp and /srv/bodies have to be writable.
ENV NGINX_ENVSUBST_OUTPUT_DIR=/tmp NGINX_ENVSUBST_FILTER=^BALCAO_ \
    BALCAO_RESOLVER=127.0.0.11 BALCAO_WEB=web:8000 BALCAO_SOCKETS=sockets:8001 \
    BALCAO_FORWARDED_PROTO=\$scheme BALCAO_REAL_IP_FROM=unix:
RUN install --directory --owner=nginx --group=nginx --mode=0700 /srv/bodies
USER nginx
EXPOSE 8080 8443
HEALTHCHECK --interval=20s --timeout=5s --start-period=10s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/nginx-alive"]
CMD ["nginx", "-c", "/tmp/nginx.conf", "-g", "daemon off;"]

# --- what `docker build .` gives -------------------------------------------------------------
FROM app AS balcao
