// What every page has: menus, dialogs, copying, toasts, times that stay true. Pages work without it.
import "./menus.js";
import "./dialogs.js";
import "./copy.js";
import "./toasts.js";
import "./ago.js";
import "./issues.js";

document.documentElement.classList.add("has-js");
