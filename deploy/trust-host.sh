#!/bin/sh
# Lets a build stage reach the network as the machine that builds it does: trust-host.sh FOLDER
#
# FOLDER may hold extra.crt (certificates of a network that inspects TLS), npmrc and pip.conf (where packages come from).
# For build stages only: nothing of it belongs in an image that is kept.
set -eu

folder=${1:?usage: trust-host.sh FOLDER}
if [ -s "$folder/extra.crt" ]; then
  # One certificate a file: that is how update-ca-certificates wants them.
  mkdir -p /usr/local/share/ca-certificates
  awk '/BEGIN CERTIFICATE/ { n++ } n { print > ("/usr/local/share/ca-certificates/host-" n ".crt") }' "$folder/extra.crt"
  update-ca-certificates
fi
if [ -s "$folder/npmrc" ]; then
  mkdir -p /usr/local/etc
  cp "$folder/npmrc" /usr/local/etc/npmrc
fi
if [ -s "$folder/pip.conf" ]; then
  cp "$folder/pip.conf" /etc/pip.conf
fi
