"""What is otherwise than usual for one person: an opening, an objection, a relationship that staff make."""
