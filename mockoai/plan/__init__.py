"""From a reply to the finished list of wire steps: places, durations, items, and the plan itself."""
