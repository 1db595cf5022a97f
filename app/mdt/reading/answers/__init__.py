"""What a team is answered, field by field: as JSON has it, as commands print it and as pages are made of it.

`person` is who somebody is (names and day of birth, as FHIR has them), `None` where whoever asks may not read it.
Instants are in UTC, days London's.
"""
