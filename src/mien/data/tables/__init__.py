"""Tables as people have them: text, Excel, Parquet."""
