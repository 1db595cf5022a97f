"""Signing in and out, and what is kept for whoever has to sign in again."""
