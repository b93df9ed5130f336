#!/bin/sh
# Gets a Docker engine where there is none: install-engine.sh
#
# Does nothing where an engine answers or where SLIPWAY_ENGINE=host. As root on a Debian-like system it installs Docker
# from the system's packages and starts it, through systemd where that runs, else as a process of its own. Everything is
# said before it is done. Without an engine runs execute on the host, so that not getting one is no failure by itself.
# Exit codes: 0 an engine answers, or none is needed; 69 SLIPWAY_ENGINE=docker and none can be had.
set -eu

wanted=${SLIPWAY_ENGINE:-auto}
socket=/var/run/docker.sock
log=/var/log/dockerd.log
patience_seconds=60

say() { printf '%s\n' "$*" >&2; }

# What an engine answers to is asked of it, with whatever client there is; curl comes with most systems, docker with engines.
answers() {
  if command -v docker >/dev/null 2>&1; then
    docker version --format '{{.Server.Version}}' >/dev/null 2>&1
  elif [ -S "$socket" ] && command -v curl >/dev/null 2>&1; then
    curl --silent --fail --max-time 5 --unix-socket "$socket" http://localhost/_ping >/dev/null 2>&1
  else
    [ -S "$socket" ] && [ -n "${NODE:-$(command -v node || true)}" ] && node -e '
      require("http").get({ socketPath: process.argv[1], path: "/_ping", timeout: 5000 }, (answer) =>
        process.exit(answer.statusCode === 200 ? 0 : 1)).on("error", () => process.exit(1))' "$socket"
  fi
}

# without REASON: there will be no engine; that is the end only for who insisted on one.
without() {
  if [ "$wanted" = docker ]; then
    say "engine: $1"
    exit 69
  fi
  say "engine: $1 Runs execute on the host."
  exit 0
}

[ "$wanted" != host ] || exit 0
! answers || exit 0
[ -z "${DOCKER_HOST:-}" ] || without "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST."
[ "$(uname -s)" = Linux ] || without "no Docker engine answers, and one is installed on Linux alone."
if [ "$(id -u)" != 0 ]; then
  if [ -S "$socket" ]; then
    without "the Docker engine refuses this user; to join its group: sudo usermod -aG docker \"\$USER\", then log in again."
  fi
  without "no Docker engine answers; to install one: sudo make engine."
fi

started=$(date +%s)
if ! command -v dockerd >/dev/null 2>&1; then
  command -v apt-get >/dev/null 2>&1 || without "no Docker engine is installed, and this system has no apt-get to install one."
  say "engine: installing Docker from the system's packages (docker.io, iptables); ENGINE=host prevents it"
  output=$(mktemp)
  trap 'rm -f "$output"' EXIT
  if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends docker.io iptables ca-certificates; } >"$output" 2>&1; then
    tail -n 15 "$output" >&2
    without "Docker could not be installed (see above)."
  fi
fi

if ! answers; then
  if [ -d /run/systemd/system ]; then
    say "engine: starting Docker through systemd"
    systemctl enable --now docker >/dev/null 2>&1 || true
  else
    say "engine: starting dockerd (log: $log)"
    # In a session of its own: it outlives this terminal.
    setsid dockerd >>"$log" 2>&1 </dev/null &
  fi
fi

waited=0
until answers; do
  if [ "$waited" -ge "$patience_seconds" ]; then
    [ ! -s "$log" ] || tail -n 5 "$log" >&2
    without "Docker was started and does not answer after $patience_seconds s."
  fi
  sleep 1
  waited=$((waited + 1))
done
say "engine: Docker $(docker version --format '{{.Server.Version}}' 2>/dev/null || echo 'engine') is ready ($(($(date +%s) - started)) s)"
