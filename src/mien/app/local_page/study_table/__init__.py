"""What a study looks at, as the page shows it: the table, what its columns mean, what is wrong in it."""
