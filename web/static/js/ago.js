// Keeps <time data-ago> true while the page stays open; same words as `ago` in templatetags/stacktale.py.

const UNITS = [[365 * 86400, "y"], [30 * 86400, "mo"], [86400, "d"], [3600, "h"], [60, "min"]];

function words(time) {
  const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
  const suffix = time.dataset.ago;
  const unit = UNITS.find(([size]) => Math.abs(seconds) >= size);
  if (!unit) return suffix ? "just now" : "now";
  const text = `${Math.floor(Math.abs(seconds) / unit[0])} ${unit[1]}`;
  return seconds < -60 ? `in ${text}` : text + suffix;
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = words(time);
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(refresh, 20_000);
