"""What keeps the book: reading and judging its notebooks, its commands, and its pages (`sphinx`)."""
