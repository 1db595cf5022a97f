"""The multidisciplinary team's work as FHIR R4; no ratified profile of a community team's meeting exists."""
