"""One file per source of photos; `registry` is their table.

A source is a record of facts (`INFO`), a function that makes a request and one that reads the answer. There is no loop,
no sleep and no file in it. `reading` and `refusals` hold what all of them share, `naver` and `commons` what doors to
the same house share, `javascript` reads objects in pages.
"""
