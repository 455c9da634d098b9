"""What the checks found: records, stored as they are made, and rendered for people to read."""
