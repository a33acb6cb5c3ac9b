"""Studies: many trainings over lengths, seeds and anything else, their execution and their store."""
