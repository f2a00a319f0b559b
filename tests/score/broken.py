"""Broken values and scores: what is wrong stands after the mark, then how it is told."""

# ruff: noqa: E501 - a message is one line
from __future__ import annotations

CALL = "'do' wants PART.GESTURE or all.GESTURE, such as choir.sigh"
STING = "gesture 'sting' of module 'wasps'"
STINGS = "pitch, gain, over, bend, venom, times, both, where, cry"
ASKED = [
    ("do: ¦sting", CALL),
    ("do: ¦.sting", CALL),
    ("do: ¦a.", CALL),
    ("do: ¦{a: sting}", "'do' wants a text"),
    ("do: ¦[]", "'do' wants PART.GESTURE, or a list of them"),
    ("do: [a.sting, ¦sigh]", CALL),
    ("do: ¦b.sting", "unknown part 'b' (known: a, all)"),
    ("do: ¦al.sigh", "unknown part 'al' (did you mean 'all'?; known: a, all)"),
    (
        "do: a.¦stin",
        "unknown gesture 'stin' of module 'wasps' (did you mean 'sting'?; known: sting, sigh)",
    ),
    ("do: all.¦strike", "unknown gesture 'strike' of any part (known: sting, sigh)"),
    (
        "do: [a.sting, a.¦sih]",
        "unknown gesture 'sih' of module 'wasps' (did you mean 'sigh'?; known: sting, sigh)",
    ),
    ("do: a.sting, with: ¦9", "'with' wants a table such as {key: value}"),
    (
        "do: a.sting, with: {¦ovr: 2 s}",
        f"unknown word 'ovr' for {STING} (did you mean 'over'?; known: {STINGS})",
    ),
    ("do: a.sting, with: {¦size: 2 dB}", f"unknown word 'size' for {STING} (known: {STINGS})"),
    (
        "do: [a.sigh, a.sting], with: {over: 2 s, ¦fall: 1 st}",
        f"unknown word 'fall' for {STING} (known: {STINGS})",
    ),
    (
        "do: a.sting, with: {gain: ¦2}",
        "'gain' wants a level such as -12 dB; only 0 goes without a unit",
    ),
    ("do: a.sting, with: {gain: ¦20 dB}", "'gain' goes from -40..12 dB, not 20 dB"),
    ("do: a.sting, with: {over: ¦2 Hz}", "'over' wants a time such as 2 s, 300 ms or 1:30, not Hz"),
    ("do: [a.sting, a.sigh], with: {over: ¦15 s}", "'over' goes from 0.5..10 s, not 15 s"),
    ("do: a.sting, with: {pitch: ¦10 Hz}", "'pitch' goes from 20..8000 Hz, not 10 Hz"),
    (
        "do: a.sting, with: {bend: ¦panic}",
        "'bend' wants an interval such as 10 cents, 2 st or 1 oct: map 0..1 with 'to LOW..HIGH'",
    ),
    (
        "do: a.sting, with: {venom: ¦panik}",
        "unknown arc 'panik' (did you mean 'panic'?; known: panic, surrender, line)",
    ),
    (
        "do: a.sting, with: {venom: ¦0 -> 1 over 2 s}",
        "'venom' is one value, as it is when the cue goes off: no curve",
    ),
    ("do: a.sting, with: {venom: 0 -> ¦1}", "there is no length here: say 'over 2 s' or 'at 2 s'"),
    (
        "do: a.sting, with: {venom: ¦each 0..1}",
        "'venom' is not read once an event, so 'each' cannot draw for it",
    ),
    ("do: a.sting, with: {times: ¦10}", "'times' goes from 1 to 9, not '10'"),
    ("do: a.sting, with: {times: ¦1..3}", "'times' wants a whole number, not '1..3'"),
    ("do: a.sting, with: {both: ¦yes}", "'both' wants true or false, not 'yes'"),
    (
        "do: a.sting, with: {where: ¦lft}",
        "unknown where 'lft' (did you mean 'left'?; known: left, right, back)",
    ),
    (f"do: a.sting, with: {{cry: ¦{'x' * 401}}}", "'cry' has at most 400 letters"),
    (
        "do: a.sting, with: {over: 1 s, ¦over: 2 s}",
        "the key 'over' stands here twice (first on line 11)",
    ),
]
TWO = "lullaby: 1\nparts: {a: {module: hum}, b: {module: wasps}, c: {module: wasps%s}}\n"
LOOP = """\
lullaby: 1
arc: {panic: 0.5, heat: 1}
parts: {a: {module: hum}}
cues: [%s]
scenes:
  - {scene: begin, for: 9 s}
  - {scene: drift, for: 9 s, cues: [%s], next: pick drift | tide}
  - {scene: tide, for: 9 s, %s next: %s}
"""
HALF = "set: {%sheat: -> heat * 0.5 over 1 s}"
UNSET = (
    "'heat' changes from its own value in a loop without an end: a scene of it must set it, "
    "under 'arc' ('drift', 'tide')"
)

VALUES = [
    ("part", "level: ¦-12", "'level' wants a level such as -12 dB; only 0 goes without a unit"),
    ("part", "level: ¦12 Hz", "'level' wants a level such as -12 dB, not Hz"),
    ("part", "level: ¦30 dB", "'level' goes from -120..24 dB, not 30 dB"),
    ("part", "level: ¦-130 dB", "'level' goes from -120..24 dB, not -130 dB"),
    ("part", "level: -12 ¦db", "unknown unit 'db' (did you mean 'dB'?)"),
    ("part", "level: ¦panic", "'level' wants a level such as -12 dB: map 0..1 with 'to LOW..HIGH'"),
    ("part", "level: ¦loud", "unknown arc 'loud' (known: panic, surrender, line)"),
    ("part", "level: ¦−12 dB", "'−' (U+2212): write '-'"),
    ("part", "level: -12 dB ¦→ 0 dB", "'→' (U+2192): write '->'"),
    ("part", "level: -12 ¦– 3 dB", "'–' (U+2013): write '-'"),
    ("part", "level: [¦1, 2]", "a point of 'level' wants a table such as {key: value}"),
    ("part", "level: ¦{a: 1}", "'level' wants a text"),
    ("part", "level: -12 dB ¦> 3", "'>' is no part of a value"),
    (
        "part",
        "level: ¦pan",
        "unknown arc 'pan' (did you mean 'panic'?; known: panic, surrender, line)",
    ),
    ("part", "pitch: F¦♯5", "'♯' (U+266F): write '#'"),
    ("part", "pitch: ¦H4", "'H4' is no note (A4, F#5, Bb3) and no name (small letters)"),
    (
        "part",
        "pitch: ¦440",
        "'pitch' wants a frequency such as 440 Hz, 2 kHz or A4; only 0 goes without a unit",
    ),
    ("part", "pitch: A4 ¦B4", "'B4' does not belong here"),
    ("part", "pitch: A4 + (¦3 Hz * 2 Hz)", "a frequency * a frequency means nothing"),
    ("part", "pitch: ¦A4 + 3 dB", "a frequency + a level means nothing"),
    ("part", "pitch: ¦C-3", "octaves go from -1 to 9"),
    ("part", "pitch: ¦-A4", "'pitch' goes from 20..8000 Hz, not -440 Hz"),
    ("part", "pitch: ¦panic snap", "'snap' is for pitches"),
    ("part", "pitch: 20 Hz..¦30 kHz", "'pitch' goes from 20..8000 Hz, not 30000 Hz"),
    (
        "part",
        "pitch: ¦10..30 Hz",
        "'pitch' goes from 20..8000 Hz, not 10 Hz; '10' takes the unit Hz from its neighbour",
    ),
    (
        "part",
        "pitch: pick A4 | ¦10 cents",
        "'pitch' wants a frequency such as 440 Hz, 2 kHz or A4, not cents",
    ),
    ("part", "pitch: pick ¦3/2 | 2", "'pitch' wants a frequency such as 440 Hz, 2 kHz or A4"),
    ("part", "pitch: A4 ~ ¦3 dB", "'~' wants a frequency such as 440 Hz, 2 kHz or A4, or %"),
    ("part", "pitch: A4 ~ ¦-3 cents", "'~' wants a width of 0 or more"),
    ("part", "pitch: ¦reset", "'reset' is for scenes and cues"),
    (
        "part",
        "cutoff: ¦180 -> 4 kHz",
        "'cutoff' goes from 20..20000 Hz, not 180000 Hz; '180' takes the unit kHz from its neighbour",
    ),
    (
        "part",
        "cutoff: ¦each 100..200 Hz",
        "'cutoff' is not read once an event, so 'each' cannot draw for it",
    ),
    ("part", "cutoff: 100 Hz -> ¦30 kHz", "'cutoff' goes from 20..20000 Hz, not 30000 Hz"),
    ("part", "cutoff: 100 Hz ->¦ ", "a value is missing here"),
    (
        "part",
        "cutoff: ¦0 -> 400 Hz",
        "'cutoff' goes from 20..20000 Hz, not 0 Hz; '0' takes the unit Hz from its neighbour",
    ),
    (
        "part",
        "cutoff: panic to ¦0..400 Hz",
        "'cutoff' goes from 20..20000 Hz, not 0 Hz; '0' takes the unit Hz from its neighbour",
    ),
    (
        "part",
        "cutoff: panic to ¦100..40 kHz",
        "'cutoff' goes from 20..20000 Hz, not 100000 Hz; '100' takes the unit kHz from its neighbour",
    ),
    ("part", "cutoff: panic to 100..¦x", "a number is wanted here, but there is 'x'"),
    ("part", "cutoff: panic to 0.5¦", "'to' wants a range: to 0..1"),
    ("part", "cutoff: panic from ¦1..1 to 100..200 Hz", "'from' wants two different numbers"),
    ("part", "cutoff: panic from ¦100 Hz..200 Hz to 1..2 kHz", "'from' wants plain numbers"),
    (
        "part",
        "cutoff: ¦panic from 0..1",
        "'cutoff' wants a frequency such as 440 Hz, 2 kHz or A4: map 0..1 with 'to LOW..HIGH'",
    ),
    ("part", "cutoff: ¦1 kHz from 0..1 to 100..200 Hz", "'from' and 'to' map plain numbers"),
    (
        "part",
        "cutoff: 100 -> 200 Hz at 5 s -> 300 Hz at ¦2 s",
        "this point lies before the one it follows",
    ),
    ("part", "cutoff: 100 -> 200 Hz at ¦5", "a time wants a unit: write '5 s'"),
    ("part", "cutoff: 100 -> 200 Hz at ¦5 Hz", "'5 Hz' is no time; s, ms, min, beats, bars, %"),
    ("part", "cutoff: 100 -> 200 Hz over ¦-5 s", "'over' cannot be less than nothing"),
    ("part", "cutoff: 100 -> 200 Hz hold ¦-1 s", "'hold' cannot be less than nothing"),
    ("part", "cutoff: 100 Hz at 5 s¦", "a curve goes on with '->' and a value"),
    ("part", "cutoff: 100 Hz hold 5 s ¦400 Hz", "a curve goes on with '->' and a value"),
    (
        "part",
        "cutoff: 100 -> 200 Hz ¦smoth",
        "'smoth' does not belong here (did you mean 'smooth'?)",
    ),
    ("part", "cutoff: 100 -> 200 Hz ¦lag 2 s", "'lag' in a curve: put what follows in brackets"),
    ("part", "cutoff: 100 -> 200 Hz at 2 s ¦over 3 s", "'over' does not belong here"),
    (
        "part",
        "cutoff: walk 100..200 Hz ¦over 3 s",
        "'per' is missing: walk says how long: walk 0..1 per 10 s",
    ),
    ("part", "cutoff: walk 100..200 Hz per ¦0 s", "'per' must be longer than nothing"),
    ("part", "cutoff: walk 100..200 Hz per ¦10%", "'per' has no length to be a share of"),
    (
        "part",
        "cutoff: lfo ¦sinus 100..200 Hz per 3 s",
        "unknown wave 'sinus' (did you mean 'sine'?)",
    ),
    ("part", "cutoff: lfo sine 100 Hz ¦per 3 s", "'lfo' wants a range: lfo 0..1"),
    ("part", "cutoff: 1e4 ¦H", "unknown unit 'H' (did you mean 'h'?)"),
    ("part", "density: ¦A4", "'density' wants a rate such as 4 /s, 30 /min or 2 Hz, not a note"),
    ("part", "density: ¦3 s", "'density' wants a rate such as 4 /s, 30 /min or 2 Hz, not s"),
    ("part", "density: ¦101 /s", "'density' goes from 0..100 /s, not 101 /s"),
    ("part", "density: ¦-1 /s", "'density' goes from 0..100 /s, not -1 /s"),
    (
        "part",
        "density: panic to 0..10 /s rise 1 s¦",
        "'fall' is missing: 'rise 1 s fall 10 s' says both",
    ),
    ("part", "density: panic to 0..10 /s lag ¦-1 s", "'lag' cannot be less than nothing"),
    ("part", "density: panic to 0..10 /s lag ¦50%", "'lag' has no length to be a share of"),
    ("part", "pulse: ¦500 bpm", "'pulse' goes from 20..240 bpm, not 500 bpm"),
    ("part", "pulse: ¦10 dB", "'pulse' wants a tempo such as 60 bpm, not dB"),
    (
        "part",
        "attack: ¦2",
        "'attack' wants a time such as 2 s, 300 ms or 1:30; only 0 goes without a unit",
    ),
    ("part", "attack: ¦50%", "'attack' wants a time such as 2 s, 300 ms or 1:30, not %"),
    ("part", "attack: ¦1:7", "a time with ':' is written 1:30 or 1:02:03"),
    ("part", "attack: ¦1:70", "'1:70': after a ':' comes 00 to 59"),
    ("part", "attack: ¦0", "'attack' goes from 0.001..10 s, not 0 s"),
    ("part", "detune: ¦5 Hz", "'detune' wants an interval such as 10 cents, 2 st or 1 oct, not Hz"),
    ("part", "detune: ¦13 st", "'detune' goes from -1200..1200 cents, not 1300 cents"),
    ("part", "azimuth: ¦20", "'azimuth' wants an angle such as 30 deg; only 0 goes without a unit"),
    ("part", "bright: ¦2", "'bright' goes from 0..1, not 2"),
    ("part", "bright: ¦150%", "'bright' goes from 0..1, not 1.5"),
    ("part", "bright: ¦.5", "write 0.5, with the leading 0"),
    ("part", "bright: ¦5.", "write 5, or a digit after the point"),
    ("part", "bright: ¦1_0", "digits are written without '_'"),
    ("part", "bright: ¦nan", "'nan' is no number that a score may hold"),
    ("part", "bright: ¦inf", "'inf' is no number that a score may hold"),
    ("part", "bright: ¦1e9", "an exponent goes to 8 at most"),
    (
        "part",
        "bright: ¦11111111111111111111111111111111111111111",
        "a number has at most 40 digits",
    ),
    ("part", "bright: ¦1/0", "a division by 0"),
    ("part", "bright: (¦0 - 8) ^ 0.5", "the result is no finite number"),
    ("part", "bright: (0.5¦", "a ')' is missing here"),
    ("part", "bright: 0.5¦)", "')' does not belong here"),
    ("part", "bright: 0.5 +¦", "a value is missing here"),
    ("part", "bright: 0.5 ¦0.6", "'0.6' does not belong here"),
    ("part", "bright: 0.5 * ¦* 2", "'*' does not belong here: a value is missing before it"),
    (
        "part",
        "bright: ¦panik",
        "unknown arc 'panik' (did you mean 'panic'?; known: panic, surrender, line)",
    ),
    ("part", "bright: 1 - ¦brightness", "unknown arc 'brightness' (known: panic, surrender, line)"),
    ("part", "bright: ¦s", "'s' does not belong here"),
    ("part", "bright: pick 0.1¦", "'pick' wants alternatives: pick 1 | 2"),
    (
        "part",
        "bright: pick 0.1 ¦or 0.2",
        "unknown unit 'or' (known: s, ms, min, h, d, beat, beats, bar, bars, Hz, kHz, dB, LU, LUFS, dBTP, st, cents, cent, oct, bpm, ... (28 in all))",
    ),
    ("part", "bright: each ¦panic", "a number is wanted here, but there is 'panic'"),
    ("part", "bright: ¦each 0.1", "'each' wants a range: each 10..20 s"),
    ("part", "bright: min(panic¦", "a ')' is missing here: min(a | b)"),
    ("part", "bright: max(panic | ¦)", "')' does not belong here: a value is missing before it"),
    ("part", "bright: ¦-12 dB", "'bright' wants a plain number or %, not dB"),
    ("part", "bright: ¦panic + 3 dB", "a number + a level means nothing"),
    ("part", "bright: (((((((((((((((((¦1)))))))))))))))))", "brackets go 16 deep at most"),
    ("part", "bright: -> 1 ¦from 0..1", "'from' in a curve: put what follows in brackets"),
    (
        "part",
        'bright: "0.5¦,"',
        "a value has no comma: write 1.5 with a point, alternatives with '|'",
    ),
    ("part", "bright: panic¦.1", "write 0.1, with the leading 0"),
    ("part", "bright: ¦panic.x", "unknown source of data 'panic' (there are none)"),
    (
        "part",
        'bright: "0.5 ¦x"',
        "unknown unit 'x' (known: s, ms, min, h, d, beat, beats, bar, bars, Hz, kHz, dB, LU, LUFS, dBTP, st, cents, cent, oct, bpm, ... (28 in all))",
    ),
    (
        "part",
        "bright: [{at: 0, value: 0}, {at: 1 s, value: 1, ¦shap: step}]",
        "unknown key 'shap' in a point (did you mean 'shape'?)",
    ),
    ("part", "bright: ¦[{at: 0, value: 0}]", "a curve wants two points or more"),
    ("part", "bright: 0.5 ¦#5", "a comment is '# ' with a space; this cuts the line"),
    (
        "part",
        "¦brigth: 0.5",
        "unknown parameter 'brigth' for module 'wasps' (did you mean 'bright'?)",
    ),
    (
        "part",
        "¦Bright: 0.5",
        "unknown parameter 'Bright' for module 'wasps' (did you mean 'bright'?)",
    ),
    (
        "part",
        "¦zzz: 0.5",
        "unknown parameter 'zzz' for module 'wasps' (known: level, pan, pitch, cutoff, density, pulse, attack, detune, tilt, azimuth, bright, surrender, panic, voices, reversed, song, label, say, after, module, ... (28 in all))",
    ),
    ("part", "voices: ¦0", "'voices' goes from 1 to 64, not '0'"),
    ("part", "voices: ¦65", "'voices' goes from 1 to 64, not '65'"),
    ("part", "voices: ¦3.5", "'voices' wants a whole number, not '3.5'"),
    ("part", "voices: ¦8 -> 9", "'voices' wants a whole number, not '8 -> 9'"),
    ("part", "reversed: ¦yes", "'reversed' wants true or false, not 'yes'"),
    (
        "part",
        "song: ¦cradel",
        "unknown song 'cradel' (did you mean 'cradle'?; known: cradle, street, none)",
    ),
    ("part", "after: ¦b", "unknown part 'b' (known: a)"),
    ("part", "label: ¦", "'label' wants a text"),
    ("part", "preset: ¦none-such", "unknown preset 'none-such' of 'wasps' (there are none)"),
    ("part", "preset: ¦../x", "preset '../x': a name is small letters, digits, - and _"),
    ("part", "into: ¦hal", "unknown bus 'hal' (did you mean 'hall'?; known: master, hall)"),
    ("part", "send: {¦hal: -6 dB}", "unknown bus 'hal' (did you mean 'hall'?; known: hall)"),
    (
        "part",
        "send: {hall: ¦-6}",
        "'send' wants a level such as -12 dB; only 0 goes without a unit",
    ),
    ("part", "send: ¦hall", "'send' wants a table such as {key: value}"),
    ("part", "duck: {¦a: 4 dB}", "'a' cannot give way to itself"),
    ("part", "duck: {¦hall: 4 dB}", "unknown part 'hall' (there are none)"),
    ("part", "duck: ¦4 dB", "'duck' wants a table such as {key: value}"),
    ("part", "midi: ¦on", "'midi' wants off, or a table such as {channel: 3, program: 12}"),
    ("part", "midi: {¦chanel: 3}", "unknown key 'chanel' in 'midi' (did you mean 'channel'?)"),
    ("part", "midi: {channel: ¦16}", "channel 16 is that of the arcs"),
    ("part", "midi: {channel: ¦0}", "'channel' goes from 1 to 16, not '0'"),
    ("part", "midi: {program: ¦129}", "'program' goes from 1 to 128, not '129'"),
    ("part", "midi: {bank: ¦x}", "'bank' wants a whole number, not 'x'"),
    ("part", "each: ¦web", "unknown source of data 'web' (there are none)"),
    ("part", "¦at_most: 3 /s", "'at_most' belongs to an 'each'"),
    ("part", "bright: 1, ¦bright: 0.5", "the key 'bright' stands here twice (first on line 8)"),
    ("stay", "¦voices: 3", "'voices' is fixed: say it where module 'wasps' is defined"),
    ("stay", "enter: ¦soon", "a number is wanted here, but there is 'soon'"),
    ("stay", "enter: over ¦5", "a time wants a unit: write '5 s'"),
    ("stay", "enter: 2 s ¦ove 3 s", "'ove' does not belong here (did you mean 'over'?)"),
    ("stay", "leave: over ¦-3 s", "'over' cannot be less than nothing"),
    ("stay", "leave: 2 s..¦1 s", "the second time is earlier than the first"),
    ("stay", "leave: 2 beats..¦9 s", "both times want the same unit as '2 beats'"),
    (
        "stay",
        "¦enterr: 2 s",
        "unknown parameter 'enterr' for module 'wasps' (did you mean 'enter'?)",
    ),
    ("stay", "duck: {¦a: 1 dB}", "'a' cannot give way to itself"),
    ("stay", "duck: {¦b: 1 dB}", "unknown part 'b' (there are none)"),
    ("stay", "level: -> ¦-12", "'level' wants a level such as -12 dB; only 0 goes without a unit"),
    ("stay", "level: ¦reset now", "'reset' does not belong here"),
    ("stay", "level: -> ¦level ^ 2", "a level ^ a number means nothing"),
    ("stay", "bright: 0.5 -> ¦reset", "'reset' does not belong here"),
    ("cue", "{at: ¦5, mark: x}", "a time wants a unit: write '5 s'"),
    ("cue", "¦{at: 5 s}", "this cue does nothing: say 'set', 'kick', 'mark' or 'do'"),
    ("cue", "¦{mark: x}", "a cue wants one of 'at', 'when', 'every', 'each'"),
    ("cue", "{every: ¦3, mark: x}", "a time wants a unit: write '3 s'"),
    ("cue", "{every: ¦0 s, mark: x}", "'every' must be longer than nothing"),
    ("cue", "{at: 3 s, ¦every: 3 s, mark: x}", "a cue wants one of 'at', 'when', 'every', 'each'"),
    ("cue", "{each: ¦web, mark: x}", "unknown source of data 'web' (there are none)"),
    *[("cue", f"{{at: 5 s, {text}}}", message) for text, message in ASKED],
    ("cue", "{when: ¦panic, mark: x}", "'when' wants an arc and a level, such as panic > 0.8"),
    (
        "cue",
        "{when: ¦pnic > 0.8, mark: x}",
        "unknown arc 'pnic' (did you mean 'panic'?; known: panic, surrender, line)",
    ),
    ("cue", "{when: panic > ¦8, mark: x}", "'when panic' goes from 0..1, not 8"),
    ("cue", "{when: panic > ¦0.4 + 8, mark: x}", "'when panic' goes from 0..1, not 8.4"),
    ("cue", "{when: panic > ¦0..1, mark: x}", "'when' wants one plain number, such as 0.8"),
    ("cue", "{at: 3 s, ¦back: 0.1, mark: x}", "'back' belongs to a 'when'"),
    ("cue", "{when: panic > 0.8, back: ¦3 s, mark: x}", "'back' wants a plain number or %, not s"),
    ("cue", "{when: panic > 0.8, rest: ¦3, mark: x}", "a time wants a unit: write '3 s'"),
    (
        "cue",
        "{at: 5 s, set: {¦panik: 1}}",
        "unknown arc 'panik' (did you mean 'panic'?; known: panic, surrender, line); a part's value is PART.PARAMETER",
    ),
    (
        "cue",
        "{at: 5 s, set: {a.¦cutof: 1 kHz}}",
        "unknown parameter 'cutof' for module 'wasps' (did you mean 'cutoff'?)",
    ),
    (
        "cue",
        "{at: 5 s, set: {¦b.cutoff: 1 kHz}}",
        "unknown part or bus 'b' (known: a, hall, master)",
    ),
    (
        "cue",
        "{at: 5 s, set: {a.¦voices: 3}}",
        "'voices' is fixed: say it where module 'wasps' is defined",
    ),
    (
        "cue",
        "{at: 5 s, set: {a.cutoff: -> ¦1 kHz}}",
        "there is no length here: say 'over 2 s' or 'at 2 s'",
    ),
    ("cue", "{at: 5 s, set: {a.cutoff: -> 1 kHz at ¦10%}}", "'at' has no length to be a share of"),
    (
        "cue",
        "{at: 5 s, set: {a.cutoff: -> 1 kHz over ¦10%}}",
        "'over' has no length to be a share of",
    ),
    (
        "cue",
        "{at: 5 s, set: {hall.¦dcay: 1 s}}",
        "unknown parameter 'dcay' for effect 'hall' (did you mean 'decay'?)",
    ),
    (
        "cue",
        "{at: 5 s, kick: {panic: 0.3¦}}",
        "'over' is missing: a kick says over how long it fades",
    ),
    ("cue", "{at: 5 s, kick: {panic: ¦2 over 3 s}}", "'kick panic' goes from -1..1, not 2"),
    (
        "cue",
        "{at: 5 s, kick: {panic: ¦0.1..0.2 over 3 s}}",
        "a kick is a plain number, such as 0.3 over 8 s",
    ),
    ("cue", "{at: 5 s, kick: {panic: 0.3 over ¦0 s}}", "'over' must be longer than nothing"),
    (
        "cue",
        "{at: 5 s, kick: {¦a: 0.3 over 1 s}}",
        "unknown arc 'a' (known: panic, surrender, line); kicks are for arcs",
    ),
    ("cue", "{at: 5 s, ¦with: {x: 1}, mark: x}", "'with' are the words of a 'do'"),
    ("cue", "{at: 5 s, mark: x, ¦mark: y}", "the key 'mark' stands here twice (first on line 11)"),
    ("cue", "{at: 5 s, ¦marc: x}", "unknown key 'marc' in a cue (did you mean 'mark'?)"),
    ("cue", "¦soon", "a cue wants a table such as {key: value}"),
]

SCORES = [
    (
        "lullaby: 1\nparts:\n  a: {module: hum, duck: {¦b: 4 dB}}\n  b: {module: hum, duck: {c: 2 dB}}\n"
        "  c: {module: wasps, after: a}\nscenes: [{scene: x, for: 1 s}]",
        "part 'a' follows itself in a circle: a -> b -> c -> a",
    ),
    (
        "lullaby: 1\nparts:\n  a: {module: wasps, after: ¦a}\nscenes: [{scene: x, for: 1 s}]",
        "part 'a' follows itself in a circle: a -> a",
    ),
    (
        "lullaby: 1\nparts:\n  a: {module: wasps, after: ¦b}\n  b: {module: hum}\n"
        "scenes: [{scene: x, for: 1 s, play: {b: {duck: {a: 3 dB}}}}]",
        "part 'a' follows itself in a circle: a -> b -> a",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum, duck: {¦bb: 4 dB}}, bbb: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "unknown part 'bb' (did you mean 'bbb'?; known: bbb)",
    ),
    *[
        (
            f"lullaby: 1\nparts: {{a: {{module: hum, duck: {{b: {depth}}}}}, b: {{module: hum}}}}\n"
            "scenes: [{scene: x, for: 1 s}]",
            message,
        )
        for depth, message in (
            ("¦4", "'duck' wants a level such as -12 dB; only 0 goes without a unit"),
            ("¦-4 dB", "'duck' goes from 0..60 dB, not -4 dB"),
            ("¦61 dB", "'duck' goes from 0..60 dB, not 61 dB"),
            ("¦4 s", "'duck' wants a level such as -12 dB, not s"),
        )
    ],
    (
        TWO % ""
        + "cues: [{at: 1 s, do: all.sigh, with: {¦fall: 1 st}}]\nscenes: [{scene: x, for: 1 s}]",
        "unknown word 'fall' for gesture 'sigh' of module 'hum' (known: over, depth)",
    ),
    (
        TWO % ""
        + "cues: [{at: 1 s, do: all.sigh, with: {over: ¦15 s}}]\nscenes: [{scene: x, for: 1 s}]",
        "'over' goes from 0.5..10 s, not 15 s",
    ),
    (
        TWO % "" + "cues: [{at: 1 s, do: a.¦buzz}]\nscenes: [{scene: x, for: 1 s}]",
        "unknown gesture 'buzz' of module 'hum' (known: sigh)",
    ),
    (
        "lullaby: 1\nparts: {a: {module: ¦zum}}\ncues: [{at: 1 s, do: a.roar, with: {x: 1}}]\n"
        "scenes: [{scene: x, for: 1 s}]",
        "unknown module 'zum' (did you mean 'hum'?; known: hum, wasps)",
    ),
    (LOOP % ("", "{at: 3 s, " + HALF % "¦" + "}", "", "drift"), UNSET),
    (
        LOOP % ("", "{every: 3 s, " + HALF % "¦" + "}", "arc: {heat: -> heat * 0.9},", "drift"),
        UNSET,
    ),
    (LOOP % ("", "{when: panic > 0.6, " + HALF % "¦" + "}", "arc: {panic: 1},", "drift"), UNSET),
    (LOOP % ("{every: 40 s, " + HALF % "¦" + "}", "", "", "drift"), UNSET),
    (
        LOOP % ("", "{at: 3 s, " + HALF % "¦" + "}", "arc: {heat: 1},", "stop"),
        UNSET.replace(", 'tide'", ""),
    ),
    (
        "lullaby: ¦2\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "this reads version 1 of the language, not '2'",
    ),
    ("¦parts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]", "'lullaby: 1' is missing"),
    ("¦lullaby: 1\nparts: {a: {module: hum}}", "'scenes' is missing"),
    (
        "lullaby: 1\n¦titel: x\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "unknown key 'titel' in a score (did you mean 'title'?)",
    ),
    (
        "lullaby: 1\nseed: ¦x\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'seed' wants a whole number, not 'x'",
    ),
    (
        "lullaby: 1\nseed: ¦-1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'seed' goes from 0 to 9223372036854775807, not '-1'",
    ),
    (
        "lullaby: 1\ndata: {w: {file: ¦x.csv}}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "a score without a folder cannot read data",
    ),
    (
        "lullaby: 1\nsignals: {¦load: {}}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "signal 'load' wants 'from', such as from: web.ms",
    ),
    (
        "lullaby: 1\nclock: {bpm: ¦0}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'bpm' goes from 0.01..1000 bpm, not 0 bpm",
    ),
    (
        "lullaby: 1\nclock: {meter: ¦4}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'meter' wants beats and note value, such as 4/4 or 6/8",
    ),
    (
        "lullaby: 1\ntuning: ¦juste\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "unknown scale 'juste' (did you mean 'just'?; known: just, just-minor, dorian, phrygian, lydian, mixolydian, pentatonic, overtones, pythagorean, chromatic, whole-tone)",
    ),
    (
        "lullaby: 1\ntuning: {scale: ¦[2, 1]}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "the degrees of a scale rise",
    ),
    (
        "lullaby: 1\ntuning: {root: ¦2}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'root' wants a frequency such as 440 Hz, 2 kHz or A4; only 0 goes without a unit",
    ),
    (
        "lullaby: 1\nmaster: {ceiling: ¦1 dBTP}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'ceiling' goes from -60..0 dBTP, not 1 dBTP",
    ),
    (
        "lullaby: 1\nmaster: {ceiling: ¦-1 dB}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'ceiling' wants a true peak such as -1 dBTP, not dB",
    ),
    (
        "lullaby: 1\nmaster: {tail: ¦long}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "a number is wanted here, but there is 'long'",
    ),
    (
        "lullaby: 1\narc: {¦Panic: 0.5}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "arc 'Panic': a name is small letters, digits and _ (64 at most)",
    ),
    (
        "lullaby: 1\narc: {¦min: 0.5}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "arc 'min': this is a word or unit of the language",
    ),
    (
        "lullaby: 1\narc: {panic: ¦2}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'panic' goes from 0..1, not 2",
    ),
    (
        "lullaby: 1\narc: {panic: {value: 0.5, cc: ¦128}}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'cc' goes from 0 to 127, not '128'",
    ),
    (
        "lullaby: 1\nbuses: {x: {into: ¦y}, y: {into: z}, z: {into: x}}\n"
        "parts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "bus 'x' feeds itself in a circle: x -> y -> z -> x",
    ),
    (
        "lullaby: 1\nbuses: {w: {into: x}, x: {send: {¦y: -3 dB}}, y: {into: x}}\n"
        "parts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "bus 'x' feeds itself in a circle: x -> y -> x",
    ),
    (
        "lullaby: 1\narc: {panic: ¦panic}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "arc 'panic' follows itself in a circle",
    ),
    (
        "lullaby: 1\narc: {panic: ¦each 0..1}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'panic' is not read once an event, so 'each' cannot draw for it",
    ),
    (
        "lullaby: 1\nbuses: {hall: {effect: ¦hal}}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "unknown effect 'hal' (did you mean 'hall'?; known: hall)",
    ),
    (
        "lullaby: 1\nbuses: {hall: {effect: hall, lines: ¦2}}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "'lines' goes from 4 to 16, not '2'",
    ),
    (
        "lullaby: 1\nbuses: {¦master: {}}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "bus 'master': this name is taken",
    ),
    (
        "lullaby: 1\nparts: {a: {module: ¦wasp}}\nscenes: [{scene: x, for: 1 s}]",
        "unknown module 'wasp' (did you mean 'wasps'?; known: hum, wasps)",
    ),
    (
        "lullaby: 1\nparts: {a: {module: ¦wasp}}\nscenes: [{scene: x, for: 1 s, play: {a: {anything: 3 dB}}}]",
        "unknown module 'wasp' (did you mean 'wasps'?; known: hum, wasps)",
    ),
    (
        "lullaby: 1\nparts: {¦a: {level: 0 dB}}\nscenes: [{scene: x, for: 1 s}]",
        "'module' is missing",
    ),
    (
        "lullaby: 1\nparts: {¦a-b: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "part 'a-b': a name is small letters, digits and _ (64 at most)",
    ),
    (
        "lullaby: 1\nbuses: {a: {}}\nparts: {¦a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "the name 'a' is defined twice",
    ),
    (
        "lullaby: 1\nparts: ¦[a]\nscenes: [{scene: x, for: 1 s}]",
        "'parts' wants a table such as {key: value}",
    ),
    (
        "lullaby: 1\nparts: {a: ¦}\nscenes: [{scene: x, for: 1 s}]",
        "part 'a' says nothing; a table such as {key: value} is wanted",
    ),
    ("lullaby: 1\nparts: {a: {module: hum}}\nscenes: ¦[]", "'scenes' wants a list: - scene: NAME"),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [¦{for: 1 s}]",
        "a scene wants a name: 'scene: NAME'",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{¦scene: x}]",
        "a scene wants a length: 'for: 30 s'",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: ¦30}]",
        "a time wants a unit: write '30 s'",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: ¦0 s}]",
        "'for' must be longer than nothing",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: ¦10%}]",
        "'for' has no length to be a share of",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: ¦8 d}]",
        "a time is 7 days at most",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}, {scene: ¦x, for: 1 s}]",
        "there are two scenes called 'x'",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: ¦stop, for: 1 s}]",
        "a scene cannot be called 'stop'",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, fade: ¦-1 s}]",
        "'fade' cannot be less than nothing",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, keep: [¦b]}]",
        "unknown part 'b' (known: a)",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, arc: {¦panik: 1}}]",
        "unknown arc 'panik' (there are none)",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, play: {¦b: enter}}]",
        "unknown part 'b' (known: a)",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, play: {a: ¦entre}}]",
        "'a' wants enter, leave or a table {enter: , ...}",
    ),
    (
        "lullaby: 1\nbuses: {b: {}}\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, play: {¦b: enter}}]",
        "'b' is a bus: its values go under 'mix'",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, mix: {¦a: {level: 0 dB}}}]",
        "'a' is a part: its values go under 'play'",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, mix: {master: {¦wdth: 1}}}]",
        "unknown parameter 'wdth' for the master (did you mean 'width'?)",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, next: ¦y}]",
        "unknown scene 'y' (known: x, stop)",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, next: pick x | ¦y}]",
        "unknown scene 'y' (known: x, stop)",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, repeat: ¦0}]",
        "'repeat' goes from 1 to 10000, not '0'",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, ¦paly: {}}]",
        "unknown key 'paly' in a scene (did you mean 'play'?)",
    ),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s, cues: ¦{at: 1 s}}]",
        "'cues' wants a list: - {at: 6 s, ...}",
    ),
    (
        "lullaby: 1\ninclude: [¦../x.yaml]\nparts: {a: {module: hum}}\nscenes: [{scene: x, for: 1 s}]",
        "a score without a folder cannot include files",
    ),
    (
        "lullaby: 1\ntitle: ¦&x y\nparts: {a: {module: hum}}",
        "anchors ('&x') are not allowed in a score",
    ),
    ("lullaby: 1\ntitle: ¦*x", "aliases ('*x') are not allowed in a score"),
    (
        "lullaby: 1\ntitle: ¦!!python/object:os.system x",
        "tags ('tag:yaml.org,2002:python/object:os.sy...') are not allowed in a score",
    ),
    ("lullaby: 1\ntitle: ¦!x y", "tags ('!x') are not allowed in a score"),
    ("lullaby: 1\nparts: {¦<<: {a: 1}}", "merge keys ('<<') are not allowed in a score"),
    ("lullaby: 1\n¦---\nlullaby: 1", "a file holds one score; '---' begins a second"),
    ("lullaby: 1\n¦\ttitle: x", "indent with spaces, not with tabs (it belongs to line 1)"),
    ("lullaby: 1\ntitle: a¦: b", "': ' cannot stand here; put text that holds it in quotes"),
    ("lullaby: 1\ntitle: a¦\u202eb", "the character U+202E is not allowed in a score"),
    ("lullaby: 1\nparts: {a: [1, 2¦}", "a ']' is missing here, or a comma before it"),
    ("lullaby: 1\n title¦: x", "': ' cannot stand here; put text that holds it in quotes"),
    ("lullaby: 1\ntitle: ¦@x", "a value cannot begin with this character; put it in quotes"),
    (
        "lullaby: 1\nparts: {a: {module: hum}}\nscenes: [{? ¦[a] : b, scene: x, for: 1 s}]",
        "a key is a plain word, not a list or a table",
    ),
    ("¦just a text", "a score wants a table such as {key: value}"),
    ("¦[1, 2]", "a score wants a table such as {key: value}"),
]
