"""The listeners: who may ask, how much, in which protocol; every route is translated into a `ModelService` call."""
