"""The codes that ``mockoai check`` has beside those of the catalogue, and what ``mockoai explain`` says of them."""

from __future__ import annotations

HELP: dict[str, str] = {
    # --- errors of the command line ---------------------------------------------------------------------
    "bad-url": """
        The URL of the endpoint cannot be meant.

        A base URL has a scheme, a host, perhaps a port, and a path that ends before `/chat/completions`:
        `http://127.0.0.1:8000/v1`. The key does not belong into it.
    """,
    "bad-key": """
        The API key has characters that no header can carry: spaces inside, line ends, or letters that are
        not ASCII.

        Copy it again; dashes and quotes may have been changed by the program that it was copied from.
    """,
    "bad-header": """
        What was given with `--header` is no header: `Name: value`, in ASCII.
    """,
    "nothing-to-check": """
        `--only` and `--skip` together leave nothing to ask for.
    """,
    # --- findings about what the user gave ----------------------------------------------------------------
    "url-has-endpoint": """
        The URL names an endpoint where a base URL is due. Clients add `/chat/completions` by themselves.

        The check went on with the base URL, which the finding shows.
    """,
    "url-has-no-scheme": """
        The URL has neither `http://` nor `https://`. The check took `http://` for this machine and network,
        `https://` for any other; clients refuse such a URL.
    """,
    "url-has-spaces": """
        There are spaces or quotes around the URL. The check left them out; clients do not.
    """,
    "url-lacks-version": """
        Below the URL that was given there is no list of models, and there is one with `/v1` added, or
        without it. The check went on there.
    """,
    "model-not-given": """
        No list of models could be read, none was given with `--model`, and the one that was asked for
        instead got no answer.
    """,
    "key-has-quotes": """
        There are quotes around the key, as in a file of settings. The check left them out; clients send
        them, and get 401.
    """,
    "key-has-spaces": """
        There are spaces or line ends around the key. The check left them out; clients send them, and get
        401, or refuse to.
    """,
    "key-has-bearer": """
        The key begins with the word `Bearer`, which clients add by themselves. The check left it out.
    """,
    # --- findings about the connection --------------------------------------------------------------------
    "connect-dns": """
        The name of the host has no address. Look for a typing error, and for the network that it is of.
    """,
    "connect-unreachable": """
        The system knows no way to the host, or the way is closed.
    """,
    "connect-timeout": """
        Nobody answered the attempt to connect within five seconds. A firewall that drops packets looks
        like this, and a host that is down.
    """,
    "connect-tls": """
        A connection was made and no TLS: the server speaks none, or its certificate is not accepted.

        `--insecure` accepts any certificate.
    """,
    "connect-lost": """
        The connection broke while the request was being sent.
    """,
    "url-wants-tls": """
        The server, or what stands before it, says that it wants TLS on this port. Write `https://`.
    """,
    "answer-not-http": """
        What came back does not begin like HTTP. Another program listens on this port.
    """,
}
