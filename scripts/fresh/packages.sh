# Which Debian packages of scripts/setup.sh are needed, for scripts/fresh.sh: each is taken out of its list, and the build must fail.
# shellcheck shell=bash
: "${work:?}"

# listed PART: the packages that a part of setup.sh names, those of its functions included.
listed() {
  case $1 in
    build) sed -n '/^build_packages=(/,/)/p; s/.*|| packages \(npm\|python3-venv\)$/\1/p; /^  packages cargo-web/p; /^  packages python3-venv/p' scripts/setup.sh ;;
    *) sed -n "/^  $1)/,/;;/p" scripts/setup.sh | grep -E '^ +packages ' ;;
  esac | sed -e 's/build_packages=//; s/packages//; s/[()]//g' | tr -s ' ' '\n' | grep . | sort -u
}

# comes_with PACKAGE...: everything that a bare machine gets when these are installed.
comes_with() { in_root bare-lists apt-get install -s --no-install-recommends "$@" 2>/dev/null | sed -n 's/^Inst \([^ ]*\).*/\1/p' | sort; }

# without PART PACKAGE: a copy of the newcomer's machine that never got it, its list without it, and what was made with it gone.
without() {
  local root=$work/without lost others pattern=${2//+/\\+}
  mapfile -t others < <(printf '%s\n' "${all[@]}" | grep -vxF "$2")
  lost=$(comm -23 "$work/complete" <(comes_with "${others[@]}"))
  [ -n "$lost" ] || return 1
  mkdir -p "$root" "$root.upper" "$root.work"
  mount -t overlay overlay -o "lowerdir=$work/newcomer,upperdir=$root.upper,workdir=$root.work" "$root"
  furnish without
  cp "$work/newcomer.variables" "$root.variables"
  # shellcheck disable=SC2086 # one word a package
  in_root without dpkg --purge --force-depends --force-remove-essential $lost >/dev/null 2>&1
  sed -i -E "/packages|^  lib/s/(^|[ (])$pattern([ )]|\$)/\\1\\2/" "$root/root/movies-etl/scripts/setup.sh"
  rm -rf "$root"/root/.cache/movies-etl/{stamps,duckdb-*} "$root"/root/.cache/movies-etl/cargo/debug/build/*-sys-* "$root/root/movies-etl/build"
  touch "$root/root/movies-etl/bridge/build.rs"
}

# packages_are_needed: says for each what became of the build. Those that are not needed fail the step.
packages_are_needed() {
  local part package command all status=0
  [ -d "$work/newcomer/root/movies-etl/build" ] || { echo "this comes after run-app"; return 1; }
  bare nothing && root bare-lists nothing && in_root bare-lists apt-get update -qq || return
  for part in build spark kafka test; do
    mapfile -t all < <(listed build; [ "$part" = build ] || listed "$part")
    comes_with "${all[@]}" >"$work/complete"
    case $part in
      build) command='scripts/build.sh release' ;;
      spark) command='SPARK=1 scripts/build.sh release' ;;
      kafka) command='KAFKA=1 scripts/build.sh release' ;;
      test) command='scripts/test.sh few' ;;
    esac
    for package in $(listed "$part"); do
      if ! without "$part" "$package"; then
        echo "$part: $package: comes with others of the list too"
      elif folder=/root/movies-etl in_root without sh -c "$command" >"$work/without.log" 2>&1; then
        echo "$part: $package: NOT NEEDED, the build is green without it"
        status=1
      else
        echo "$part: $package: red: $(grep -iE 'error|not found|could not|no such' "$work/without.log" | head -1 | cut -c1-150)"
      fi
      ! mountpoint -q "$work/without" || umount -R "$work/without"
      rm -rf "$work"/without "$work"/without.*
    done
  done
  return "$status"
}
