# The builder installs what scripts/setup.sh says, as on any Debian 12; the image keeps the program alone.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY scripts/setup.sh scripts/requirements-extensions.txt scripts/
RUN scripts/setup.sh build && scripts/setup.sh spark
COPY . .
RUN scripts/package.sh release && mkdir /app && tar xzf dist/movies-etl-*.tar.gz -C /app --strip-components=1

FROM debian:12-slim
COPY --from=build /app/bin /app/bin
COPY --from=build /app/lib /app/lib
# The default configuration lies in the working folder, so `run --execution-date D` works as in a checkout.
COPY --from=build /app/share/movies-etl /app
RUN useradd --system --uid 10001 --home-dir /app etl && mkdir /app/data-lake-curated-dev && chown etl /app/data-lake-curated-dev
WORKDIR /app
USER 10001
ENTRYPOINT ["/app/bin/movies-etl"]
CMD ["--help"]
