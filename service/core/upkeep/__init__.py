"""What is done for the record itself: policies change, checkpoints are signed, bodies go."""
