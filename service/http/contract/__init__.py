"""What requests and answers look like, and what a route is.

Shapes (`shapes.py`), bodies, queries, answers, errors (`problems.py`), routes (`routes.py`), and the OpenAPI
document that is made of them.

Begin with `routes.py`, `shapes.py`.
"""
