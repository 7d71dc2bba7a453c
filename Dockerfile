# The image of gitops-lint: a static binary, and git for `--base`.
#
#   docker run --rm --volume "$PWD:/repo:ro" ghcr.io/gitops-lint/gitops-lint

FROM rust:1.95-alpine AS build
# hadolint ignore=DL3018
RUN apk add --no-cache gcc musl-dev
WORKDIR /src
COPY . .
ENV CARGO_PROFILE_RELEASE_STRIP=symbols
RUN cargo build --locked --release --package gitops-lint --bin gitops-lint

# Not `scratch`: `check --base` and `diff` ask git what a commit held.
FROM alpine:3.22
# A mounted repository belongs to somebody else than the user in here, and git would refuse to read it. Whoever
# mounts it wants it to be read.
# hadolint ignore=DL3018
RUN apk add --no-cache git \
    && git config --system --add safe.directory '*' \
    && adduser -D -H -u 10001 lint
COPY --from=build /src/target/release/gitops-lint /usr/local/bin/gitops-lint
USER 10001
WORKDIR /repo
ENTRYPOINT ["gitops-lint"]
CMD ["check"]
