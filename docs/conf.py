"""How the documentation is built: `make docs`, without a network and without torch."""

import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
# The sources beside this file, whatever is installed.
sys.path[:0] = [str(_ROOT / part) for part in ("docs/extensions", ".", "cli", "pipelines")]

import stepcode

project = "stepcode"
author = "The stepcode authors"
copyright = author  # Sphinx's own name for it
release = version = stepcode.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "commands", "docstrings", "mathml"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
# What a single backtick holds in a docstring: a link if it names something near, else code.
default_role = "py:obj"

# Extras; what is written of them needs none of them.
autodoc_mock_imports = ["accelerate", "peft", "ray", "safetensors", "scipy", "tokenizers"]
autodoc_mock_imports += ["torch", "transformers", "trl", "vllm"]
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80

html_theme = "furo"
html_title = f"stepcode {release}"
html_math_renderer = "mathml"
html_show_copyright = False
html_show_sphinx = False
