// Issues: a selection that survives refreshes, keys, and parts that stay fresh (data-live).

const FAST_MS = 1000;
const IDLE_MS = 5000;
const IDLE_AFTER_MS = 120_000;

const list = () => document.querySelector("[data-issue-list]");
const rows = () => [...document.querySelectorAll(".issue-row")];
const boxes = () => [...document.querySelectorAll("[name=issue][type=checkbox]")];
let chosen = new Set();
let current = null;
let lastToggled = null;
let known = new Set(rows().map((row) => row.dataset.issue));

// ── Selection ──
function showSelection() {
  const all = boxes();
  const checked = all.filter((box) => box.checked);
  chosen = new Set(checked.map((box) => box.value));
  const count = document.querySelector("[data-selected-count]");
  if (count) count.textContent = `${checked.length} selected`;
  const master = document.querySelector("[data-select-all]");
  if (master) {
    master.checked = all.length > 0 && checked.length === all.length;
    master.indeterminate = checked.length > 0 && checked.length < all.length;
  }
}

function select(value) {
  for (const box of boxes()) box.checked = value;
  showSelection();
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.name !== "issue") return;
  const all = boxes();
  const [from, to] = [all.indexOf(lastToggled), all.indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  lastToggled = box;
  showSelection();
});
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-select-all]")) select(event.target.checked);
});

// ── Several releases in one field: what stands before the last comma goes before every suggestion ──
document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("[data-completes-list]")) return;
  const before = target.value.slice(0, target.value.lastIndexOf(",") + 1).trim();
  for (const option of target.list?.options ?? []) {
    option.dataset.version ??= option.value;
    option.value = before ? `${before} ${option.dataset.version}` : option.dataset.version;
  }
});

// ── Keys ──
function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.dataset.issue === current);
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  current = next.dataset.issue;
  showCurrent();
  next.scrollIntoView({ block: "nearest" });
}

function showCurrent() {
  for (const row of rows()) row.classList.toggle("is-current", row.dataset.issue === current);
}

function currentRow() {
  return rows().find((row) => row.dataset.issue === current);
}

function toggle(shiftKey) {
  const box = currentRow()?.querySelector("[name=issue]");
  box?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey }));
}

function resolve() {
  const button = document.querySelector("[data-key=e]");
  if (!button) return;
  const box = currentRow()?.querySelector("[name=issue]");
  if (list() && !chosen.size && box) {
    box.checked = true;
    showSelection();
  }
  if (!list() || chosen.size) button.click();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => currentRow()?.querySelector("a").click(),
  Enter: () => currentRow()?.querySelector("a").click(),
  x: () => toggle(false),
  X: () => toggle(true),
  e: resolve,
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
  Escape: () => list() && select(false),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, details.menu[open]")) return;
  if (event.key === "Enter" && (event.target !== document.body || !current)) return;
  const act = KEYS[event.key];
  if (!act || (!list() && event.key !== "e")) return;
  event.preventDefault();
  act();
});

// ── Staying fresh: quickly while someone looks, slowly when nobody moves, not at all when hidden ──
let lastMoved = Date.now();
let timer;

function refresh() {
  const live = document.querySelectorAll("[data-live]");
  if (!document.hidden) for (const part of live) htmx.trigger(part, "refresh");
  const isIdle = Date.now() - lastMoved > IDLE_AFTER_MS;
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, isIdle ? IDLE_MS : FAST_MS);
}

for (const kind of ["pointermove", "keydown", "scroll"]) {
  document.addEventListener(kind, () => (lastMoved = Date.now()), { passive: true });
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !document.querySelector("[data-live]")) return clearTimeout(timer);
  lastMoved = Date.now();
  refresh();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (!list()) return;
  for (const box of boxes()) box.checked = chosen.has(box.value);
  for (const row of rows()) {
    if (!known.has(row.dataset.issue)) row.classList.add("is-fresh");
    known.add(row.dataset.issue);
  }
  showSelection();
  showCurrent();
});
document.addEventListener("issues-changed", () => select(false));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.matches?.(".comment-form")) event.target.reset();
});

if (list()) showSelection();
if (document.querySelector("[data-live]")) timer = setTimeout(refresh, FAST_MS);
