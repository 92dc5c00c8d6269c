"""The one door to the network: `fetch.Fetcher` sends what `message.Request` says, politely and safely, or says why not.

Nothing else in the project opens a connection, but the database driver, the storage, and the weight loaders of Keras
and ultralytics.
"""
