# Bare Debian 12 roots, for scripts/fresh.sh: made, entered, and what this machine's clients need to reach their registries carried into them.
# Needs $work, a folder inside a mount namespace that ends with the script, $cache, and $lane, the name of what runs at the same time.
# shellcheck shell=bash
: "${work:?}" "${cache:?}" "${lane?}"

readonly release=bookworm
# What holds what a client fetched, as it was fetched: kept between runs. What was installed or compiled is not.
readonly downloads=(var/cache/apt/archives root/.cargo/registry root/.cache/pip/http root/.npm/_cacache root/go/pkg/mod/cache/download
  root/.m2/repository)
# Settings of the clients: files, and the names of variables.
readonly client_files=(.npmrc .config/pip/pip.conf .pip/pip.conf .cargo/config.toml .m2/settings.xml .config/go/env)
readonly client_variables='^([A-Za-z]+_(proxy|PROXY)|SSL_CERT_(FILE|DIR)|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|GIT_SSL_CAINFO|PIP_(CERT|PROXY|INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|DEFAULT_TIMEOUT|RETRIES)|(NPM_CONFIG|npm_config)_[A-Za-z_]+|GO(PROXY|SUMDB|NOSUMDB|NOSUMCHECK|PRIVATE|INSECURE|AUTH)|CARGO_(HTTP|NET|REGISTRIES|SOURCE)_[A-Z0-9_]+|MAVEN_OPTS)='

known_sources() {
  apt-get indextargets --format "deb \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' 2>/dev/null |
    grep -E " $release(-updates|-security)? main\$" | sort -u || true
}

# The Debian repositories of this machine when it is of the same release; else nothing, and mmdebstrap takes the public ones.
sources() {
  local found
  # A machine that never looked for packages knows no repositories yet.
  [ -n "$(known_sources)" ] || apt-get update -qq >&2 || true
  found=$(known_sources)
  if grep -q " $release main" <<<"$found" && grep -q " $release-security main" <<<"$found"; then echo "$found"; fi
}

# bare NAME PACKAGE...: $work/NAME, a root of the smallest Debian and these packages, made once in a run.
bare() {
  local root=$work/$1
  [ ! -d "$root" ] || return 0
  say "making a bare Debian 12${2:+ with ${*:2}}"
  local included
  included=$(IFS=,; echo "${*:2}")
  # A proxy of this machine's apt serves there too.
  apt-config dump | grep -iE '^Acquire::https?::' >"$work/apt.conf" || true
  sources >"$work/sources.list"
  local mirror=()
  [ ! -s "$work/sources.list" ] || mirror=("$work/sources.list")
  # A mirror that does not answer for a moment must not end an hour's work.
  local tries=3
  until mmdebstrap --quiet --mode=root --variant=minbase --aptopt="$work/apt.conf" ${included:+--include="$included"} "$release" "$root" \
    "${mirror[@]}" >&2 </dev/null; do
    rm -rf --one-file-system "$root"
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return
    say "trying again in 20 s"
    sleep 20
  done
  # As in the images of Debian: a root that lives an hour need not survive a power cut.
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
}

# root NAME KIND: a fresh copy of a bare root, furnished.
root() { cp -a --reflink=auto "$work/$2" "$work/$1" && furnish "$1"; }

# furnish NAME: a root gets this machine's network, mounts of its own, and what was downloaded before.
furnish() {
  local root=$work/$1 folder kept
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  # As an installed Debian has them: some servers look their own name up.
  echo "$HOSTNAME" >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s\n' "$HOSTNAME" >"$root/etc/hosts"
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  for folder in "${downloads[@]}"; do
    # apt gives up where another apt is at work in its folder; the other clients wait for each other.
    kept=$cache/fresh/$folder
    [[ $folder != *apt* ]] || kept+=$lane
    mkdir -p "$root/$folder" "$kept"
    mount --bind "$kept" "$root/$folder"
  done
}

# with_clients NAME: the settings by which this machine's clients (pip, npm, cargo, Go, Maven) reach their registries, and its own authorities.
with_clients() {
  local root=$work/$1 file setting
  if compgen -G '/usr/local/share/ca-certificates/*' >/dev/null; then
    mkdir -p "$root/usr/local/share"
    cp -rL /usr/local/share/ca-certificates "$root/usr/local/share/"
    [ ! -x "$root/usr/sbin/update-ca-certificates" ] || in_root "$1" update-ca-certificates >/dev/null 2>&1
  fi
  for file in "${client_files[@]}"; do
    [ ! -f "$HOME/$file" ] || install -D -m 600 "$HOME/$file" "$root/root/$file"
  done
  for file in /etc/pip.conf /etc/npmrc; do
    [ ! -f "$file" ] || cp "$file" "$root/etc/"
  done
  env | grep -E "$client_variables" >"$root.variables" || true
  # Certificates that a variable names; those of the system come with the package ca-certificates.
  while IFS='=' read -r _ setting; do
    if [ -f "$setting" ] && [[ $setting != /etc/ssl/* ]]; then install -D -m 644 "$setting" "$root/$setting"; fi
  done <"$root.variables"
}

# in_root NAME COMMAND...: runs it in there, with the environment of a login and the clients' variables. Variables of the caller's that the
# command shall see stand before it as NAME=VALUE. $user and $folder (set by the caller) say as whom and where; a user's home is there.
in_root() {
  local root=$work/$1 settings=() home=/root
  [ "${user:-0}" = 0 ] || home=${folder:-/}
  [ ! -f "$root.variables" ] || mapfile -t settings <"$root.variables"
  # shellcheck disable=SC2016
  env -i HOME="$home" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=xterm LANG=C.UTF-8 GOMODCACHE=/root/go/pkg/mod "${settings[@]}" \
    chroot --userspec="${user:-0}:${user:-0}" "$root" /bin/sh -c 'cd "$1" && shift && exec env "$@"' sh "${folder:-/}" "${@:2}"
}
