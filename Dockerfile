# The ingest, a crew that uploads, and every other command, as a user without rights.
# Build: docker build -t badge . ; the engine was never run where this is made (docs/pipelines.md).
FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/badge \
    && /opt/badge/bin/pip install --no-cache-dir '.[simulate,parquet,postgres]'

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 badge && mkdir /data && chown badge /data
COPY --from=build /opt/badge /opt/badge
ENV PATH=/opt/badge/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["badge"]
CMD ["--help"]
