# The builder installs what scripts/setup.sh says, as on any Debian 12; the image keeps the program alone.
FROM debian:12-slim@sha256:88200866dfff7ea7f5cbcb6ec7c8a701889efe6fe859fe64d6990e4b07ea4171 AS build
WORKDIR /src
COPY scripts/setup.sh scripts/requirements-extensions.txt scripts/
RUN scripts/setup.sh build && scripts/setup.sh spark && scripts/setup.sh kafka
COPY . .
RUN scripts/package.sh && mkdir /app && tar xzf dist/movies-etl-*.tar.gz -C /app --strip-components=1

FROM debian:12-slim@sha256:88200866dfff7ea7f5cbcb6ec7c8a701889efe6fe859fe64d6990e4b07ea4171
# Public authorities, without which no object store is trusted. A version would be gone from the mirrors with its successor.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=build /app/bin /app/bin
COPY --from=build /app/lib /app/lib
COPY --from=build /app/share/doc /app/share/doc
# The default configuration lies in the working folder, so `run --execution-date D` works as in a checkout.
COPY --from=build /app/share/movies-etl /app
RUN useradd --system --uid 10001 --home-dir /app etl && mkdir /app/data-lake-curated-dev && chown etl /app/data-lake-curated-dev
WORKDIR /app
USER 10001
ENTRYPOINT ["/app/bin/movies-etl"]
CMD ["--help"]
