"""A page on which digits are drawn, and which shows what a network makes of them: `numbanet draw`.

| module | has |
|---|---|
| `centring` | what MNIST did with its digits before anybody trained on them |
| `variants` | the same picture moved, turned, thickened and thinned |
| `reader` | what a model says of a picture, and which of its units say so |
| `app` | the web application: who may ask, and for what |
| `serving` | a port of this machine, and the browser |
| `command` | what `numbanet draw` does |
| `page/` | the page, which `docs/draw.md` shows as well; there `docs/draw/network.js` answers instead of a server |

starlette and uvicorn come with the extra `demo`, and are imported when the page is asked for.
"""
