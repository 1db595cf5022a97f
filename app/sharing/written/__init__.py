"""What an agreement file may say, read and checked line by line. Pure but for reading files."""
