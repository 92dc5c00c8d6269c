"""`photos …`: the library. Each command lives with its kin: in and out, looking, deciding, care."""

import typer

from core.cli import gallery, opinions, photo_care, photo_import, photo_list, photo_review

app = typer.Typer(help="The library of photos.", no_args_is_help=True)
app.command("import")(photo_import.import_command)
app.command("list")(photo_list.list_command)
app.command("show")(photo_list.show)
app.command("accept")(photo_review.accept)
app.command("reject")(photo_review.reject)
app.command("move")(photo_review.move)
app.command("undo")(photo_review.undo)
app.command("duplicates")(photo_list.duplicates)
app.command("delete")(photo_care.delete)
app.command("export")(photo_care.export)
app.command("verify")(photo_care.verify)
app.command("opinions")(opinions.opinions)
app.command("gallery")(gallery.gallery)
