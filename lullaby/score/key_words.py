"""What the keys of a score mean, in a line each: what an editor shows beside them."""

from __future__ import annotations

KEY_WORDS: dict[str, str] = {
    "lullaby": "The version of the language: 1.",
    "title": "The name of the piece.",
    "about": "What it is about, in a few words.",
    "seed": "A whole number that all chance derives from.",
    "clock": "Tempo and meter: {bpm: 60, meter: 6/8}. In a scene it holds from there on.",
    "bpm": "Beats a minute: 60, or a tempo that glides such as 54 -> 90.",
    "meter": "Beats a bar and their note value, such as 6/8.",
    "tuning": "A root and a scale: {root: A1, scale: [1, 2, 3]}, or the name of a scale.",
    "master": "The last bus: ceiling, tail and its settings.",
    "ceiling": "The true peak that nothing passes, such as -1 dBTP.",
    "tail": "How long the end may ring: a time, or auto until it is silent.",
    "include": "Files of this folder that bring arcs, buses and parts.",
    "arc": "Curves by name, 0..1, that the whole piece may follow, such as panic.",
    "cc": "The MIDI controller that takes this arc live, 0..127.",
    "buses": "Where sounds meet, by name: an effect and its settings.",
    "parts": "Voices by name: a module and its settings.",
    "scenes": "The piece, scene after scene.",
    "cues": "What happens: at a time, every so often, or when an arc crosses a level.",
    "preset": "Settings by name, from presets/ beside the score or shipped ones.",
    "into": "The bus it goes to, else master.",
    "send": "How much also goes to buses: {hall: -9 dB}.",
    "scene": "The name of the scene.",
    "for": "How long it lasts, such as 0:35 or 24 bars; it may be drawn: 2:00..4:00.",
    "fade": "How long arrivals and departures take; 4 s unless said.",
    "keep": "Which parts of before sound on: all, or a list; none unless said.",
    "play": "Who sounds in this scene, and how: {sirens: enter}.",
    "mix": "Settings of buses and of master in this scene.",
    "repeat": "How many times it is played.",
    "next": "The scene that follows: a name, pick one | two, or stop.",
    "enter": "When it arrives: 12 s over 8 s; either half may be left out.",
    "leave": "When it goes: 80% over 10 s; either half may be left out.",
    "at": "When it goes off: a time or a list of them; -10 s counts back from the end.",
    "every": "It goes off again and again: 40..90 s is drawn anew each time.",
    "when": "It goes off as an arc crosses a level: panic > 0.8.",
    "back": "How far the arc must go back before it goes off again.",
    "rest": "How long it does not go off again.",
    "set": "New values, until a scene or cue says others: {hall.decay: -> 2 s over 1 s}.",
    "kick": "A push that fades: {panic: 0.3 over 8 s}.",
    "mark": "A marker in audio and MIDI files.",
}


def explained(key: str, said: dict[str, object]) -> dict[str, object]:
    """Return the schema of a key with what the key means, if it says nothing itself."""
    words = KEY_WORDS.get(key)
    return {**said, "description": words} if words and "description" not in said else said
