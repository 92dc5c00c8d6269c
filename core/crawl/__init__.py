"""Crawls: photos of known places from search portals and open archives.

`sources/` holds one file per source (what to ask, what the answer means), `sources/registry.py` the table of them;
`crawl.py` does the work: asks, fetches, files, remembers. It opens no connection itself (`core/network`) and judges no
photo (`core/dataset`).
"""
