"""What the site takes from outside ``docs``, and a search that asks no other host."""

import pathlib
import re

from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).parents[2]
OUTSIDE = ("CHANGELOG.md", "examples/*.py", "figures/*.png", "benchmarks/README.md", "benchmarks/results/*.md")
SEARCH = "offline-search.js"
STYLE = "tables.css"
THEIRS = "https://unpkg.com/iframe-worker/shim"
"""The script that the theme would load from another host, so that search works on pages opened from a folder."""
LINK = re.compile(r"(\]\()((?:\.\./)+)((?:figures|benchmarks|examples)/)")


def on_files(files, config):
    """Adds the files of the repository that pages link to."""
    for pattern in OUTSIDE:
        for path in sorted(ROOT.glob(pattern)):
            name = str(path.relative_to(ROOT))
            files.append(File(name, str(ROOT), config.site_dir, config.use_directory_urls))
    for name in (SEARCH, STYLE):
        files.append(File(name, str(ROOT / "docs" / "site"), config.site_dir, config.use_directory_urls))
    return files


def on_page_markdown(markdown, **_):
    """In the repository pages lie one folder deeper than on the site, and what lies beside them as much higher."""
    within = markdown.replace("](docs/", "](")
    return LINK.sub(lambda found: f"{found[1]}{found[2].removeprefix('../')}{found[3]}", within)


def on_post_page(output, page, **_):
    """The search script of the site itself in place of the other host's."""
    return output.replace(THEIRS, "../" * page.url.count("/") + SEARCH)


def on_post_template(output_content, **_):
    """The same for pages that are no page of ours, such as 404.html."""
    return output_content.replace(THEIRS, SEARCH)
