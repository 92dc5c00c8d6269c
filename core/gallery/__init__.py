"""The gallery: embeddings of known photos, what is most similar to a new one, and places known from a few photos.

`index` searches, `store` keeps it up to date with the library. No photo is decoded here and nothing is decided.
"""
