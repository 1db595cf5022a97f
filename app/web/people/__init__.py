"""Pages about one person: finding them, their record and plan, and what is otherwise than usual for them."""
