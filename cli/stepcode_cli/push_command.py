"""The words of `stepcode push`; its body imports the flow and calls it."""

from typing import Annotated

import typer


def push(
    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="A dataset, or the folder of a training run.")
    ],
    repo_id: Annotated[
        str, typer.Option("--repo-id", metavar="USER/NAME", help="Where it goes on the Hub.")
    ],
    private: Annotated[
        bool, typer.Option("--private", help="Make a new repository private.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the card and the files; no network.")
    ] = False,
) -> None:
    """Publish a dataset or a trained model on the Hugging Face Hub.

    Every file is compared with the manifest, licences are checked, the card is written; all goes up
    in one commit, and is loaded back from there. Run again, an interrupted push goes on. What is
    written between the marks of DIR/README.md stays in the card.

    The token is that of HF_TOKEN or of `hf auth login`; HF_ENDPOINT names another Hub.

    \b
    Examples:
      stepcode push out/mine --repo-id alice/traces --dry-run
      stepcode push out/mine --repo-id alice/traces --private
      stepcode push out/run --repo-id alice/stepper
    """
    from stepcode_cli.push import push as publish

    raise typer.Exit(publish(directory, repo_id=repo_id, private=private, dry_run=dry_run))
