"""What each partner of the demonstration place sends of its people, as a real partner's files."""
