"""What somebody fills in: read within bounds, as the form has it, told what is wrong, and filled in again."""
