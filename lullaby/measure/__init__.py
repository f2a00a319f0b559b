"""What a listener would notice, as numbers over time. Arrays in; knows nothing of scores."""
