"""What a whole class did with an assignment, as pages for the instructor."""
