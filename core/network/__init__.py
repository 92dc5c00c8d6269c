"""The one door to the network: `fetch.Fetcher` sends what `message.Request` says, politely and safely, or says why not.

`policy` holds the rules, `addresses` and `connections` keep private networks out, `robots`, `pace` and `retry` are the
manners, `transport` is the one file that wraps requests, `masking` keeps keys in.
Nothing else in the project opens a connection, but the database driver, the storage, and the weight loaders of Keras
and ultralytics.
"""
