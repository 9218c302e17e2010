"""Planning: who, when, where. Solvers that search for a timetable; nothing here is learned."""
