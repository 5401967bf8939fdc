// One submit, one act: after the first submit the form's buttons are off until the answer is there.
// data-repeat on a form switches this off (downloads).

const buttons = (form) => [...form.elements].filter((el) => el.type === "submit" && !el.disabled);

function lock(form) {
  const locked = buttons(form);
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
  // After the browser has collected the fields: a disabled button would not be sent.
  setTimeout(() => locked.forEach((el) => { el.disabled = true; el.dataset.locked = "1"; }));
}

function unlock(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
  setTimeout(() => {
    for (const el of form.elements) if (el.dataset.locked) { el.disabled = false; delete el.dataset.locked; }
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "repeat" in form.dataset) return;
  if (form.dataset.sent) event.preventDefault();
  else if (!event.defaultPrevented) lock(form);
});

// Forms that htmx sends: while the request runs.
document.addEventListener("htmx:beforeRequest", ({ detail }) => { if (detail.elt.matches?.("form")) lock(detail.elt); });
document.addEventListener("htmx:afterRequest", ({ detail }) => { if (detail.elt.matches?.("form")) unlock(detail.elt); });

// The page shown again from the browser's back-forward cache.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(unlock));
