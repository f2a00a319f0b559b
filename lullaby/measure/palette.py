"""The colours of the house: panic burns, surrender is cool, on a night sky."""

NIGHT, INK, DIM, HAIR = "#0b0d14", "#e9e6df", "#8b90a0", "#262b3a"
EMBER, TEAL = "#ff7a45", "#5ec8c0"
CURVES = {"panic": EMBER, "surrender": TEAL}
OTHERS = ("#b58cff", "#f2c14e", "#7aa2ff", "#e879b4")
# from the night up: what burns, and what has come to rest
HOT = ("#0b0d14", "#2a1023", "#6d1a36", "#c2393a", "#ff7a45", "#ffc27a", "#fff3d9")
COOL = ("#0b0d14", "#0e1c33", "#12405a", "#1f7a86", "#5ec8c0", "#b7e8cf", "#fbfff0")
