"""Files that `export_kit` copies into the kit that trains elsewhere. The program itself imports none of them."""
