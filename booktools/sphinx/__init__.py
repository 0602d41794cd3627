"""Extensions of Sphinx: what the pages of this book need beyond it."""
