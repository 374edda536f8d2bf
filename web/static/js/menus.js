// <details class="menu">: closed by a click elsewhere or Escape; arrow keys move in it; kept inside the window.

const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]") ?? open()[0];
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopImmediatePropagation();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.target.matches("input, select, textarea")) return;
    const items = [...menu.querySelectorAll(".menu__item, .menu__panel input:not([type=hidden])")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = items.indexOf(document.activeElement);
    items[(at + step + items.length) % items.length]?.focus();
    event.preventDefault();
  }
});

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLDetailsElement) || !menu.open || !menu.classList.contains("menu")) return;
  const panel = menu.querySelector(".menu__panel");
  if (!panel) return;
  const box = panel.getBoundingClientRect();
  if (box.right > innerWidth - 8) menu.classList.add("menu--end");
  if (box.bottom > innerHeight - 8 && menu.getBoundingClientRect().top > box.height) menu.classList.add("menu--up");
}, true);
