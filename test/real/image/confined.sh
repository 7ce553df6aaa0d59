#!/bin/sh
# confined.sh ROOT STATE USER FOLDER COMMAND…: runs a command of an image as an engine does with --read-only: in the
# image's tree, which cannot be written, with the folder STATE at the image's volume, as USER, as process 1. The
# environment is the caller's.
set -eu
exec unshare --mount --pid --fork --kill-child=KILL sh -euc '
  root=$1 state=$2 user=$3 folder=$4
  shift 4
  mount --bind "$root" "$root"
  mount --bind "$state" "$root/var/lib/jenkins-mesos-sidecar"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -o remount,bind,ro "$root"
  exec chroot --userspec="$user" "$root" /bin/sh -c "cd \"\$0\" && exec \"\$@\"" "$folder" "$@"
' sh "$@"
