"""Photos as data: taking them in, keeping them, finding near-duplicates, folds, reading a folder of classes.

`ingest` is the one door: whatever brings bytes (page, command line, crawl) calls `read_photo`. `store` keeps files,
`derivative` makes what may be shown. Rows of the catalogue live in `core/db`, scores in `core/metrics`.
"""
