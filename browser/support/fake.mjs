// A host of Link whose frame does what a test says, by the protocol between the loader and the frame. It relays the script
// from where the loader is served.
import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import { env, serve } from './browser.mjs';
import { loaderPath } from './client.mjs';

const firstDocument = `<!doctype html><title>first</title>
<form method="post" action="open"><input name="nonce"><input name="origin"><input name="config"></form>
<script>
  addEventListener('message', function (e) {
    if (e.source !== parent || !e.data || e.data.weft !== 'link' || e.data.type !== 'open') return;
    var form = document.forms[0];
    form.nonce.value = e.data.nonce;
    form.origin.value = e.origin;
    form.config.value = JSON.stringify(e.data.config);
    form.submit();
  });
  parent.postMessage({ weft: 'link', type: 'hello' }, '*');
</script>`;

// Of the second document, tests use say (to the loader), heard (from it by the port) and messages (how many came by the window).
const realDocument = (origin, nonce) => `<!doctype html><html lang="en"><title>real</title>
<section data-pane="consent"><input id="first"><button id="aut-button">Continue</button></section>
<script>
  var origin = ${JSON.stringify(origin)}, nonce = ${JSON.stringify(nonce)}, port = null, heard = [], messages = 0;
  function say(message) { port.postMessage(message); }
  addEventListener('message', function (e) {
    messages++;
    if (e.source !== parent || e.origin !== origin || e.data.type !== 'connect' || e.data.nonce !== nonce) return;
    port = e.ports[0];
    port.onmessage = function (m) {
      heard.push(m.data);
      if (m.data.force) fetch('force', { method: 'POST', keepalive: true });
    };
    say({ type: 'load' });
  });
  parent.postMessage({ weft: 'link', type: 'ready', nonce: nonce }, origin);
</script>`;

// startFake runs the host. fake.opened are the sessions: {origin, nonce, config}. fake.frame and fake.open say how the two
// documents are answered: well, "hang" (not until goOn), "refuse" (the connection is cut) or "empty".
export async function startFake() {
  const fake = { opened: [], requests: [], frame: 'well', open: 'well' };
  const hung = new Map(); // what answers, by the responses that wait for it
  const asked = new EventEmitter();
  const page = (response, how, html, headers) => {
    const answer = () => response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...headers }).end(how === 'empty' ? '' : html());
    if (how === 'hang') hung.set(response, answer);
    else if (how === 'refuse') response.destroy();
    else answer();
  };
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    fake.requests.push(`${request.method} ${pathname}`);
    asked.emit(`${request.method} ${pathname}`);
    if (pathname.endsWith(loaderPath)) await relay(response);
    else if (pathname.endsWith('/link/v2/frame')) page(response, fake.frame, () => firstDocument, { 'Content-Security-Policy': 'frame-ancestors *' });
    else if (pathname.endsWith('/link/v2/open')) {
      let body = '';
      for await (const piece of request) body += piece;
      const { nonce, origin, config } = Object.fromEntries(new URLSearchParams(body));
      fake.opened.push({ nonce, origin, config: JSON.parse(config) });
      page(response, fake.open, () => realDocument(origin, nonce), { 'Content-Security-Policy': `frame-ancestors ${origin}` });
    } else response.writeHead(pathname.endsWith('/force') ? 204 : 404).end();
  });
  fake.origin = await serve(server);
  // forced waits for the next frame that is left by force to tell the host.
  fake.forced = () => once(asked, 'POST /link/v2/force', { signal: AbortSignal.timeout(15_000) });
  // goOn answers what hangs, and all that comes.
  fake.goOn = () => {
    for (const answer of hung.values()) answer();
    hung.clear();
    Object.assign(fake, { frame: 'well', open: 'well' });
  };
  fake.reset = () => {
    for (const response of hung.keys()) response.destroy();
    hung.clear();
    Object.assign(fake, { opened: [], requests: [], frame: 'well', open: 'well' });
  };
  return fake;
}

async function relay(response) {
  const answer = await fetch(env('WEFT_LOADER') + loaderPath);
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => !['content-encoding', 'content-length', 'connection'].includes(name)));
  response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
}

// A frame that is not displayed has no animation frames, by which Playwright looks otherwise.
const polling = { polling: 25 };

// connected waits until a link's frame has told its first word, and returns it.
export async function connected(link) {
  const frame = await link.frame();
  await frame.waitForFunction(() => window.port, null, polling);
  return frame;
}

// say has the frame say something, or several things in one breath. What it says first may be its end.
export const say = (frame, ...messages) => frame.evaluate((all) => all.forEach((m) => window.say(m)), messages)
  .catch((error) => { if (!error.message.includes('detached')) throw error; });

// heard waits until the frame was told something of a type.
export async function heard(frame, type) {
  await frame.waitForFunction((type) => window.heard.some((m) => m.type === type), type, polling);
  return frame.evaluate(() => window.heard);
}

export const event = (name, metadata = {}) => ({
  type: 'event', name, metadata: { link_session_id: 'session-1', timestamp: '2026-11-20T12:00:00.000Z', view_name: null, ...metadata },
});

// grow is what the embedded list says when something in it was chosen.
export const grow = { type: 'size', mode: 'modal' };

export const success = {
  type: 'finish',
  finished: {
    public_token: 'public-sandbox-1',
    success: { institution: { name: 'First Platypus Bank', institution_id: 'ins_109508' }, accounts: [], account: null, link_session_id: 'session-1', public_token: 'public-sandbox-1' },
  },
};

export const exited = {
  type: 'finish',
  finished: { exit: { institution: null, status: 'requires_credentials', link_session_id: 'session-1', request_id: 'request-1' } },
};
