"""Tests of the documentation, and what they share."""
