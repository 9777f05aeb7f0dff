"""The decision log: what evaluations answered, a line of JSON each. It is no part of the trail."""
