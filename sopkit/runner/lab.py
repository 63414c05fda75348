"""JupyterLab for the notebooks: local only, and never without a token."""

import sys
from collections.abc import Sequence

from jupyterlab.labapp import LabApp


def main(arguments: Sequence[str] | None = None) -> None:
    """Start JupyterLab as `jupyter lab` does, after checking that its settings are safe."""
    server = LabApp.initialize_server(sys.argv[1:] if arguments is None else arguments)
    refuse_open(server.ip, server.identity_provider.auth_enabled)
    server.start()


def refuse_open(address: str, asks_for_token: bool) -> None:
    """Refuse a server that runs code for anyone who can reach it.

    Raises
    ------
    SystemExit : it asks for neither token nor password.
    """
    if not asks_for_token:
        raise SystemExit(
            f"JupyterLab on {address or 'every address'} would run code for anyone who can reach "
            "it. "
            "Keep its token: remove the setting that empties IdentityProvider.token, "
            "--NotebookApp.token or JUPYTER_TOKEN."
        )


if __name__ == "__main__":
    main()
