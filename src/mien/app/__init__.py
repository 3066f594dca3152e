"""What runs live on this machine: the local page, the view of a video or camera, the local server."""

from mien.core.verbs import callable_room

callable_room(__name__, "mien.app.local_page.app")
