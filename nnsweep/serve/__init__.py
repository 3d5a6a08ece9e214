"""A live page of all sweeps in a folder, for browsers on this machine: `nnsweep serve`.

Nothing here is imported by a run. Starlette and uvicorn come with the extra `serve`.
"""
