"""Step 2 of the guide: what goes in and what comes out."""
