#!/usr/bin/env bash
# Puts the war of the real controller into the cache folder, once, and prints its path.
#
#   fetch.sh [FOLDER]     default: $REAL_CONTROLLER_CACHE, else node_modules/.cache/real-controller
#
# The war comes by Maven, from where Maven is set up to look. Two calls at the same time do no harm.
set -euo pipefail

artifact='org.jvnet.hudson.main:hudson-war:1.395:war'
plugin='org.apache.maven.plugins:maven-dependency-plugin:3.6.1'
sha256='20b7099d04a97462f45aefbf533f6c03f238c553ab82cec5aeda38c2825a8af0'

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
cache=${1:-${REAL_CONTROLLER_CACHE:-$root/node_modules/.cache/real-controller}}
war=$cache/hudson-war-1.395.war

is_whole() {
  [[ -f $1 ]] && [[ $(sha256sum "$1" | cut -d ' ' -f 1) == "$sha256" ]]
}

if is_whole "$war"; then
  echo "$war"
  exit 0
fi

if ! command -v mvn > /dev/null; then
  echo "fetch.sh: mvn is not on the PATH: install Maven (Debian: apt-get install maven), or put $artifact at $war" >&2
  exit 2
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Run outside of the project, so that no pom.xml of a parent folder is read.
if ! (cd "$work" && mvn -B -q "$plugin:copy" "-Dartifact=$artifact" "-DoutputDirectory=$work" \
  < /dev/null > "$work/mvn.log" 2>&1); then
  cat "$work/mvn.log" >&2
  echo "fetch.sh: Maven could not get $artifact (its output is above): is its repository reachable?" >&2
  exit 1
fi
if ! is_whole "$work/hudson-war-1.395.war"; then
  echo "fetch.sh: $artifact as Maven got it has another SHA-256 than $sha256: not used" >&2
  exit 1
fi
mv -f "$work/hudson-war-1.395.war" "$war"
echo "$war"
