"""The figures that the product promises, each measured against something else in the same run.

`python -m tests.benchmarks` prints them all, with their bars, and ends with 1 if one does not hold;
`--only NAME` (may be repeated) chooses. They are no part of pytest: a busy machine makes no test fail.

A figure that compares two programs runs them in turn, as whole processes, and quotes the median of the ratios pair by
pair, so that it holds while the machine's speed drifts. What needs a disk works in the cache folder of the tests'
servers, since a temporary folder may be memory, where a commit costs nothing.
"""
