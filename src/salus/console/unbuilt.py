"""The page that stands in where the web application was not built."""

from __future__ import annotations

UNBUILT_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Salus</title>
  </head>
  <body>
    <main>
      <section>
        <h1>The page was not built yet</h1>
        <p>Salus itself is running: its API answers at <a href="/api/v1/services">/api/v1/services</a>. To
          build this page, run in the folder of the source:</p>
        <pre><code>make web</code></pre>
        <p>or, with Node 20.19 or later at hand:</p>
        <pre><code>npm --prefix web ci
npm --prefix web run build</code></pre>
        <p>Then load this page again; Salus need not be started anew.</p>
      </section>
      <section lang="zh-Hans">
        <h1>页面尚未构建</h1>
        <p>Salus 本身正在运行，其 API 见 <a href="/api/v1/services">/api/v1/services</a>。</p>
        <p>要构建本页面，请在源代码目录中运行：</p>
        <pre><code>make web</code></pre>
        <p>或者，在已安装 Node 20.19 及以上版本时运行：</p>
        <pre><code>npm --prefix web ci
npm --prefix web run build</code></pre>
        <p>然后刷新本页面，无需重新启动 Salus。</p>
      </section>
    </main>
  </body>
</html>
"""
"""Plain HTML in both languages: no style and no script, so the content security policy needs no exception."""
