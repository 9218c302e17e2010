"""The integrated healthcare timetabling problem: admissions, rooms, theatres and nurses at once (IHTC 2024)."""
