"""Executes one notebook, or makes a page of it. Called by notebooks.ts with one JSON argument.

execute: {"execute": PATH, "out": PATH, "kernel": NAME, "timeout": SECONDS}
page:    {"page": PATH, "out": PATH, "before": [HREF, TITLE] | null, "after": the same}
Answers with one line of JSON: {"ok": true} or {"ok": false, "cell": NUMBER, "error": TEXT}.
"""
import json
import os
import re
import sys

import nbformat


def normalised(book):
    """Nothing that differs between two executions of the same cells."""
    book.metadata = {
        "kernelspec": {"display_name": "Deno", "language": "typescript", "name": "deno"},
        "language_info": {"name": "typescript", "file_extension": ".ts"},
    }
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number}"
        cell.metadata = {}
        for output in cell.get("outputs", []):
            output.pop("transient", None)
    return book


def execute(request):
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    book = nbformat.read(request["execute"], 4)
    folder = os.path.dirname(os.path.abspath(request["execute"]))
    client = NotebookClient(
        book,
        kernel_name=request["kernel"],
        timeout=request["timeout"],
        resources={"metadata": {"path": folder}},
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        # The cell that failed is the last that was begun.
        begun = [n for n, cell in enumerate(book.cells) if cell.get("execution_count")]
        text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
        return {"ok": False, "cell": (begun or [0])[-1], "error": text[-1500:]}
    with open(request["out"], "w") as out:
        nbformat.write(normalised(book), out)
    return {"ok": True}


def with_live_plots(book):
    """Plotly figures become elements that the page's script draws; equations become MathML."""
    from latex2mathml.converter import convert

    drawn = 0
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(
                r"\$\$(.+?)\$\$",
                lambda found: convert(found.group(1).strip(), display="block"),
                cell.source,
                flags=re.S,
            )
            cell.source = re.sub(r"\$([^$\n]+)\$", lambda found: convert(found.group(1)), cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            figure = data.get("application/vnd.plotly.v1+json")
            if figure is None:
                continue
            text = json.dumps(figure).replace("<", "\\u003c")
            data["text/html"] = (
                f'<div class="figure" id="figure-{drawn}"></div><script>{{const figure={text};'
                f'Plotly.newPlot("figure-{drawn}",figure.data,figure.layout,'
                "{responsive:true,displayModeBar:false})}</script>"
            )
            drawn += 1
    return book


STYLE = """
body{margin:0;background:#fff;color:#1c2127;font:16px/1.55 Inter,system-ui,sans-serif}
main{max-width:860px;margin:0 auto;padding:16px 20px 64px}
nav{display:flex;justify-content:space-between;gap:16px;max-width:860px;margin:0 auto;padding:12px 20px;font-size:14px}
a{color:#0072b2} h1{font-size:28px;line-height:1.25} h2{font-size:20px;margin-top:36px}
pre{background:#f5f6f7;border-radius:6px;padding:12px 14px;overflow-x:auto;font:13px/1.5 ui-monospace,monospace}
.output pre{background:none;border-left:3px solid #e4e7ea;border-radius:0;padding:4px 14px}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
th,td{padding:4px 12px;border-bottom:1px solid #e4e7ea;vertical-align:top}
img{max-width:100%;height:auto} code{font-size:.92em}
.figure{min-height:300px} .anchor-link{display:none} blockquote{border-left:3px solid #0072b2;margin-left:0;padding-left:16px;color:#68707a}
"""


def page(request):
    from nbconvert.filters import highlight, markdown

    book = with_live_plots(nbformat.read(request["page"], 4))
    pen = highlight.Highlight2HTML(pygments_lexer="typescript")
    parts = []
    for cell in book.cells:
        if cell.cell_type == "markdown":
            parts.append(markdown.markdown2html_mistune(cell.source))
            continue
        parts.append(pen(cell.source))
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if output.output_type == "stream":
                parts.append(f'<div class="output"><pre>{escaped(output.text)}</pre></div>')
            elif "text/html" in data:
                parts.append(f'<div class="output">{data["text/html"]}</div>')
            elif "image/png" in data:
                png = data["image/png"].strip()
                parts.append(f'<img alt="{escaped(data.get("text/plain", ""))}" src="data:image/png;base64,{png}">')
            elif "text/plain" in data:
                parts.append(f'<div class="output"><pre>{escaped(data["text/plain"])}</pre></div>')
    from pygments.formatters import HtmlFormatter

    colours = HtmlFormatter(style="default").get_style_defs(".highlight") + ".highlight .err{border:0}"
    links = "".join(
        f'<a href="{href}">{mark}</a>' if href else "<span></span>"
        for href, mark in (
            link(request["before"], "← "),
            ("index.html", "Contents"),
            link(request["after"], "", " →"),
        )
    )
    title = re.search(r"^# (.+)$", book.cells[0].source, re.M).group(1)
    with open(request["out"], "w") as out:
        out.write(
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f'<link rel="icon" href="data:,"><title>{escaped(title)}</title><style>{STYLE}{colours}</style>'
            f'<script src="plotly.js"></script><nav>{links}</nav><main>{"".join(parts)}</main><nav>{links}</nav></html>'
        )
    return {"ok": True, "title": title}


def link(target, before="", after=""):
    return (target[0], before + escaped(target[1]) + after) if target else (None, "")


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


request = json.loads(sys.argv[1])
print(json.dumps(execute(request) if "execute" in request else page(request)))
