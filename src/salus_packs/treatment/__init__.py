"""Which option, and how much: hormone therapy, two generated demonstrations, and the dose of warfarin."""
