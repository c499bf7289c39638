# The server of docs/server.md. Configuration, keys and tokens are mounted at /etc/complaints (read
# only), the inbox at /var/lib/complaints: docs/operate.md.
#
#   docker build -t complaints .
#   docker run --read-only --stop-timeout 300 -p 127.0.0.1:8443:8443 -p 127.0.0.1:8080:8080 \
#       -v /etc/complaints:/etc/complaints:ro -v complaints:/var/lib/complaints complaints

FROM rust:1-slim-bookworm AS build
# aws-lc and SQLite are C.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    cargo build --release --locked --package complaints \
    && install -D target/release/complaints /out/complaints

# The roots of TLS are in the program, and the database's C is linked into it: it needs libc alone.
FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/complaints --shell /usr/sbin/nologin complaints \
    && install -d -o complaints -g complaints -m 0700 /var/lib/complaints
COPY --from=build /out/complaints /usr/local/bin/complaints
USER 10001:10001
WORKDIR /var/lib/complaints
VOLUME /var/lib/complaints
EXPOSE 8443 8080
# SIGTERM, which Docker sends, finishes what is in hand.
ENTRYPOINT ["complaints", "--config", "/etc/complaints/complaints.toml"]
CMD ["serve"]
