"""How the site is built: `sphinx-build -W docs build/docs`. Its pages ask nothing of another host."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "nnsweep"
author = "The nnsweep authors"
version = release = version_of("nnsweep")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "markdown_docstrings", "mathml", "notebooks"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["generated"]  # included by other pages
default_role = "code"

myst_enable_extensions = ["attrs_block", "dollarmath"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"nnsweep {version}"
html_static_path = ["_static"]
html_css_files = ["nnsweep.css"]
html_copy_source = False
html_show_search_summary = False  # which a page opened as a file may not fetch
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#5b2a86", "color-brand-content": "#5b2a86"},
    "dark_css_variables": {"color-brand-primary": "#c9a6ea", "color-brand-content": "#c9a6ea"},
}
pygments_style, pygments_dark_style = "friendly", "github-dark"
