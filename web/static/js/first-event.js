// "Send a test error": a real error of this page, sent to the project's own ingest endpoint as an SDK would send it.

const panel = document.querySelector("[data-first-event]");
const button = panel?.querySelector("[data-send-test]");
const say = (text) => { panel.querySelector("[data-test-status]").textContent = text; };

function addToBasket(basket, item) {
  return basket.items.concat(item);
}

function testError() {
  try {
    addToBasket({}, "test");
  } catch (error) {
    return error;
  }
}

// "at addToBasket (http://host/static/js/first-event.js:8:24)" and "addToBasket@http://host/…:8:24"; newest call first.
const FRAME = /^\s*(?:at )?(?:(.*?)[ @]\(?)?((?:https?|file):\/\/\S+?):(\d+):(\d+)\)?$/;

function framesOf(error) {
  return (error.stack ?? "").split("\n").map((line) => FRAME.exec(line)).filter(Boolean).map((match) => ({
    function: match[1] || "?", filename: match[2], abs_path: match[2], lineno: Number(match[3]), colno: Number(match[4]), in_app: true,
  })).reverse();
}

function testEvent(id) {
  const error = testError();
  return {
    event_id: id,
    timestamp: Date.now() / 1000,
    platform: "javascript",
    level: "error",
    environment: "test",
    transaction: "Send a test error",
    tags: { test: "yes" },
    request: { url: location.href, headers: { "User-Agent": navigator.userAgent } },
    breadcrumbs: { values: [{ timestamp: Date.now() / 1000, type: "ui", category: "ui.click", message: "button: Send a test error" }] },
    exception: { values: [{ type: error.name, value: error.message, stacktrace: { frames: framesOf(error) }, mechanism: { type: "generic", handled: true } }] },
  };
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function send() {
  const id = newId();
  button.disabled = true;
  say("Sending …");
  try {
    const answer = await fetch(panel.dataset.store, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Sentry-Auth": `Sentry sentry_version=7, sentry_client=stacktale-page/1.0, sentry_key=${panel.dataset.key}` },
      body: JSON.stringify(testEvent(id)),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${answer.headers.get("X-Sentry-Error") ?? ""}`);
    say("Sent. Its issue opens in a moment …");
    waitFor(id);
  } catch (error) {
    say(`It was not taken: ${error.message}`);
    button.disabled = false;
  }
}

// The first event of a project is awaited by htmx; a later one by its id.
async function waitFor(id, tries = 0) {
  const answer = await fetch(`${panel.dataset.waitingUrl}?event=${id}`, { headers: { "HX-Request": "true" } });
  const issue = answer.headers.get("HX-Redirect");
  if (issue) location.assign(issue);
  else if (tries < 60) setTimeout(() => waitFor(id, tries + 1), 500);
  else say("It was taken, but is not recorded after half a minute: is the worker running?");
}

button?.addEventListener("click", send);
