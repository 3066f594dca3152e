"""How the documentation site is built: `make docs`. Nothing is fetched, and the pages load nothing from elsewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import api_pages  # noqa: E402

import mien  # noqa: E402

project = "mien"
author = "The mien developers"
copyright = "The mien developers, Apache-2.0"
version = release = mien.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "tutorials"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
highlight_language = "none"

myst_enable_extensions = ["colon_fence", "dollarmath", "deflist"]
# Addresses of headings as on the site where the code is kept.
myst_heading_anchors = 4

numpydoc_show_class_members = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"

sphinx_gallery_conf = {
    "examples_dirs": "tutorials",
    "gallery_dirs": "auto_tutorials",
    "filename_pattern": r"/\d\d_",
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "auto_tutorials/backreferences",
    "doc_module": ("mien",),
    "abort_on_example_error": True,
    # What shows itself in a notebook; axes and dictionaries have nothing to show.
    "capture_repr": ("_repr_html_",),
    "parallel": 2,
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_signature": False,
    "show_memory": False,
    # That page loads a script from elsewhere.
    "write_computation_times": False,
    "min_reported_time": 0,
    "default_thumb_file": str(HERE / "images" / "path.jpg"),
}

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_context = {"default_mode": "auto"}
html_title = "mien"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "show_prev_next": True,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def verbs_in_place_of_rooms() -> None:
    """autodoc sees a module where a room has the name of a verb, and takes its docstring for the verb's."""
    for names in api_pages.groups().values():
        for name in names:
            if "." not in name:
                setattr(mien, name, api_pages.value(name))


def formulas(writer: object, node: nodes.math | nodes.math_block) -> None:
    """Formulas as MathML, which browsers draw by themselves: MathJax would be fetched from elsewhere."""
    block = isinstance(node, nodes.math_block)
    drawn = tex2mathml(node.astext(), as_block=block)
    writer.body.append(f'<div class="math">{drawn}</div>' if block else drawn)  # type: ignore[attr-defined]
    raise nodes.SkipNode


def links_to_the_top(app: Sphinx, document: str, text: list[str]) -> None:
    """Pages at the top of the repository have pages of their own here."""
    pages = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md", "README.md": "index.md"}
    for there, here in pages.items():
        up = "../" * document.count("/")
        text[0] = text[0].replace(f"]({up}../{there}", f"]({up}{here}")


def without_absent_pages(app: Sphinx, document: str, text: list[str]) -> None:
    """Patterns in a list of pages that no page fits go: such a part may be absent from a copy."""
    folder = (HERE / document).parent
    text[0] = re.sub(
        r"^[\w/]+\*$\n",
        lambda found: found[0] if any(folder.glob(f"{found[0].strip()}.md")) else "",
        text[0],
        flags=re.M,
    )


def setup(app: Sphinx) -> None:
    """Write the reference before anything is read."""
    api_pages.write()
    verbs_in_place_of_rooms()
    app.add_html_math_renderer("mathml", (formulas, None), (formulas, None))
    app.connect("source-read", links_to_the_top)
    app.connect("source-read", without_absent_pages)
