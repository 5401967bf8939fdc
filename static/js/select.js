// Choosing rows: [data-select-all] ticks every [data-select] in its form (or table), Shift-click ticks a range,
// [data-chosen] shows how many, [data-needs-chosen] (a button or a bar) is off until one is chosen.

const scopeOf = (el) => el.closest("form") || el.closest("table") || document;
const boxes = (scope) => [...scope.querySelectorAll("input[data-select]")];
let last = null;

function show(scope) {
  const all = boxes(scope);
  const chosen = all.filter((box) => box.checked);
  all.forEach((box) => box.closest("tr")?.classList.toggle("sel", box.checked));
  scope.querySelectorAll("[data-chosen]").forEach((el) => { el.textContent = String(chosen.length); });
  scope.querySelectorAll("[data-needs-chosen]").forEach((el) => {
    if ("disabled" in el) el.disabled = !chosen.length;
    else el.hidden = !chosen.length;
  });
  const head = scope.querySelector("input[data-select-all]");
  if (head) {
    head.checked = all.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.("input[data-select]")) return;
  const all = boxes(scopeOf(box));
  if (event.shiftKey && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
  }
  last = box;
});

document.addEventListener("change", (event) => {
  const el = event.target;
  if (el.matches?.("input[data-select-all]")) boxes(scopeOf(el)).forEach((box) => { box.checked = el.checked; });
  else if (!el.matches?.("input[data-select]")) return;
  show(scopeOf(el));
});

const start = () => new Set(boxes(document).map(scopeOf)).forEach(show);
window.addEventListener("pageshow", start);
document.addEventListener("htmx:afterSettle", start);
