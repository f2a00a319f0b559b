"""Where a performance goes: files, speakers, MIDI, listings."""
