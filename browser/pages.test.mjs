// link-initialize.js on pages of every kind: strict ones, hostile ones, and those that use it otherwise than is usual.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from './support/test.mjs';
import { abroad, launch, newPage, stop } from './support/browser.mjs';
import { create, document, Link, loaderPath, startClient } from './support/client.mjs';
import { connected, event, exited, heard, say, startFake, success } from './support/fake.mjs';

const plaid = 'https://cdn.plaid.com/link/v2/stable/link-initialize.js';
let browser, fake, client;
before(async () => {
  browser = await launch();
  fake = await startFake();
  client = await startClient(fake.origin);
});
after(stop);
beforeEach(() => fake.reset());

async function visit(t, path = '/', options = {}) {
  const page = await newPage(t, browser, options);
  await page.goto(client.origin + path);
  return page;
}

// works links once.
async function works(page) {
  const link = await create(page, { token: 'link-sandbox-1' });
  const frame = await connected(link);
  await link.open();
  await heard(frame, 'show');
  assert.deepEqual(await link.element.boundingBox(), { x: 0, y: 0, ...page.viewportSize() });
  await say(frame, event('OPEN'), success);
  await link.called('onSuccess');
  assert.deepEqual([page.threw, abroad(page)], [[], []]);
}

describe('the script', () => {
  it('keeps its place, and keeps Plaid\'s script away', async (t) => {
    const page = await visit(t);
    const found = await page.evaluate((plaid) => {
      window.Plaid = 'of another script';
      const inert = document.querySelectorAll(`script[src="${plaid}"]`);
      return [typeof window.Plaid.create, typeof window.Plaid.createEmbedded, inert.length, inert[0].type, inert[0].isConnected];
    }, plaid);
    assert.deepEqual(found, ['function', 'function', 1, 'text/plain', true]);
    assert.deepEqual(abroad(page), []);
  });

  it('warns when it is embedded more than once, and works', async (t) => {
    client.set('/twice', document(client.script, client.script));
    const page = await visit(t, '/twice');
    assert.equal(page.said.filter((line) => line.startsWith('warning: link-initialize.js was embedded more than once')).length, 1);
    assert.equal(await page.locator(`script[src="${plaid}"]`).count(), 1);
    await works(page);
  });

  it('takes the place of Plaid\'s own that came before it', async (t) => {
    client.set('/late', document('<script>window.Plaid = { create: function () { throw new Error("Plaid"); } };</script>', client.script));
    await works(await visit(t, '/late'));
  });

  for (const [how, script] of [
    ['deferred', '<script defer src="HOST/link/v2/stable/link-initialize.js?v=1"></script>'],
    ['asynchronous', '<script async src="HOST/link/v2/stable/link-initialize.js"></script>'],
    ['a module', '<script type="module" src="HOST/link/v2/stable/link-initialize.js"></script>'],
    ['inserted by another', '<script>var s = document.createElement("script"); s.src = "HOST/link/v2/stable/link-initialize.js"; document.head.append(s);</script>'],
    ['under a prefix', '<script src="HOST/weft/link/v2/stable/link-initialize.js"></script>'],
  ]) {
    it(`finds its host when it is ${how}`, async (t) => {
      client.set('/how', document(script.replaceAll('HOST', fake.origin), ''));
      const page = await visit(t, '/how');
      await page.waitForFunction(() => window.Plaid);
      assert.equal(await page.evaluate(() => window.Plaid.weft), fake.origin + (how === 'under a prefix' ? '/weft' : ''));
      assert.deepEqual(page.said, []);
      await works(page);
    });
  }

  it('finds the page\'s own host as a part of another script, and says so', async (t) => {
    const text = await (await fetch(fake.origin + loaderPath)).text();
    client.set('/bundle.js', `${text}\nwindow.bundled = true;`, { 'Content-Type': 'text/javascript' });
    client.set('/bundle', document('', '<script src="/bundle.js"></script>'));
    const page = await visit(t, '/bundle');
    assert.deepEqual(await page.evaluate(() => [window.Plaid.weft, window.bundled]), [client.origin, true]);
    assert.match(page.said.join('\n'), /does not know its host/);
  });
});

describe('a page', () => {
  it('may allow nothing but the host', async (t) => {
    client.set('/strict', document('', `<button id="opener">Connect</button>${client.script}`), {
      'Content-Security-Policy': `default-src 'none'; script-src ${fake.origin}; frame-src ${fake.origin}; form-action 'none'; base-uri 'none'`,
    });
    const page = await visit(t, '/strict');
    await works(page);
    assert.deepEqual(page.said.filter((line) => !line.includes('favicon')), []);
  });

  it('may check the script\'s integrity and demand permission to embed it', async (t) => {
    const bytes = await (await fetch(fake.origin + loaderPath)).arrayBuffer();
    const digest = Buffer.from(await crypto.subtle.digest('SHA-384', bytes)).toString('base64');
    const script = (integrity) => `<script crossorigin src="${fake.origin}${loaderPath}" integrity="sha384-${integrity}"></script>`;
    client.set('/integrity', document('', script(digest)));
    await works(await visit(t, '/integrity'));
    client.set('/forged', document('', script('A'.repeat(64))));
    assert.equal(await (await visit(t, '/forged')).evaluate(() => typeof window.Plaid), 'undefined');
    client.set('/isolated', document('', client.script), { 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Opener-Policy': 'same-origin' });
    assert.equal(await (await visit(t, '/isolated')).evaluate(() => typeof window.Plaid), 'object');
  });

  it('may require trusted types', async (t) => {
    client.set('/trusted', document('', client.script), { 'Content-Security-Policy': 'require-trusted-types-for \'script\'' });
    await works(await visit(t, '/trusted'));
  });

  it('cannot bend the frame by its style sheet', async (t) => {
    client.set('/hostile', document(`<style>
      iframe, body > * { display: none !important; width: 10px !important; max-height: 20px !important; opacity: 0 !important; position: static !important; transform: scale(.5) !important }
      :root { color-scheme: dark }
    </style>`, client.script));
    const page = await visit(t, '/hostile');
    await works(page);
    const link = await create(page, { token: 'link-sandbox-1' });
    await connected(link);
    assert.equal(await link.element.isVisible(), false);
    await link.open();
    const look = await link.element.evaluate((frame) => {
      const { opacity, transform, zIndex, borderTopWidth, colorScheme } = getComputedStyle(frame);
      return { opacity, transform, zIndex, borderTopWidth, colorScheme };
    });
    assert.deepEqual(look, { opacity: '1', transform: 'none', zIndex: '2147483647', borderTopWidth: '0px', colorScheme: 'light' });
  });

  it('has its own scrolling back, whatever it was', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    const style = () => page.evaluate(() => document.body.getAttribute('style') ?? '');
    for (const before of ['', 'overflow: scroll;', 'overflow: auto clip !important;', 'color: red;']) {
      await page.evaluate((s) => { document.body.setAttribute('style', s); }, before);
      await link.open();
      assert.match(await style(), /overflow: hidden !important/);
      await link.exit({ force: true });
      assert.equal((await style()).trim(), before);
    }
    await link.open();
    await page.evaluate(() => { document.body.style.overflow = 'visible'; });
    await link.exit({ force: true });
    assert.equal((await style()).includes('overflow: visible'), true);
  });

  it('keeps the focus that it has set itself', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    const frame = await connected(link);
    await page.focus('#opener');
    await link.open();
    await page.evaluate(() => {
      const input = document.createElement('input');
      input.id = 'elsewhere';
      document.body.append(input);
      input.focus();
    });
    await say(frame, exited);
    await link.called('onExit');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'elsewhere');
  });
});

describe('what is asked for', () => {
  it('must be a token or a key', async (t) => {
    const page = await visit(t);
    const outcome = (config) => page.evaluate((text) => {
      try {
        return Object.keys(window.Plaid.create((0, eval)(text))).sort().join();
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    }, `(${config})`);
    for (const config of ['undefined', 'null', '{}', '{ token: "" }', '{ token: null, publicKey: "x" }', '{ receivedRedirectUri: "https://a/?oauth_state_id=1" }']) {
      assert.equal(await outcome(config), 'Error: Missing Link parameter. Link requires a key or token to be provided.', config);
    }
    for (const config of ['{ token: "link-sandbox-1" }', '{ key: "public" }', '{ token: null, key: undefined }', '{ key: undefined, receivedRedirectUri: "https://a/" }']) {
      assert.equal(await outcome(config), 'destroy,exit,open,submit', config);
    }
  });

  it('may be missing as react-plaid-link leaves it out: nothing is loaded before it is opened', async (t) => {
    const page = await visit(t);
    await page.evaluate(() => { window.instances = [{ calls: [], instance: window.Plaid.create({ token: null, key: undefined, onExit() {} }) }]; });
    assert.equal(await page.locator('iframe').count(), 0);
    const link = new Link(page, 0);
    await link.open();
    await connected(link);
    assert.deepEqual(fake.opened[0].config.legacy, {});
  });

  it('is handed on in the older form, but for what is no data', async (t) => {
    const page = await visit(t);
    await page.evaluate(() => {
      const circle = {};
      circle.circle = circle;
      window.Plaid.create({
        key: 'public-key', env: 'sandbox', product: ['auth', 'transactions'], clientName: 'A client', user: { legalName: 'A B' }, token: null,
        webhook: undefined, onSuccess() {}, onExit: null, circle, selectAccount: true, when: new Date(0), element: document.body,
      });
    });
    await page.waitForSelector('iframe', { state: 'attached' });
    await connected({ frame: async () => (await page.$('iframe')).contentFrame() });
    const { legacy, token } = fake.opened[0].config;
    delete legacy.element;
    assert.deepEqual([legacy, token], [{
      key: 'public-key', env: 'sandbox', product: ['auth', 'transactions'], clientName: 'A client', user: { legalName: 'A B' }, selectAccount: true,
      when: '1970-01-01T00:00:00.000Z',
    }, undefined]);
  });

  it('needs the bank\'s answer in receivedRedirectUri', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1', receivedRedirectUri: client.origin });
    assert.equal(await page.locator('iframe').count(), 0);
    await link.open();
    const [error] = await link.called('onExit');
    assert.deepEqual([error.error_type, error.error_code, error.error_message],
      ['INVALID_REQUEST', 'INVALID_FIELD', 'oauth uri does not contain a valid oauth_state_id query parameter']);
    assert.deepEqual([(await link.terminal()).length, fake.requests.includes('GET /link/v2/frame')], [1, false]);
  });

  it('is not Layer', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    await link.call('submit', { phone_number: '+14155550123' });
    await link.call('submit', { date_of_birth: '1990-01-01' });
    await page.waitForFunction(() => window.instances[0].calls.filter((c) => c.name === 'onEvent').length === 2);
    await link.expectEvents(['LAYER_NOT_AVAILABLE', 'LAYER_AUTOFILL_NOT_AVAILABLE']);
  });
});

describe('instances', () => {
  it('do not know of each other', async (t) => {
    const page = await visit(t);
    const one = await create(page, { token: 'link-sandbox-1' });
    const two = await create(page, { token: 'link-sandbox-2' });
    const [first, second] = [await connected(one), await connected(two)];
    assert.deepEqual(fake.opened.map(({ config }) => config.token).sort(), ['link-sandbox-1', 'link-sandbox-2']);
    await one.open();
    await two.open();
    await say(first, event('OPEN', { link_session_id: 'session-1' }));
    await say(second, event('OPEN', { link_session_id: 'session-2' }));
    assert.equal((await one.called('onEvent'))[1].link_session_id, 'session-1');
    assert.equal((await two.called('onEvent'))[1].link_session_id, 'session-2');
    await say(second, exited);
    await two.called('onExit');
    assert.deepEqual([await one.terminal(), await page.evaluate(() => document.body.style.overflow)], [[], 'hidden']);
    await one.destroy();
    assert.equal(await page.evaluate(() => document.body.style.overflow), '');
  });

  it('are made, destroyed and made again as React does in development', async (t) => {
    const page = await visit(t);
    const one = await create(page, { token: 'link-sandbox-1' });
    await one.destroy();
    const two = await create(page, { token: 'link-sandbox-1' });
    const frame = await connected(two);
    await two.open();
    await say(frame, success);
    await two.called('onSuccess');
    assert.deepEqual([await one.calls(), page.threw], [[], []]);
  });
});
