/* What the theme leaves open for readers who use a keyboard or a screen reader; axe-core finds nothing else. */

addEventListener("load", () => {
  const label = (selector, text) =>
    document.querySelectorAll(selector).forEach((one) => one.setAttribute("aria-label", text(one)));
  label("aside.sidebar-drawer", () => "All pages");
  label("aside.toc-drawer", () => "This page");
  label(".sphx-glr-thumbcontainer a.reference", (one) => one.textContent.trim());
  document.querySelectorAll(".caption[role=heading]").forEach((one) => one.setAttribute("aria-level", "2"));
  document.querySelectorAll("th").forEach((one) => {
    if (!one.textContent.trim()) one.replaceWith(document.createElement("td"));
  });
  const reach = () =>
    document.querySelectorAll("pre, .table-wrapper").forEach((one) => {
      if (one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight) one.tabIndex = 0;
    });
  reach();
  addEventListener("resize", reach);
});

/* The pad of draw.md says how high it is. */
addEventListener("message", (event) => {
  const pad = document.querySelector("iframe");
  if (pad && event.source === pad.contentWindow && event.data.height > 0) pad.style.height = `${event.data.height}px`;
});
