"""Speed, measured side by side in one run. Nothing here is part of the package or its tests."""
