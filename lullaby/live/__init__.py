"""A session on the speakers: transport, the ring of finished blocks, hands, the screen."""
