"""One file per source of photos; `registry` is the table of them."""
