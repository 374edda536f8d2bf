# The same steps as the Makefile's: a virtual environment with the pinned requirements, then `manage.py`.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/app/.venv/bin:$PATH DATA_DIR=/data HOST=0.0.0.0
WORKDIR /app

COPY requirements.txt ./
RUN python -m venv .venv && pip install --quiet --no-cache-dir --require-hashes -r requirements.txt

COPY manage.py pyproject.toml ./
COPY grouping grouping
COPY ingest ingest
COPY tracker tracker
COPY web web
RUN DATA_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/build \
    && useradd --system --uid 10001 stacktale && mkdir /data && chown stacktale /data

USER stacktale
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "serve"]
