"""The JSON that programs and pages ask of this service beside FHIR: `/api`."""
