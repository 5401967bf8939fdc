// The writ, live: <form data-preview-url="…" data-preview="#writ">. 400 ms after the last change the form is
// posted there (with its CSRF token, without files) and the answer replaces the content of the target.
// An answer that is not a preview (no right, no network) leaves the last one standing and says so through
// data-preview-state="old" on the target.

const PAUSE_MS = 400;
const timers = new WeakMap();
const running = new WeakMap();

async function draw(form) {
  const target = document.querySelector(form.dataset.preview);
  if (!target) return;
  running.get(form)?.abort();
  const stop = new AbortController();
  running.set(form, stop);
  const body = new FormData(form);
  for (const [name, value] of [...body]) if (value instanceof File || name.startsWith("_")) body.delete(name);
  target.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.previewUrl, {
      method: "POST", body, signal: stop.signal, redirect: "error", credentials: "same-origin",
      headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]")?.value || "", "HX-Request": "true", "HX-Target": target.id },
    });
    if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
    const html = new DOMParser().parseFromString(await answer.text(), "text/html");
    target.replaceChildren(...html.body.childNodes);
    delete target.dataset.previewState;
    window.htmx?.process(target);
  } catch (error) {
    if (error.name === "AbortError") return;
    target.dataset.previewState = "old";
  }
  if (running.get(form) === stop) target.removeAttribute("aria-busy");
}

function later(event) {
  const form = event.target.closest?.("form[data-preview-url]");
  if (!form) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(draw, PAUSE_MS, form));
}

document.addEventListener("input", later);
document.addEventListener("change", later);
