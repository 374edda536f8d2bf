// A toast stays long enough to be read and undone, and as long as the pointer or the focus is on it.

const SHOWN_MS = 8000;

function leave(toast) {
  toast.classList.add("is-leaving");
  setTimeout(() => toast.remove(), 220);
}

function arm(toast) {
  if (toast.dataset.armed !== undefined || toast.classList.contains("toast--error")) return;
  toast.dataset.armed = "";
  setTimeout(function wait() {
    if (toast.matches(":hover, :focus-within")) setTimeout(wait, 1000);
    else leave(toast);
  }, SHOWN_MS);
}

const armAll = () => document.querySelectorAll("[data-toast]").forEach(arm);

function say(text) {
  const toast = document.createElement("div");
  toast.className = "toast toast--error";
  toast.dataset.toast = "";
  toast.textContent = text;
  document.getElementById("toasts").append(toast);
  setTimeout(() => leave(toast), SHOWN_MS);
}

document.addEventListener("click", (event) => {
  const toast = event.target.closest?.("[data-dismiss]")?.closest("[data-toast]");
  if (toast) leave(toast);
});
document.addEventListener("htmx:oobAfterSwap", armAll);
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.requestConfig.verb === "get") return;
  const { status } = event.detail.xhr;
  if (status === 503) say("The database does not answer at the moment. Nothing was changed; try again.");
  else say(status === 403 ? "Your role does not allow this, or the page is too old: reload it." : "That did not work. Reload the page and try again.");
});
document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.requestConfig.verb !== "get") say("The server cannot be reached. Nothing was changed.");
});
armAll();
