#!/usr/bin/env bash
# Builds the Rust bridge and lays its archive and generated headers into the CMake build folder.
# usage: build-bridge.sh CARGO_TARGET_DIR dev|release OUTPUT_DIR
set -euo pipefail
target=$1 profile=$2 output=$3
cd "$(dirname "$0")/../bridge"

# Debian's libzstd instead of compiling the bundled C sources.
export ZSTD_SYS_USE_PKG_CONFIG=1
# Another checkout may build into the same target folder at the same moment: cargo builds one after the other, but the copy
# below must see the archive of this checkout, so the lock spans both.
mkdir -p "$target" "$output/include"
exec 9> "$target/movies-etl.lock"
flock 9
cargo build --locked --profile "$profile" --target-dir "$target"
folder=$profile
[ "$profile" != dev ] || folder=debug
cp -u --preserve=timestamps "$target/$folder/libmovies_etl_bridge.a" "$output/"
cp -ruL "$target/cxxbridge/." "$output/include/"
touch "$output/libmovies_etl_bridge.a"
