"""Tables, migrations and repositories: the catalogue, photos, jobs and releases, in SQLite or MySQL.

`ready.ready_database` is the way in; `places`, `photos`, `review`, `opinions`, `snapshots`, `labels`, `boxes`,
`feedback`, `jobs` and `releases` each hold one repository. Nothing above this package writes SQL, and nothing here
knows of pages, models or the network.
"""
