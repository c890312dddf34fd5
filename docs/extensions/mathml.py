"""Equations as MathML, written while the pages are built, so that they load nothing to show them.

docutils has the converter, and Sphinx needs docutils anyway. What it does not know is an error of
the build and not a red word on the page.
"""

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def _write_inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _write_displayed(writer: HTML5Translator, node: nodes.math_block) -> None:
    # An equation may be wider than a telephone.
    equation = tex2mathml(node.astext(), as_block=True)
    writer.body.append(
        f'<div class="math" style="overflow: auto hidden; padding: 0.5em 0">{equation}</div>'
    )
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the renderer to `html_math_renderer`."""
    app.add_html_math_renderer("mathml", (_write_inline, None), (_write_displayed, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
