"""JupyterLab for the notebooks: local only, and never without a token."""

import sys
from collections.abc import Sequence

from jupyterlab.labapp import LabApp

LOCAL = ("localhost", "127.0.0.1", "::1")


def main(arguments: Sequence[str] | None = None) -> None:
    """Start JupyterLab as `jupyter lab` does, after checking that its settings are safe."""
    server = LabApp.initialize_server(sys.argv[1:] if arguments is None else arguments)
    refuse_open(server.ip, server.identity_provider.auth_enabled, bool(server.certfile))
    server.start()


def refuse_open(address: str, asks_for_token: bool, is_encrypted: bool) -> None:
    """Refuse a server that runs code for anyone who can reach it, or who can listen.

    Raises
    ------
    SystemExit : it asks for neither token nor password, or sends it over a network in the clear.
    """
    if not asks_for_token:
        raise SystemExit(
            f"JupyterLab on {address or 'every address'} would run code for anyone who can reach "
            "it. "
            "Keep its token: remove the setting that empties IdentityProvider.token, "
            "--NotebookApp.token or JUPYTER_TOKEN."
        )
    if address not in LOCAL and not is_encrypted:
        raise SystemExit(
            f"JupyterLab on {address or 'every address'} would send its token over the network for "
            "all to read. Keep it on localhost and reach it by `ssh -L 8888:localhost:8888 HOST`, "
            "or give it a certificate: --ServerApp.certfile=FILE --ServerApp.keyfile=FILE."
        )


if __name__ == "__main__":
    main()
