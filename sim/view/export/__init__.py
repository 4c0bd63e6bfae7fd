"""What a picture holds, in other programs' formats: GPX, GeoJSON, CSV, Perfetto, MCAP."""
