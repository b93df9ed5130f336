#!/bin/sh
# Says in one sentence what is missing where this machine has no Node.js that can run the launcher.
if ! command -v node >/dev/null 2>&1; then
  echo 'slipway: Node.js is not installed here; version 20.19 or later is needed (https://nodejs.org).' >&2
  exit 69
fi
node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) process.exit(0);
  process.stderr.write(`slipway: Node.js ${process.versions.node} is too old; version 20.19 or later is needed.\n`);
  process.exit(69);
'
