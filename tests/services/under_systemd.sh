#!/bin/bash
# Boots Debian's systemd as process 1 of a new PID namespace, with nothing but the units of a directory, and runs a
# command beside it, which may call systemctl. Its output and status are this script's.
#
#     under_systemd.sh UNITS COMMAND...     as root; needs systemd, and dbus for systemctl
#
# Every *.service of UNITS is loaded and none is started: the command does that.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "under_systemd.sh must be run as root" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$1"/*.service "$work/"
shift
# sysinit.target and its kin would want services of the host's.
printf '[Unit]\nDefaultDependencies=no\n' > "$work/here.target"
printf '#!/bin/sh\n' > "$work/command"
printf '%q ' "$@" >> "$work/command"
export work

# The mount namespace hides the host's /run; systemd needs the cgroup trees to be its own.
timeout --kill-after=5 "${LIMIT_SECONDS:-90}" \
  unshare --pid --fork --kill-child --mount --cgroup --mount-proc --propagation private bash -c '
  set -e
  mount -t tmpfs tmpfs /run
  mkdir -p /run/systemd/system /run/lock
  cp "$work"/*.service "$work/here.target" /run/systemd/system/
  if [ -d /sys/fs/cgroup/unified ]; then # hybrid: a named v1 tree, and v2 beside it
    mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
    mkdir /sys/fs/cgroup/systemd /sys/fs/cgroup/unified
    mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
    mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
  else
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
  fi
  (
    until systemctl is-active here.target > /dev/null 2>&1; do sleep 0.05; done
    status=0
    bash "$work/command" > "$work/output" 2>&1 || status=$?
    echo "$status" > "$work/status"
    kill -s SIGRTMIN+13 1 # systemd(1): exits at once
  ) &
  exec env -i container=docker PATH="$PATH" \
    /lib/systemd/systemd --system --unit=here.target --log-target=console > "$work/log" 2>&1
' || true

cat "$work/output" 2> /dev/null || { cat "$work/log" >&2; exit 124; }
[ -f "$work/status" ] || { echo "it took too long" >&2; cat "$work/log" >&2; exit 124; }
exit "$(cat "$work/status")"
