"""The answer to one sample as JSON: one file a kind of question, with the structures that it writes."""
