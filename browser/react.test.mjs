// react-plaid-link, as it is published, on pages that load link-initialize.js before it. It would load Plaid's script itself.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from './support/test.mjs';
import { buildPages, versions } from './react/build.mjs';
import { abroad, env, launch, newPage, stop } from './support/browser.mjs';
import { document, startClient } from './support/client.mjs';
import { connected, event, exited, grow, heard, say, startFake, success } from './support/fake.mjs';

let browser, fake, client;
before(async () => {
  const folder = env('WEFT_BUILT');
  await buildPages(folder, versions);
  browser = await launch();
  fake = await startFake();
  client = await startClient(fake.origin);
  for (const name of await fs.readdir(folder)) {
    client.set(`/${name}`, await fs.readFile(path.join(folder, name)), { 'Content-Type': 'text/javascript' });
  }
  for (const v of versions) {
    const entry = `<script type="module" src="/v${v}.js"></script>`;
    client.set(`/v${v}`, document(client.script, entry));
    client.set(`/v${v}/bare`, document('', entry));
  }
});
after(stop);
beforeEach(() => fake.reset());

// Page is a page with a version of the library, and the newest frame on it.
async function visit(t, path) {
  const page = await newPage(t, browser);
  await page.goto(client.origin + path);
  const shown = { page };
  shown.frame = async () => {
    const handle = await page.waitForSelector('iframe[id^=plaid-link-iframe]', { state: 'attached' });
    return handle.contentFrame();
  };
  shown.ready = () => connected(shown);
  shown.called = (name) => page.waitForFunction((name) => window.calls.find((c) => c.name === name)?.args, name).then((h) => h.jsonValue());
  shown.names = () => page.evaluate(() => window.calls.map((c) => c.name));
  shown.frames = () => page.locator('iframe').count();
  return shown;
}

// quiet wants no request to another machine, no error, and no warning of the library.
function quiet({ page }) {
  assert.deepEqual(abroad(page), []);
  assert.deepEqual(page.threw, []);
  assert.deepEqual(page.said.filter((line) => /^(error|warning):/.test(line) && !line.includes('favicon') && !line.includes('React DevTools')), []);
}

for (const v of versions) {
  describe(`react-plaid-link ${v}`, () => {
    for (const strict of ['', '&strict']) {
      it(`links${strict && ' in strict mode'}`, async (t) => {
        const shown = await visit(t, `/v${v}?token=link-sandbox-1${strict}`);
        const { page } = shown;
        await page.waitForSelector('#opener:enabled');
        const frame = await shown.ready();
        assert.equal(await shown.frames(), 1);
        await page.click('#opener');
        await heard(frame, 'show');
        await say(frame, event('OPEN', { view_name: 'CONSENT' }), event('HANDOFF'), success);
        assert.equal((await shown.called('onSuccess'))[0], 'public-sandbox-1');
        assert.deepEqual(await shown.names(), ['onLoad', 'onEvent', 'onEvent', 'onSuccess']);
        assert.equal(await page.evaluate(() => document.body.style.overflow), '');
        quiet(shown);
      });
    }

    it('is exited, and opened again', async (t) => {
      const shown = await visit(t, `/v${v}?token=link-sandbox-1`);
      const frame = await shown.ready();
      await shown.page.click('#opener');
      await heard(frame, 'show');
      await say(frame, exited);
      await shown.called('onExit');
      await shown.page.click('#opener');
      await heard(await shown.ready(), 'show');
      quiet(shown);
    });

    it('leaves no frame when it is unmounted while it is open', async (t) => {
      const shown = await visit(t, `/v${v}?token=link-sandbox-1&strict`);
      const frame = await shown.ready();
      await shown.page.click('#opener');
      await heard(frame, 'show');
      await say(frame, event('OPEN'));
      await shown.called('onEvent');
      await shown.page.evaluate(() => window.show(false));
      await shown.called('onExit');
      await shown.page.waitForFunction(() => !document.querySelector('iframe'));
      assert.equal(await shown.page.evaluate(() => document.body.style.overflow), '');
      assert.deepEqual((await shown.names()).filter((name) => /onExit|onSuccess/.test(name)), ['onExit']);
      quiet(shown);
    });

    it('takes the token when there is one', async (t) => {
      const shown = await visit(t, `/v${v}`);
      const { page } = shown;
      await page.waitForSelector('#opener');
      await page.evaluate(() => window.setToken('link-sandbox-1'));
      await page.waitForSelector('#opener:enabled');
      await shown.ready();
      await page.evaluate(() => window.setToken('link-sandbox-2'));
      await page.waitForSelector('#opener:enabled');
      await page.waitForFunction(() => document.querySelectorAll('iframe').length === 1 && !document.querySelector('#plaid-link-iframe-1'));
      await shown.ready();
      assert.deepEqual(fake.opened.map(({ config }) => config.token), ['link-sandbox-1', 'link-sandbox-2']);
      quiet(shown);
    });

    it('has a button of its own', async (t) => {
      const shown = await visit(t, `/v${v}?token=link-sandbox-1&component`);
      const frame = await shown.ready();
      await shown.page.click('button:enabled');
      await heard(frame, 'show');
      await say(frame, success);
      await shown.called('onSuccess');
      quiet(shown);
    });

    if (v > 2) {
      it('is embedded', async (t) => {
        const shown = await visit(t, `/v${v}?token=link-sandbox-1&embedded&strict`);
        const frame = await shown.ready();
        await say(frame, event('OPEN'), grow, event('SELECT_INSTITUTION'));
        await shown.page.waitForFunction(() => document.body.style.overflow === 'hidden');
        assert.equal(await shown.frames(), 1);
        await say(frame, success);
        await shown.called('onSuccess');
        quiet(shown);
      });
    }
  });
}

it('a page without link-initialize.js asks Plaid for its script, and is noticed', async (t) => {
  for (const v of versions) {
    const page = await newPage(t, browser);
    const asked = page.waitForRequest('https://cdn.plaid.com/**');
    await page.goto(`${client.origin}/v${v}/bare?token=link-sandbox-1`);
    await asked;
    assert.deepEqual(abroad(page), ['https://cdn.plaid.com/link/v2/stable/link-initialize.js']);
  }
});
