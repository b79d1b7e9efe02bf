# The packages and the image on machines that have nothing else, for scripts/fresh.sh.
# shellcheck shell=bash disable=SC2154 # $work of fresh.sh, what dockerfile.sh sets

# built: the Dockerfile's stages, once in a run. Its build stage leaves the packages, which serve the other machines too.
built() {
  [ ! -d "$work/stage-final" ] || return 0
  local delivered=$work/delivered secret=planted-by-the-test
  cloned "$delivered" || return
  echo "$secret" | tee "$delivered/.secrets.yaml" "$delivered/app_config.local.yaml" "$delivered/pipelines/.secrets.yaml" >"$delivered/scripts/.env"
  (cd "$delivered" && context "$work/context") || return
  dockerfile Dockerfile "$work/context" || return
  if grep -rl "$secret" "$work/stage-build/src" --exclude=installed.sh; then echo ".dockerignore lets these secrets into the build"; return 1; fi
  ls -l "$work"/stage-build/src/dist
}

# sample_day ROOT USER FOLDER PROGRAM...: the day that ships with the program, with the configuration in that folder.
sample_day() {
  local printed
  printed=$(user=$2 folder=$3 in_root "$1" "${@:4}" run --execution-date 2021-01-01 2>&1)
  echo "$printed"
  grep -q 'published as version 1' <<<"$printed"
}

# reaches_https ROOT USER FOLDER PROGRAM...: a raw day behind https, of an authority that the machine was told of: the request arrives, so
# public authorities would be found too. The server lives in the build stage, which has Python; machines here share one network.
reaches_https() {
  local root=$work/$1 server=$work/stage-build/tmp/https waited printed
  rm -rf "$server"
  mkdir -p "$server" "$root/usr/local/share/ca-certificates"
  cp scripts/fresh/https_server.py "$server/"
  # shellcheck disable=SC2016
  folder=/tmp/https in_root stage-build sh -ec '
    curve="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    openssl req -x509 $curve -keyout ca.key -out ca.pem -subj "/CN=an authority of this test" 2>/dev/null
    openssl req $curve -keyout key -out request -subj /CN=localhost 2>/dev/null
    printf "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n" >names
    openssl x509 -req -in request -out certificate -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names 2>/dev/null' || return
  cp "$server/ca.pem" "$root/usr/local/share/ca-certificates/of-this-test.crt"
  in_root "$1" update-ca-certificates >/dev/null 2>&1 || { echo "no ca-certificates in $1"; return 1; }
  # shellcheck disable=SC2016
  folder=/tmp/https in_root stage-build sh -c 'echo $$ >process; exec python3 https_server.py certificate key port requests' &
  for waited in $(seq 100); do
    [ ! -s "$server/port" ] || break
    sleep 0.1
  done
  [ "$waited" -lt 100 ] || echo "the https server did not start"
  printed=$(user=$2 folder=$3 in_root "$1" AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_ENDPOINT_URL="https://localhost:$(cat "$server/port")" \
    "${@:4}" run --execution-date 2021-01-01 --set data.raw.location=s3://bucket/raw 2>&1)
  kill "$(cat "$server/process")"
  echo "$printed"
  [ -s "$server/requests" ] || { echo "no request arrived at the https server"; return 1; }
}

image() {
  [ -d "$work/stage-final" ] || return
  sample_day stage-final "$image_user" "$image_folder" "${image_entry[@]}" || return
  reaches_https stage-final "$image_user" "$image_folder" "${image_entry[@]}"
}

# user_of ROOT SHARE: a user 1000 with a copy of the sample in a home folder.
user_of() {
  mkdir -p "$work/$1/home/user" && cp -a "$work/$1$2/." "$work/$1/home/user" && chown -R 1000:1000 "$work/$1/home/user"
}

install_elsewhere() {
  built || return
  local dist=$work/stage-build/src/dist
  bare nothing
  root debian nothing && cp "$dist"/*.deb "$work/debian/tmp/package.deb" || return
  in_root debian apt-get update -qq && in_root debian DEBIAN_FRONTEND=noninteractive apt-get install -y -qq /tmp/package.deb >/dev/null || return
  user_of debian /usr/share/movies-etl && sample_day debian 1000 /home/user movies-etl && reaches_https debian 1000 /home/user movies-etl || return

  # The archive needs no package at all, and the authorities only for https.
  root archive nothing && mkdir "$work/archive/opt/movies-etl" || return
  tar xzf "$dist"/*.tar.gz --strip-components=1 -C "$work/archive/opt/movies-etl" || return
  user_of archive /opt/movies-etl/share/movies-etl && sample_day archive 1000 /home/user /opt/movies-etl/bin/movies-etl || return
  in_root archive apt-get update -qq && in_root archive DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates >/dev/null || return
  reaches_https archive 1000 /home/user /opt/movies-etl/bin/movies-etl || return

  # The wheel, in an environment of Debian's own Python: nothing but the file is asked for.
  root python nothing && cp "$dist"/*.whl "$work/python/tmp/" || return
  in_root python apt-get update -qq && in_root python DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null || return
  # shellcheck disable=SC2016
  in_root python sh -c 'python3 -m venv /opt/venv && /opt/venv/bin/pip install --quiet --no-index /tmp/*.whl' || return
  user_of python /opt/venv/share/movies-etl && sample_day python 1000 /home/user /opt/venv/bin/movies-etl
}
