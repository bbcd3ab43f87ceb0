"""Files to take away: CSV, Excel, GeoJSON."""
