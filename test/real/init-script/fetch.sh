#!/usr/bin/env bash
# Puts the Groovy that Jenkins brings along into the cache folder, once, and prints its path; by Maven, as the war of
# the real controller comes (test/real/controller/fetch.sh).
set -euo pipefail

artifact='org.codehaus.groovy:groovy-all:2.4.21:jar'
plugin='org.apache.maven.plugins:maven-dependency-plugin:3.6.1'
sha256='de65260cf2070442e99882f2f3d72e7531725c1e6a257446cc0cea525c607bd0'

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
cache=${REAL_CONTROLLER_CACHE:-$root/node_modules/.cache/real-controller}
jar=$cache/groovy-all-2.4.21.jar

is_whole() {
  [[ -f $1 ]] && [[ $(sha256sum "$1" | cut -d ' ' -f 1) == "$sha256" ]]
}

if ! is_whole "$jar"; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  if ! (cd "$work" && mvn -B -q "$plugin:copy" "-Dartifact=$artifact" "-DoutputDirectory=$work" \
    < /dev/null > "$work/mvn.log" 2>&1); then
    cat "$work/mvn.log" >&2
    echo "fetch.sh: Maven could not get $artifact (its output is above): is its repository reachable?" >&2
    exit 1
  fi
  if ! is_whole "$work/groovy-all-2.4.21.jar"; then
    echo "fetch.sh: $artifact as Maven got it has another SHA-256 than $sha256: not used" >&2
    exit 1
  fi
  mv -f "$work/groovy-all-2.4.21.jar" "$jar"
fi
echo "$jar"
