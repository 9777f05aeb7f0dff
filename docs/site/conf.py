"""The documentation as a site: what Sphinx is told. `build.py` calls it; see there."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for the lexer beside this file

project = "agpc"
extensions = ["myst_parser", "agp_lexer"]
myst_heading_anchors = 4  # links to headings are those that a repository host gives
html_theme = "furo"
html_title = "agpc"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_search_summary = False  # would be fetched, which a browser refuses to pages on a disk
pygments_style = "a11y-light"
pygments_dark_style = "a11y-dark"
