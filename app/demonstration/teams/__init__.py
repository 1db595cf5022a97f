"""What the place's teams did in a year: whom they heard of, met about, and wrote of."""
