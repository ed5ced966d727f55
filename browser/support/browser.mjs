// A browser that reaches nothing but this machine, and the pages of it.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export function env(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run the tests with go test ./browser`);
  return value;
}

// What was started for a file of tests, and is to be stopped after them by stop.
const started = [];

export async function stop() {
  for (const end of started.splice(0).reverse()) await end();
}

// launch starts the browser that is installed. Names of other machines have no address in it.
export async function launch() {
  const browser = await chromium.launch({
    executablePath: env('WEFT_CHROMIUM'),
    args: ['--no-proxy-server', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'],
  });
  started.push(() => browser.close());
  return browser;
}

// newPage opens a page with a profile of its own. page.asked are the addresses of all requests, page.said what its console has
// said, page.threw the errors that nothing has caught.
export async function newPage(t, browser, options = {}) {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  context.setDefaultTimeout(15_000);
  const asked = [];
  context.on('request', (request) => asked.push(request.url()));
  const page = await context.newPage();
  page.asked = asked;
  page.said = [];
  page.threw = [];
  page.on('console', (message) => page.said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => page.threw.push(error.message));
  return page;
}

// complaints are what the browser has found wrong with a page and its frames, and the errors of their scripts.
export const complaints = (page) => [...page.said.filter((line) => /^(error|warning):/.test(line)), ...page.threw];

// abroad are the requests that were not for this machine.
export function abroad(page) {
  return page.asked.filter((url) => /^https?:/.test(url) && !['127.0.0.1', 'localhost'].includes(new URL(url).hostname));
}

// serve starts a server and returns its origin. Pages of clients are at localhost and Link's host at 127.0.0.1: two sites, as
// they are in earnest.
export async function serve(server, name = '127.0.0.1') {
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  started.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${name}:${server.address().port}`;
}
