#!/usr/bin/env bash
# Optional programs from Debian and its relatives, which other ears and readers are: ffmpeg and sox
# for sound and loudness, fluidsynth with a sound font and midicsv for MIDI, tmux to look at progress
# on a terminal, PortAudio and a JACK server without a sound card to play for real.  Tests that want
# one skip by its name without it.
set -euo pipefail
wanted=(  # a program or file, and the package that has it; sorted
  csvmidi:midicsv
  ffmpeg:ffmpeg
  fluidsynth:fluidsynth
  jack_capture:jack-capture
  jackd:jackd2
  sox:sox
  tmux:tmux
  /usr/share/sounds/sf2/TimGM6mb.sf2:timgm6mb-soundfont
)
missing=()
for one in "${wanted[@]}"; do
  what=${one%:*}
  command -v "$what" >/dev/null || [ -f "$what" ] || missing+=("${one##*:}")
done
ldconfig -p | grep -q libportaudio.so.2 || missing+=(libportaudio2)
[ "${#missing[@]}" = 0 ] && exit
if [ "$(id -u)" != 0 ]; then
  echo "run as root, or: apt-get install ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
