"""What a run leaves on the disk: a folder of Parquet parts with a manifest, and the list of skipped records."""
