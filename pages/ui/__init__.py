"""What the pages share: the frame around every page, the parts it is composed of, and the widgets that show an answer.

A page opens itself with `frame.open_page`, takes what it needs from `resources`, and hands it to one of the showing
modules here. Only `resources` builds things, only `state` touches the session and the address, and every text that
came from outside passes through `text.plain`. No rule of the domain lives here: those are in `core`.
"""
