// What is typed is kept on the server, sealed: <form data-draft-url="…">. Two seconds after the last change the
// form is posted there (with its CSRF token, without files); the answer says when it was kept. Nothing personal
// is stored in the browser. A draft that can't be kept (no network) is no reason to disturb anybody: the form
// still holds everything.

const PAUSE_MS = 2000;
const timers = new WeakMap();

async function keep(form) {
  const body = new FormData(form);
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
  const place = form.querySelector("#draft");
  try {
    const answer = await fetch(form.dataset.draftUrl, {
      method: "POST", body, redirect: "error", credentials: "same-origin",
      headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]")?.value || "", "HX-Request": "true" },
    });
    if (answer.status === 200 && place) place.textContent = (await answer.text()).trim();
  } catch (error) {
    if (place) place.textContent = "";
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-draft-url]");
  if (!form) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(keep, PAUSE_MS, form));
});
// A form that is being submitted has no more use for a draft: a late one would come back as unsent.
document.addEventListener("submit", (event) => clearTimeout(timers.get(event.target)));
