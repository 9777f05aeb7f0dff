"""The service as a process: it reads its settings, opens its store, loads policies, serves, and ends in order.

Beside it: keys, workers, how policies are taken up (`live.py`), what is done beside answering (`chores.py`),
candidates, the people of the settings (`people.py`), notices to them (`notices.py`), by mail (`mailing.py`).

Begin with `process.py`, `live.py`.
"""
