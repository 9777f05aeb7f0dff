"""Which feature answers which request: a module for each group of features, found by `registry.load`.

Begin with `navigation.py`.
"""
