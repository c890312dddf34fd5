"""What is put between a program and the machine: scripts that run before the zygote does.

`stage.py` is started by launch.py, closes every door and then becomes the zygote. Standard library
only: nothing here is imported by stepcode itself.
"""
