"""Is this backend right? Named checks over HTTP alone, each with its clause of the contract.

`kit/` is what a check is made of, `checks/` are all of them, `run` puts a backend through them.
"""
