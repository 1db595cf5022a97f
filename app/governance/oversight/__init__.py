"""Answering for the past: who saw a person, why they could, and what the trail tells."""
