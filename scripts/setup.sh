#!/usr/bin/env bash
# Everything the build needs on a fresh Debian 12: packages, a Rust compiler, libduckdb. Each part leaves a stamp, so a second
# call returns at once and fetches nothing.
# usage: setup.sh [build|test|lint]   (test and lint add what only they need)
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1:-build}
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
duckdb_version=1.5.5
rust_minimum=1.88

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
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
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

# venv NAME REQUIREMENTS: a Python environment in the cache, made anew when its requirements change.
venv() {
  local home=$cache/venv-$1
  cmp -s "$2" "$home/requirements.txt" && return
  say "installing the Python environment '$1' (once)"
  rm -rf "$home"
  python3 -m venv "$home"
  "$home/bin/pip" install --quiet --disable-pip-version-check -r "$2" >&2
  cp "$2" "$home/requirements.txt"
}

build_packages=(build-essential ca-certificates cmake git libcli11-dev libfmt-dev libspdlog-dev libtomlplusplus-dev libyaml-cpp-dev
  libzstd-dev ninja-build nlohmann-json3-dev pkg-config)

case $part in
  build)
    fresh build && exit
    packages "${build_packages[@]}"
    rust
    duckdb
    ;;
  test)
    fresh test && cmp -s tests/requirements.txt "$cache/venv-test/requirements.txt" && exit
    packages libgmock-dev libgtest-dev python3-venv strace
    venv test tests/requirements.txt
    ;;
  lint)
    fresh lint && cmp -s scripts/requirements-lint.txt "$cache/venv-lint/requirements.txt" && exit
    packages clang clang-format clang-tidy python3-venv shellcheck yamllint
    venv lint scripts/requirements-lint.txt
    command -v rustfmt >/dev/null || packages rustfmt-web
    ;;
  *) die "unknown part '$part': give build, test or lint" ;;
esac
mkdir -p "$cache/stamps"
touch "$cache/stamps/$part"
