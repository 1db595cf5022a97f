"""Pages of a team between its meetings: what waits, triage, the caseload, actions, and what it measures of itself."""
