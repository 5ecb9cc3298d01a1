"""Fuzzing of what reads people's files, run by hand: `python -m tests.fuzzing --minutes 5`.

Good and bad calendars, settings and files of days are damaged in the ways that people and programs damage them
(`mutation.py`), and read. What must hold of each is in `promises.py`: nothing fails, no place lies outside the file, no
word of a text is lost without a word said, and nothing takes long.
"""
