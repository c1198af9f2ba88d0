# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Exports a notebook as one HTML file that needs nothing from elsewhere:
export_html.py OUTPUT TITLE INPUT BESIDE HOME ROOT.

The page will lie in the folder BESIDE, and the notebook's relative links and pictures are those of the folder HOME.
Pictures in ROOT become part of it.

nbconvert's page loads require.js, MathJax and mermaid from a content delivery network. None of them is needed here:
formulas become MathML, which browsers draw by themselves. Its faint colours and bare links are made so that everybody
can read them, lines end between words in Korean too, and what scrolls sideways does so by keyboard as well.
"""

import html
import os
import posixpath
import re
import sys
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import tostring

import nbconvert.exporters.html as pages
import nbformat
from latex2mathml.converter import convert_to_element

TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_css -%}<style>
pre { tab-size: 4 }
body {
  --jp-mirror-editor-number-color: #007000;
  --jp-mirror-editor-comment-color: #2f6868;
  --jp-cell-prompt-not-active-opacity: 1;
}
.jp-RenderedHTMLCommon.jp-RenderedMarkdown :is(p, li, td) a:link { text-decoration: underline }
.jp-RenderedHTMLCommon details + p { margin-top: 1em }
.jp-RenderedHTMLCommon { word-break: keep-all }
</style>{%- endblock -%}
{%- block footer_js -%}<script>
function scrollByKeys() {
  const wide = ".jp-RenderedMarkdown, .jp-RenderedHTMLCommon, .jp-RenderedText, .highlight, pre";
  for (const part of document.querySelectorAll(wide)) {
    if (part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight) part.tabIndex = 0;
  }
}
addEventListener("load", scrollByKeys);
addEventListener("resize", scrollByKeys);
</script>{%- endblock -%}
"""


NUMBER = re.compile("&#x[0-9A-F]{5};")  # how latex2mathml writes signs


def formula(tex, display):
    """MathML for a TeX formula; one that cannot be translated is shown as it was written.

    latex2mathml's own text form lets tags in the formula through. Here its elements are written anew: text is escaped
    once, and no attribute is left that could do or load something.
    """
    try:
        math = convert_to_element(tex, display=display)
    except Exception:
        return "<code>%s</code>" % html.escape(tex)
    for element in math.iter():
        if element.text:
            element.text = NUMBER.sub(lambda number: html.unescape(number[0]), element.text)
        for name in ("href", "style", "src"):
            element.attrib.pop(name, None)
    return tostring(math, encoding="unicode")


class Renderer(pages.IPythonRenderer):
    """nbconvert's Markdown, with formulas as MathML, and links and pictures as the notebook has them at home."""

    beside, root = "", ""

    def link(self, text, url, title=None):
        if self.path != self.beside and url[:1] not in ("", "/", "#") and not urlsplit(url).scheme:
            path, mark, part = url.partition("#")
            url = posixpath.join(quote(os.path.relpath(self.path, self.beside)), path)
            url = posixpath.normpath(url) + mark + part
        return super().link(text, url, title)

    def _src_to_base64(self, src):
        # nbconvert takes what lies below the notebook's own folder.
        home, self.path = self.path, self.root
        try:
            return super()._src_to_base64(os.path.relpath(os.path.join(home, src), self.root))
        finally:
            self.path = home

    def inline_math(self, body):
        return formula(body, "inline")

    def block_math(self, body):
        return formula(body, "block")

    def latex_environment(self, name, body):
        return formula("\\begin{%s}%s\\end{%s}" % (name, body, name), "block")


UNNAMED = re.compile('<img alt="No description has been provided for this image"'
                     '([^>]*? src="data:[^;]*;base64,([^"]*)")')


def named(page, nb):
    """The page with the heading that a picture stands under, and its number there, in place of nbconvert's excuse for
    a picture that has no text."""
    names, heading, seen = {}, "", 0
    for cell in nb.cells:
        lines = cell.source.strip().splitlines()
        if cell.cell_type == "markdown" and lines and lines[0].startswith("#"):
            heading, seen = lines[0].lstrip("# "), 0
        for output in cell.get("outputs", []):
            for mime, data in output.get("data", {}).items():
                if mime.startswith("image/") and isinstance(data, str):
                    seen += 1
                    names["".join(data.split())] = ("%s (%d)" % (heading, seen)).strip()

    def name(found):
        text = names.get("".join(found[2].split()), "")
        return '<img alt="%s"%s' % (html.escape(text), found[1])

    return UNNAMED.sub(name, page)


def main():
    target, title, source, Renderer.beside, home, Renderer.root = sys.argv[1:7]
    pages.IPythonRenderer = Renderer  # where the exporter looks it up
    nb = nbformat.read(source, as_version=4)
    language = nb.metadata.get("convscope", {}).get("language", "en")  # a translation says which it is
    exporter = pages.HTMLExporter(raw_template=TEMPLATE, embed_images=True, language_code=language)
    where = {"name": title, "path": home}
    page, _ = exporter.from_notebook_node(nb, resources={"metadata": where})
    with open(target, "w", encoding="utf-8") as f:
        f.write(named(page, nb))


main()
