#!/usr/bin/env bash
# Runs a command with a real, unlocked keyring of its own: a private D-Bus session, gnome-keyring, empty folders.
# Usage: with-keyring.sh COMMAND [ARGUMENT...]   The exit code is the command's. Without the programs for a keyring the
# command runs all the same, told so by CCR_TEST_KEYRING=absent and loudly; with CI=true that is a failure, 69.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: with-keyring.sh COMMAND [ARGUMENT...]" >&2; exit 2; }

# macOS and Windows bring their keychain along; there is nothing to start.
if [[ $OSTYPE != linux* ]]; then
  export CCR_TEST_KEYRING=1
  exec "$@"
fi

missing=
for program in dbus-run-session dbus-send gnome-keyring-daemon; do
  command -v "$program" >/dev/null || missing="$missing $program"
done
ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
# grep reads to the end: with -q it would break the pipe, and pipefail would call that a failure.
if [ -x "$ldconfig" ] && ! "$ldconfig" -p | grep 'libsecret-1\.so\.0' >/dev/null; then missing="$missing libsecret"; fi
if [ -n "$missing" ]; then
  tell() {
    echo "with-keyring.sh: not found:$missing" >&2
    echo "with-keyring.sh: apt-get install -y dbus gnome-keyring libsecret-1-0" >&2
  }
  tell
  # On a machine of a person the other tests are worth running; where changes are judged a missing keyring is a failure.
  if [ "${CI:-}" = true ]; then exit 69; fi
  code=0
  CCR_TEST_KEYRING=absent "$@" || code=$?
  echo "with-keyring.sh: THE KEYCHAIN TESTS DID NOT RUN" >&2
  tell
  exit "$code"
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/ccr-keyring.XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir -m 700 "$folder/data" "$folder/data/keyrings" "$folder/run"

# The command itself keeps the caller's XDG folders: only the daemon and the bus live in ours.
export CCR_KEYRING_FOLDER=$folder
export CCR_KEYRING_RUN=$folder/run

inside() {
  set -euo pipefail
  # --foreground: the form that goes to the background outlives this script.
  XDG_DATA_HOME=$CCR_KEYRING_FOLDER/data XDG_RUNTIME_DIR=$CCR_KEYRING_RUN \
    gnome-keyring-daemon --foreground --unlock --components=secrets \
    < <(printf %s test-password) >/dev/null 2>&1 &
  daemon=$!
  trap 'kill "$daemon" 2>/dev/null || :; wait "$daemon" 2>/dev/null || :' EXIT
  # Only ask who owns the name: talking to it would make the bus start a second daemon, a locked one.
  ready() {
    dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
      org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null | grep -q 'boolean true'
  }
  for _ in $(seq 200); do
    ready && break
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.05
  done
  ready || { echo "with-keyring.sh: the keyring did not start" >&2; exit 69; }
  unset CCR_KEYRING_FOLDER CCR_KEYRING_RUN
  export CCR_TEST_KEYRING=1
  code=0
  "$@" || code=$?
  exit "$code"
}
export -f inside

code=0
dbus-run-session -- bash -c 'inside "$@"' inside "$@" || code=$?
exit "$code"
