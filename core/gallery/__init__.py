"""The gallery: embeddings of known photos, what is most similar to a new one, and places known from a few photos.

`index` searches, in the `space` of a run; `store` joins what a run brought along (`shipped`) with the library. `few`
says when a place known from a few photos is named, by what `strangers` would reach. No photo is decoded here.
"""
