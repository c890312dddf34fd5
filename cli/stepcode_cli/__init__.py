"""The command line: parse, call one flow, print what it returns."""
