"""Results that exist: what other programs have noted of their trainings, read as one table of runs."""
