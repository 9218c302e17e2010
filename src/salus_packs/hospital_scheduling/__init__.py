"""Who is admitted when, in which room and theatre, and who cares for them: a hospital's timetable."""
