"""What partners push over FHIR, each bundle filed while its sender waits."""
