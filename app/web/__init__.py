"""What people's browsers are answered."""
