"""The nouns and promises of the house: values and protocols that do no work.

Every other room may import this one; this one imports none. Start with `tasks` (the question), `predictors`
(the model), `packages` (what passes from makers to runners) and `services` (what callers meet).
"""
