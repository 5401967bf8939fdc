// Rows of a nested list field (templates/forms/list_fieldset.html), named items[0]amount.
// [data-list="items"] holds .rowitem elements and a <template>; buttons add and remove rows in place.
// A block copied from a spreadsheet and pasted into a field fills fields to the right and rows below.
// Without this script the same buttons are submits that the server answers.

const MAX_PASTE = 500;

const rowsOf = (list) => [...list.querySelectorAll(":scope > [data-items] > .rowitem")];

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Give the row the index: names items[3]…, ids f-items-3-…, and all that points at them. */
function renumber(list, row, index) {
  const name = list.dataset.list;
  const inName = new RegExp(`^${escape(name)}\\[[^\\]]*\\]`);
  const stem = list.dataset.stem;
  const inId = new RegExp(`(^|\\s)${escape(stem)}-(?:\\d+|__row__)(?=-|$|\\s)`, "g");
  for (const el of [row, ...row.querySelectorAll("*")]) {
    for (const attr of [...el.attributes]) {
      if (["name", "data-list", "value"].includes(attr.name) && inName.test(attr.value) && (attr.name !== "value" || el.tagName === "BUTTON")) {
        el.setAttribute(attr.name, attr.value.replace(inName, `${name}[${index}]`));
      } else if (["id", "for", "aria-describedby", "aria-labelledby", "data-stem"].includes(attr.name)) {
        el.setAttribute(attr.name, attr.value.replace(inId, `$1${stem}-${index}`));
      }
    }
    const inner = el.tagName === "TEMPLATE" ? el.content.querySelectorAll("*") : [];
    for (const part of inner) for (const attr of [...part.attributes]) {
      if (inName.test(attr.value)) part.setAttribute(attr.name, attr.value.replace(inName, `${name}[${index}]`));
      else if (attr.value.includes(stem)) part.setAttribute(attr.name, attr.value.replace(inId, `$1${stem}-${index}`));
    }
  }
  const no = row.querySelector("[data-row-number]");
  if (no) no.textContent = String(index + 1);
}

const number = (list) => {
  rowsOf(list).forEach((row, index) => renumber(list, row, index));
  list.dispatchEvent(new Event("input", { bubbles: true }));
};

function add(list) {
  const row = list.querySelector(":scope > template").content.firstElementChild.cloneNode(true);
  list.querySelector(":scope > [data-items]").append(row);
  renumber(list, row, rowsOf(list).length - 1);
  window.htmx?.process(row);
  return row;
}

const fieldsOf = (row) =>
  [...row.querySelectorAll("input, select, textarea")].filter((el) => !["hidden", "file"].includes(el.type));

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[name=_add_row], button[name=_remove_row]");
  const list = button?.closest("[data-list]");
  if (!list) return;
  event.preventDefault();
  if (button.name === "_add_row") {
    fieldsOf(add(list))[0]?.focus();
  } else {
    const row = button.closest(".rowitem");
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    if (!rowsOf(list).length) add(list);
    (next ? fieldsOf(next)[0] : list.querySelector("button[name=_add_row]"))?.focus();
  }
  number(list);
});

function put(el, text) {
  const value = text.trim();
  if (el.tagName === "SELECT") {
    const option = [...el.options].find((o) => o.value === value || o.text.trim() === value);
    if (option) el.value = option.value;
  } else if (el.type === "checkbox") el.checked = /^(1|true|yes|y|是|✓|x)$/i.test(value);
  else if (el.type === "date") el.value = value.replace(/^(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?$/, (_, y, m, d) => `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}`);
  else el.value = value;
}

/** Spreadsheet text to cells; a quoted cell may hold tabs, line ends and doubled quotes. */
export function cells(text) {
  const out = [[""]];
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let i = 0; i < source.length; i += 1) {
    const c = source[i];
    const line = out[out.length - 1];
    if (quoted) {
      if (c === '"' && source[i + 1] === '"') { line[line.length - 1] += c; i += 1; }
      else if (c === '"') quoted = false;
      else line[line.length - 1] += c;
    } else if (c === '"' && line[line.length - 1] === "") quoted = true;
    else if (c === "\t") line.push("");
    else if (c === "\n") out.push([""]);
    else line[line.length - 1] += c;
  }
  return out;
}

document.addEventListener("paste", (event) => {
  const list = event.target.closest?.("[data-list]");
  const text = event.clipboardData?.getData("text/plain") || "";
  if (!list || !/[\t\n]/.test(text.trim()) || (event.target.tagName === "TEXTAREA" && !text.includes("\t"))) return;
  event.preventDefault();
  const table = cells(text).slice(0, MAX_PASTE);
  const start = event.target.closest(".rowitem");
  const column = fieldsOf(start).indexOf(event.target);
  let at = rowsOf(list).indexOf(start);
  for (const line of table) {
    const row = rowsOf(list)[at] || add(list);
    line.forEach((cell, i) => { const el = fieldsOf(row)[column + i]; if (el) put(el, cell); });
    at += 1;
  }
  number(list);
});
