"""Train more seeds until a question is answered."""
