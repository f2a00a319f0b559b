"""lullaby: generative ambient audio and sonification."""
