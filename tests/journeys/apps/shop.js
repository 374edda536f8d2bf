// A small shop that fails, for any version of @sentry/node: `node shop.js`, DSN and RELEASE in the environment.
const Sentry = require("@sentry/node");

Sentry.init({ dsn: process.env.DSN, release: process.env.RELEASE, environment: "staging" });
Sentry.setUser({ id: "42", email: "ana@example.com" });
Sentry.setTag("region", "eu-west");
Sentry.addBreadcrumb({ category: "cart", message: "cart opened" });

function discount(cart) {
  return cart.customer.rate * cart.total;
}

function checkout(cart) {
  return discount(cart);
}

setTimeout(() => checkout({ total: 10 }), 0);
