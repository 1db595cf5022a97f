"""Telling partners' systems what happened, without telling of whom."""
