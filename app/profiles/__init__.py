"""FHIR checks: what a resource must be before it is taken. `fhir_profiles/` says what; this enforces it."""
