"""The durable memory: jobs, their questions and their answers, kept privately and deleted in time."""
