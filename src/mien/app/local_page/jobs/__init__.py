"""Long work of the page, in processes of its own: it goes on when the page is reloaded or the server ends."""
