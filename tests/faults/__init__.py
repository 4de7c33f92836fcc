"""Saboteurs: each stands in for the road of a page in a worker process and breaks in one way."""
