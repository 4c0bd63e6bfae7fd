"""The two ways something can be wrong: you misused us, or bad input arrived."""


class BadgeError(Exception):
    """Root of every error that the project raises on purpose."""


class MisuseError(BadgeError):
    """The caller broke a rule of the interface; a bug in the calling program."""


class InputError(BadgeError):
    """Foreign bytes or a user's words were wrong: one sentence naming the place and the remedy.

    Parsers of foreign bytes raise nothing else.  The command line prints the sentence on stderr
    and exits with 2.
    """
