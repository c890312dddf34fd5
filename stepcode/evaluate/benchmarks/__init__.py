"""The public benchmarks, each scored as its own harness scores it; one module each."""
