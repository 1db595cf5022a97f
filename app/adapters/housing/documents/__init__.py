"""How a housing feed is written, and parted into rows: JSON, the tables of the standards, or a council's own CSV."""
