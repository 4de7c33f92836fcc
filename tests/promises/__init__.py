"""What the program promises to those who leave it alone; each room tests one kind of trouble.

A test measures with the real command, in small in every test run and in large with `--large`,
asserts what is promised, and says the figure with `promise(words, figure)`.
"""
