"""Sockets, once: two HTTP clients (blocking, and many POSTs at once), one server, one URL check.

Nothing here knows what is sent.  A client hands back a whole answer or says why there is none;
the server bounds what strangers may do with a connection.
"""
