"""What a service is told: `service.toml`, its models, and how what is wrong in it is said.

What is wrong is said with its line; secrets come from files and the environment.

Begin with `models.py`, `read.py`.
"""
