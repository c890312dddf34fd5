"""What runs in the sandbox beside a subject program: standard library only, nothing of stepcode's.

`reval/bundle.py` sends these files there as text; they import each other and nothing else of this
project.
"""
