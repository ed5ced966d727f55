// A client's page, as its people write it, and what its callbacks are told.
import assert from 'node:assert/strict';
import http from 'node:http';
import { serve } from './browser.mjs';

export const loaderPath = '/link/v2/stable/link-initialize.js';

// startClient serves pages: set(path, body, headers) says which. Its page / has a button and the script of a host.
export async function startClient(host) {
  const pages = new Map();
  const server = http.createServer((request, response) => {
    const page = pages.get(new URL(request.url, 'http://localhost').pathname);
    if (!page) response.writeHead(404);
    else response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...page.headers });
    response.end(page?.body);
  });
  const origin = await serve(server, 'localhost');
  const client = { origin, set: (path, body, headers = {}) => pages.set(path, { body, headers }) };
  client.script = `<script src="${host}${loaderPath}"></script>`;
  client.set('/', document('', `<button id="opener">Connect</button><div style="height: 3000px"></div>${client.script}`));
  client.set('/favicon.ico', '');
  return client;
}

// document is a page.
export const document = (head, body) => `<!doctype html><html lang="en"><head><title>A client</title>${head}</head><body>${body}</body></html>`;

// create makes an instance on a page that has the loader. The script runs outside of the page's own policy, as Playwright's
// scripts do; what it makes is the page's.
export async function create(page, config = {}, container = null) {
  const index = await page.evaluate(([config, container]) => {
    window.instances ??= [];
    const calls = [];
    const told = (name) => (...args) => { calls.push({ name, args: JSON.parse(JSON.stringify(args)) }); };
    const full = { onSuccess: told('onSuccess'), onExit: told('onExit'), onEvent: told('onEvent'), onLoad: told('onLoad'), ...config };
    const instance = container ? window.Plaid.createEmbedded(full, document.querySelector(container)) : window.Plaid.create(full);
    return window.instances.push({ instance, calls }) - 1;
  }, [config, container]);
  return new Link(page, index);
}

// Link is an instance on a page.
export class Link {
  constructor(page, index) {
    this.page = page;
    this.index = index;
    this.selector = `#plaid-link-iframe-${index + 1}`;
    this.element = page.locator(this.selector);
  }

  // call calls a method of the handler.
  call(method, ...args) {
    return this.page.evaluate(([index, method, args]) => { window.instances[index].instance[method](...args); }, [this.index, method, args]);
  }

  open() { return this.call('open'); }

  exit(options) { return this.call('exit', ...(options ? [options] : [])); }

  destroy() { return this.call('destroy'); }

  // calls are those of the callbacks so far, or those of one of them.
  async calls(name) {
    const calls = await this.page.evaluate((index) => window.instances[index].calls, this.index);
    return name ? calls.filter((call) => call.name === name) : calls;
  }

  // called waits for a callback and returns its arguments.
  async called(name) {
    await this.page.waitForFunction(([index, name]) => window.instances[index].calls.some((call) => call.name === name), [this.index, name]);
    return (await this.calls(name))[0].args;
  }

  // frame is what runs in the iframe.
  async frame() {
    const handle = await this.page.waitForSelector(this.selector, { state: 'attached' });
    return handle.contentFrame();
  }

  // events are the names that onEvent was told, with the view where the event is about one: "TRANSITION_VIEW CONSENT".
  async events() {
    return (await this.calls('onEvent')).map(({ args: [name, metadata] }) => (name === 'TRANSITION_VIEW' ? `${name} ${metadata.view_name}` : name));
  }

  // expectEvents wants exactly these events, in this order.
  async expectEvents(want) {
    assert.deepEqual(await this.events(), want);
  }

  // terminal are the calls of onSuccess and onExit, of which there is one in a session.
  async terminal() {
    return (await this.calls()).filter(({ name }) => name === 'onSuccess' || name === 'onExit');
  }
}
