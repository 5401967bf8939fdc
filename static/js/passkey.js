// Loaded where allauth's passkey scripts are: a refused or cancelled prompt is said in words, not in the console.

document.addEventListener("allauth.error", (event) => {
  const note = document.querySelector("[data-passkey-error]");
  if (!note) return;
  event.preventDefault();
  note.hidden = false;
  note.focus();
});
