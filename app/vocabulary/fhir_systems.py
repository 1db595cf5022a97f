"""The systems by which FHIR R4 names identifiers and codes, each as its publisher writes it; and ours."""

from typing import Final

NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
ODS_ORGANISATION: Final = "https://fhir.nhs.uk/Id/ods-organization-code"
ODS_SITE: Final = "https://fhir.nhs.uk/Id/ods-site-code"

SNOMED_CT: Final = "http://snomed.info/sct"
ICD_10: Final = "http://hl7.org/fhir/sid/icd-10"
OPCS_4: Final = "https://fhir.hl7.org.uk/CodeSystem/OPCS-4"
LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"

TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem"
"""What the addresses of HL7's own code systems begin with."""

ACT_CODE: Final = f"{TERMINOLOGY}/v3-ActCode"
CONFIDENTIALITY: Final = f"{TERMINOLOGY}/v3-Confidentiality"
OBSERVATION_CATEGORY: Final = f"{TERMINOLOGY}/observation-category"

DATA_ABSENT_REASON: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

OURS: Final = "https://pisano.example/fhir"
SENSITIVITY: Final = f"{OURS}/CodeSystem/sensitivity"
