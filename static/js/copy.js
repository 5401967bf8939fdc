// <button type="button" data-copy="text"> or <button data-copy-from="#id" data-copied="Copied">.

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy], [data-copy-from]");
  if (!button) return;
  const from = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
  const text = button.dataset.copy || from?.value || from?.innerText || "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!from) return;
    getSelection().selectAllChildren(from);
    document.execCommand("copy");
  }
  if (!button.dataset.copied || button.dataset.was) return;
  button.dataset.was = button.textContent;
  button.setAttribute("aria-live", "polite");
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = button.dataset.was; delete button.dataset.was; }, 2000);
});
