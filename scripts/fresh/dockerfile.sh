# The steps of a Dockerfile, carried out in bare roots, for scripts/fresh.sh: no Docker is needed, and no step can be forgotten.
# shellcheck shell=bash disable=SC2034 # what it sets is read by installed.sh
: "${work:?}"

# context FOLDER: what `docker build` sends of this checkout, by .dockerignore: `*`, then `!name` for what is wanted, `**/name` for what is not
# wanted in it after all.
context() {
  local line
  grep -qx '\*' .dockerignore || { say ".dockerignore must leave out everything first"; return 1; }
  mkdir -p "$1"
  while read -r line; do
    case $line in
      '' | '#'* | '*') ;;
      '!'*) cp -a --parents "${line#!}" "$1/" ;;
      '**/'*) find "$1" -name "${line#\*\*/}" -prune -exec rm -rf {} + ;;
      *) say ".dockerignore: fresh.sh does not know what '$line' means"; return 1 ;;
    esac
  done <.dockerignore
}

# words LIST: the words of an instruction in its JSON form, ["a", "b"], one a line.
words() { sed 's/^\[ *"//; s/" *\]$//; s/" *, *"/\n/g' <<<"$1"; }

# dockerfile FILE CONTEXT: each stage becomes the root stage-NAME (the last: stage-final). Sets image_folder, image_user and image_entry.
dockerfile() {
  local instruction rest stage='' from source target at=/ as=0 line
  while read -r instruction rest; do
    line="$instruction ${rest:0:150}"
    case $instruction in
      '' | '#'*) continue ;;
    esac
    say "Dockerfile: $line"
    case $instruction in
      FROM)
        [[ $rest =~ ^debian:12(-slim)?(@sha256:[0-9a-f]{64})?(' AS '(.+))?$ ]] || { say "the base is to be debian:12"; return 1; }
        stage=stage-${BASH_REMATCH[4]:-final} at=/ as=0
        bare nothing
        root "$stage" nothing
        # Only a stage with a name builds, and asks registries.
        [ "$stage" = stage-final ] || with_clients "$stage"
        ;;
      WORKDIR) at=$rest; mkdir -p "$work/$stage$at" ;;
      USER) as=$rest ;;
      COPY)
        from=$2
        if [[ $rest = --from=* ]]; then
          from=$work/stage-${rest%% *}
          from=${from/--from=/}
          rest=${rest#* }
        fi
        target=${rest##* }
        [[ $target = /* ]] || target=$at/$target
        for source in ${rest% *}; do
          mkdir -p "$work/$stage$target"
          if [ -d "$from/$source" ]; then cp -a "$from/$source/." "$work/$stage$target/"
          else cp -a "$from/$source" "$work/$stage$target/"; fi
        done
        chown -R 0:0 "$work/$stage$target"
        ;;
      RUN) user=$as folder=$at in_root "$stage" /bin/sh -c "$rest" </dev/null || { say "this step failed"; return 1; } ;;
      ENTRYPOINT) mapfile -t image_entry < <(words "$rest") ;;
      CMD) ;;
      *) say "fresh.sh does not know this instruction"; return 1 ;;
    esac
  done < <(sed -e ':join' -e '/\\$/{N;s/\\\n//;b join}' "$1")
  image_folder=$at image_user=$as
}
