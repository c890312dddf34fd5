"""The directive `commands`: every command of `stepcode` with the help that it prints."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from typer.main import get_group

from stepcode_cli.main import app as typer_app

_COLUMNS = 80


class Commands(SphinxDirective):  # type: ignore[misc]  # Sphinx is an extra
    """A section for each command, in the order of `stepcode --help`."""

    def run(self) -> list[nodes.Node]:
        """Ask each command for its help, as `--help` does."""
        group = get_group(typer_app)
        whole = group.context_class(group, info_name="stepcode", terminal_width=_COLUMNS)
        sections: list[nodes.Node] = [_literal(group.get_help(whole))]
        for name, command in group.commands.items():
            context = group.context_class(
                command, parent=whole, info_name=name, terminal_width=_COLUMNS
            )
            title = f"stepcode {name}"
            section = nodes.section(ids=[nodes.make_id(title)], names=[title])
            section += [nodes.title(text=title), _literal(command.get_help(context))]
            sections.append(section)
        return sections


def _literal(text: str) -> nodes.literal_block:
    return nodes.literal_block(text, text, language="text")


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the directive to every page."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
