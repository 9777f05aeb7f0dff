"""The syntax of AGP: `agp.lark` is its one definition."""
