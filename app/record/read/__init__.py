"""What is answered of it: decided at the door, and told to the trail first."""
