"""Figures: each beside a floor that does the same with nothing in between, measured in the same run.

Absolute times say something of the machine; only ratios say something of Pisano.
"""
