"""What a multidisciplinary team did, as FHIR."""
