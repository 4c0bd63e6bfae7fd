"""The law of contract section 3, a total table each: every state meets every fact.

`law` lists the tables; what two machines share is in `core`, what a boot does in `boot`.
"""
