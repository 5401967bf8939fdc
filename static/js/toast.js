// Short messages. The server sends HX-Trigger: {"toast": {"text": "…", "url": "…", "action": "Undo"}};
// htmx requests that fail show the page's own words for it. [data-dismiss] closes what it stands in.

const SHOWN_MS = 8000;

function toast({ text, url, action }) {
  const place = document.getElementById("toasts");
  if (!place || !text) return;
  const el = document.createElement("div");
  el.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  el.append(words);
  if (url && action && new URL(url, location.href).origin === location.origin) {
    const a = document.createElement("a");
    a.href = url;
    a.textContent = action;
    el.append(a);
  }
  place.append(el);
  let timer = setTimeout(() => el.remove(), SHOWN_MS);
  el.addEventListener("mouseenter", () => clearTimeout(timer));
  el.addEventListener("focusin", () => clearTimeout(timer));
  el.addEventListener("mouseleave", () => { timer = setTimeout(() => el.remove(), SHOWN_MS); });
}

document.addEventListener("toast", ({ detail }) => toast(detail.value ? { text: detail.value } : detail));
const trouble = (name) => () => toast({ text: document.getElementById("toasts")?.dataset[name] });
document.addEventListener("htmx:responseError", trouble("refused"));
document.addEventListener("htmx:sendError", trouble("offline"));
document.addEventListener("htmx:timeout", trouble("offline"));

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-dismiss]")?.closest(".note, .toast")?.remove();
  const print = event.target.closest?.("[data-print-page]");
  if (print) window.print();
  const opens = event.target.closest?.("[data-dialog]");
  if (opens) document.querySelector(opens.dataset.dialog)?.showModal();
});
