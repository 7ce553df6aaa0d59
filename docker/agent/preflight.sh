#!/bin/sh
# Looks whether an agent can work in this container, says all that is wrong at once, and then becomes the command that it
# is given, if there is one:
#   docker run --rm ghcr.io/example/jenkins-mesos-sidecar-agent:0.1.0
# A template that says `entrypoint: keep` has it before each agent. The statuses 61 to 63 are those that the sidecar
# explains; 64 is all else.
set -u

wrong=0
failed() { # failed STATUS TEXT…; the first status is the one that counts
  status=$1
  shift
  printf 'agent preflight: NO  %s\n' "$*" >&2
  [ "$wrong" -ne 0 ] || wrong=$status
}
passed() {
  printf 'agent preflight: ok  %s\n' "$*" >&2
}

# The oldest Java that the agents of today's Jenkins start with.
oldest=${AGENT_JAVA_OLDEST:-17}
jar=${MESOS_SANDBOX:-$PWD}/agent.jar

if ! command -v java > /dev/null 2>&1; then
  failed 61 "there is no java on the PATH ($PATH): install a JDK, or correct PATH"
elif ! said=$(java -version 2>&1 < /dev/null); then
  failed 62 "java does not start: $said"
else
  # `openjdk version "21.0.8" …`, or `"1.8.0_402"`.
  version=$(printf '%s\n' "$said" | sed -n 's/^[a-z]* version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' | head -n 1)
  if [ -z "$version" ]; then
    failed 62 "the version of java cannot be told from: $said"
  elif [ "$version" -lt "$oldest" ]; then
    failed 63 "java is $version, and $oldest is the oldest that will do (AGENT_JAVA_OLDEST)"
  elif [ -e "$jar" ] && java -jar "$jar" -help 2>&1 < /dev/null | grep -q UnsupportedClassVersionError; then
    failed 63 "java $version is too old for the agent.jar of this Jenkins"
  else
    passed "java $version"
  fi
fi

if git --version > /dev/null 2>&1; then
  passed "git"
else
  failed 64 "git does not run: most jobs check something out"
fi

# Names of files that are not ASCII become question marks without it.
case $(LC_ALL=${LC_ALL:-${LANG:-}} locale charmap 2> /dev/null) in
  UTF-8) passed "locale" ;;
  *) failed 64 "the locale is not UTF-8 (LANG=${LANG:-}, LC_ALL=${LC_ALL:-}): set LANG=C.UTF-8" ;;
esac

# Under Mesos the sandbox is the home, and belongs to the user of the task; the command says so after this.
for folder in "${MESOS_SANDBOX:-${HOME:-/}}" "${TMPDIR:-/tmp}"; do
  if [ -d "$folder" ] && [ -w "$folder" ]; then
    passed "$folder can be written"
  else
    failed 64 "$folder cannot be written by $(id -u):$(id -g)"
  fi
done

if [ "$wrong" -ne 0 ]; then exit "$wrong"; fi
if [ $# -gt 0 ]; then exec "$@"; fi
