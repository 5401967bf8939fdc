"""Figures of this installation, each beside the machine's own limit measured in the same run.

``./zhixing bench [names] [--cases N …]`` prints one JSON object a line; progress goes to stderr.
"""
