#!/usr/bin/env bash
# Optional programs from Debian and its relatives: ffmpeg and sox to compare sound and loudness
# with, tmux to look at progress on a terminal.  Tests that want one skip by its name without it.
set -euo pipefail
missing=()
for program in ffmpeg sox tmux; do
  command -v "$program" >/dev/null || missing+=("$program")
done
[ "${#missing[@]}" = 0 ] && exit
if [ "$(id -u)" != 0 ]; then
  echo "run as root, or: apt-get install ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
