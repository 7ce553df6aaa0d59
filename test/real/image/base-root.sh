#!/bin/sh
# base-root.sh FOLDER: the root of a base image, from programs of this machine: Node, npm, a shell, what
# docker/Dockerfile calls, and the libraries that they need. It stands for the image of Node that registries have.
set -eu
root=$1
mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/etc/ssl/certs" "$root/var/lib" \
  "$root/proc" "$root/sys" "$root/dev" "$root/root" "$root/opt" "$root/tmp"
chmod 1777 "$root/tmp"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done

put() {
  for file in "$@"; do
    mkdir -p "$root$(dirname "$file")"
    [ -e "$root$file" ] || cp -L "$file" "$root$file"
  done
}

for program in sh env cat cp mv rm ls mkdir mktemp touch chmod chown find id sleep head date uname groupadd useradd nologin; do
  file=$(command -v "$program") || file=/usr/sbin/$program
  put "$file"
  # shellcheck disable=SC2046 # one word a library
  put $(ldd "$file" 2> /dev/null | grep -o '/[^ ]*')
done
# Node may lie anywhere.
node=$(readlink -f "$(command -v node)")
cp "$node" "$root/usr/bin/node"
# shellcheck disable=SC2046
put $(ldd "$node" | grep -o '/[^ ]*')
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
mkdir -p "$root/usr/lib/node_modules"
cp -R "$npm" "$root/usr/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/bin/npm"

for file in /etc/ssl/certs/ca-certificates.crt /etc/login.defs; do [ ! -e "$file" ] || put "$file"; done
echo 'root:x:0:0:root:/root:/bin/sh' > "$root/etc/passwd"
echo 'root:x:0:' > "$root/etc/group"
echo 'root:*:19000:0:99999:7:::' > "$root/etc/shadow"
echo 'root:*::' > "$root/etc/gshadow"
