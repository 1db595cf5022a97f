"""What follows from things that are as they are: when a team meets, whom it lists, who fills a seat. Pure."""
