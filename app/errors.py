"""The one root of what can go wrong in the domain; a refusal is a value and has no class here."""


class DomainError(Exception):
    """A request that cannot be carried out. The message says what is wrong and what to do, without personal data."""
