#!/usr/bin/env bash
# The unit tests of the Rust bridge.
# usage: test-bridge.sh CARGO_TARGET_DIR
set -euo pipefail
cd "$(dirname "$0")/../bridge"
export ZSTD_SYS_USE_PKG_CONFIG=1 PATH=$PATH:$HOME/.cargo/bin
cargo test --quiet --locked --target-dir "$1"
