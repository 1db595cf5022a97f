"""Pisano: a shared care record and MDT meeting service; `docs/architecture.md` is the map of this package."""
