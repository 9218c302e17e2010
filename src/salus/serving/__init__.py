"""From a verified package to a service that answers: engine, pools, guard, service, catalogue."""
