"""The tests that policies hold: run, and judged by what they show of the rules."""
