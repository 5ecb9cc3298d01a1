"""Social media campaigns of public bodies: planned in YAML, previewed exactly, posted once and recorded."""

__version__ = "0.1.0"
