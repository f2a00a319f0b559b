"""Signal arithmetic on arrays: compiled kernels on the 64-frame grid. Knows no music."""
