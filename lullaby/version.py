"""Which lullaby this is, as it signs files."""

__version__ = "0.1.0"

SOFTWARE = f"lullaby {__version__}"
