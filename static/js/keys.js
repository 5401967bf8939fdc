// Keys (off while typing). A link, button or field says which key works it:
//   <a data-key="n">, <a data-key="g d">, <button data-key="Ctrl Enter">, <input data-key="/">
// A table with data-rows can be walked: j and k move, Enter opens the row's first link (or [data-open]),
// x ticks its box. "?" lists what works on this page in <dialog id="keys">.

const CHORD_MS = 1200;
let pending = "";
let pendingAt = 0;

const typing = (el) =>
  el instanceof HTMLElement &&
  (el.isContentEditable || /^(textarea|select)$/i.test(el.tagName) ||
    (el.tagName === "INPUT" && !/^(checkbox|radio|button|submit|reset|file)$/.test(el.type)));

const visible = (el) => el.getClientRects().length > 0 && !el.disabled;

const targetOf = (key) =>
  [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === key && visible(el));

const startsChord = (key) =>
  [...document.querySelectorAll("[data-key]")].some((el) => el.dataset.key.startsWith(`${key} `));

function work(el) {
  if (typing(el)) {
    el.focus();
    el.select?.();
  } else {
    el.click();
  }
}

const rows = () =>
  [...document.querySelectorAll("[data-rows] tbody tr")].filter((row) => visible(row));

const here = () => document.activeElement?.closest?.("[data-rows] tbody tr");

const openerOf = (row) => row.querySelector("[data-open]") || row.querySelector("a[href]");

function move(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(here());
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))];
  const focus = openerOf(next) || next;
  if (focus === next) next.tabIndex = -1;
  focus.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function tick() {
  const box = here()?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

function submitHere() {
  const key = targetOf("Ctrl Enter");
  const form = document.activeElement?.closest?.("form");
  if (key && (!form || key.form === form || form.method !== "post")) return key.click(), true;
  if (form && form.method === "post") return form.requestSubmit(), true;
  return false;
}

const row = (dl, key, label) => {
  const dt = document.createElement("dt");
  key.split(" ").forEach((part, i) => {
    if (i) dt.append(" ");
    const kbd = document.createElement("kbd");
    kbd.textContent = part === "Enter" ? "↵" : part;
    dt.append(kbd);
  });
  const dd = document.createElement("dd");
  dd.textContent = label;
  dl.append(dt, dd);
};

const labelOf = (el) => {
  if (el.dataset.keyLabel || el.getAttribute("aria-label")) return el.dataset.keyLabel || el.getAttribute("aria-label");
  const copy = el.cloneNode(true);
  copy.querySelectorAll("kbd, .count").forEach((part) => part.remove());
  return copy.textContent.trim() || el.title || el.placeholder || "";
};

function help() {
  const dialog = document.getElementById("keys");
  const list = dialog?.querySelector("[data-keys]");
  if (!list || dialog.open) return false;
  list.replaceChildren();
  const seen = new Set();
  for (const el of document.querySelectorAll("[data-key]")) {
    if (!visible(el) || seen.has(el.dataset.key)) continue;
    seen.add(el.dataset.key);
    row(list, el.dataset.key, labelOf(el));
  }
  if (rows().length) for (const k of ["j", "k", "Enter", "x"]) row(list, k, list.dataset[`label${k[0].toUpperCase()}${k.slice(1)}`]);
  if (!seen.has("Ctrl Enter") && document.querySelector("main form[method=post]")) row(list, "Ctrl Enter", list.dataset.labelSubmit);
  row(list, "?", list.dataset.labelHelp);
  dialog.showModal();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    if (submitHere()) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;

  const now = Date.now();
  const chord = pending && now - pendingAt < CHORD_MS ? `${pending} ${event.key}` : "";
  pending = "";
  const el = (chord && targetOf(chord)) || targetOf(event.key);
  let done = true;
  if (el) work(el);
  else if (event.key === "j") done = move(1);
  else if (event.key === "k") done = move(-1);
  else if (event.key === "x") done = tick();
  else if (event.key === "Enter") {
    const current = here();
    // A focused link, box or button keeps its own Enter.
    done = Boolean(current && event.target === current);
    if (done) openerOf(current)?.click();
  } else if (event.key === "?") done = help();
  else {
    if (startsChord(event.key)) [pending, pendingAt] = [event.key, now];
    done = false;
  }
  if (done) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-show-keys]")) help();
});
