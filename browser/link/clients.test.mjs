// Link on the pages of clients: strict ones, hostile ones, and those made with react-plaid-link.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from '../support/test.mjs';
import { buildPages } from '../react/build.mjs';
import { abroad, complaints, env, stop } from '../support/browser.mjs';
import { create, document, startClient } from '../support/client.mjs';
import { openLink, pane, press, succeed, walk } from '../support/person.mjs';
import { startStage } from '../support/stage.mjs';
import { ask, exchange, linkToken } from '../support/weft.mjs';

let stage;
before(async () => { stage = await startStage(); });
after(stop);

it('a page that allows Link\'s host alone, for scripts and frames, links', async (t) => {
  const host = env('WEFT_URL');
  const policy = `default-src 'none'; script-src ${host}; frame-src ${host}; base-uri 'none'; form-action 'none'`;
  stage.client.set('/strict', document('', `<button id="opener">Connect</button>${stage.client.script}`), {
    'Content-Security-Policy': policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
  });
  const { link_token: token } = await linkToken();
  const link = await openLink(await stage.visit(t, {}, '/strict'), { token });
  await walk(link.where, 'connected');
  await succeed(link);
  // The client's page has no icon, which its policy says too.
  assert.deepEqual([complaints(link.page).filter((line) => !line.includes('favicon')), abroad(link.page)], [[], []]);
});

describe('a page that may not open Link', () => {
  const allow = (origins) => ask('/weft/link/settings/update', { allowed_origins: origins }, 'guarded');

  it('is refused, and the client is told why', async (t) => {
    await allow(['https://app.example']);
    const { link_token: token } = await linkToken({}, 'guarded');
    const refused = await openLink(await stage.visit(t), { token });
    await pane(refused.where, 'error');
    refused.where.locator('#close-button').click().catch(() => {});
    const [error] = await refused.called('onExit');
    assert.deepEqual([error.error_code, error.error_message.includes(stage.client.origin)], ['INVALID_CONFIGURATION', true]);
    await allow([stage.client.origin]);
    const link = await openLink(await stage.visit(t), { token });
    await pane(link.where, 'consent');
  });

  it('does not see it by showing a page that may', async (t) => {
    const hostile = await startClient(env('WEFT_URL'));
    hostile.set('/', document('', `<iframe id="victim" src="${stage.client.origin}/" width="600" height="700"></iframe>`));
    await allow([stage.client.origin]);
    const { link_token: token } = await linkToken({}, 'guarded');
    const page = await stage.visit(t);
    await page.goto(`${hostile.origin}/`);
    const victim = await (await page.waitForSelector('#victim')).contentFrame();
    await victim.waitForFunction(() => window.Plaid);
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    const link = await create(victim, { token });
    await link.open();
    await refused;
    assert.deepEqual(await Promise.all(page.frames().map((frame) => frame.locator('[data-pane]').count())), [0, 0, 0]);
    assert.deepEqual(await link.calls('onLoad'), []);
  });

  it('cannot show a page of its own under a click, hosted or an app\'s', async (t) => {
    const { link_token: token, hosted_link_url: hosted } = await linkToken({ hosted_link: {} });
    const hostile = await startClient(env('WEFT_URL'));
    for (const [path, address] of [['/hosted', hosted], ['/app', `${env('WEFT_URL')}/link/v2/stable/link.html?isWebview=true&token=${token}`]]) {
      hostile.set(path, document('', `<iframe src="${address.replaceAll('&', '&amp;')}" style="opacity: 0.01"></iframe>`));
      const page = await stage.visit(t);
      const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
      await page.goto(hostile.origin + path);
      await refused;
      assert.deepEqual(await Promise.all(page.frames().map((frame) => frame.locator('[data-pane]').count())), [0, 0]);
    }
  });
});

// forger is a frame beside Link that tries to be the page around it, all the time.
const forger = `<script>
  window.got = [];
  var nonces = ['', 'wrong', null, undefined];
  setInterval(function () {
    for (var i = 0; i < parent.frames.length; i++) {
      if (parent.frames[i] === window) continue;
      nonces.forEach(function (nonce) {
        ['open', 'connect', 'ready'].forEach(function (type) {
          var channel = new MessageChannel();
          channel.port1.onmessage = function (e) { window.got.push(e.data); };
          parent.frames[i].postMessage({ weft: 'link', type: type, nonce: nonce, config: { token: 'forged' } }, '*', [channel.port2]);
          channel.port1.postMessage({ type: 'exit', force: true });
        });
      });
      parent.frames[i].postMessage({ type: 'exit', force: true }, '*');
    }
  }, 20);
</script>`;

it('a frame that plays the page around it is not listened to', async (t) => {
  const hostile = await startClient(env('WEFT_URL'));
  hostile.set('/forger', document('', forger));
  stage.client.set('/shared', document('', `<iframe id="forger" src="${hostile.origin}/forger"></iframe>${stage.client.script}`));
  const { link_token: token } = await linkToken();
  const page = await stage.visit(t, {}, '/shared');
  const link = await openLink(page, { token });
  // The page around it does not get a second ear either, without the nonce.
  await page.evaluate((selector) => {
    window.got = [];
    const channel = new MessageChannel();
    channel.port1.onmessage = (e) => { window.got.push(e.data); };
    document.querySelector(selector).contentWindow.postMessage({ weft: 'link', type: 'connect', nonce: 'wrong' }, '*', [channel.port2]);
  }, link.selector);
  await walk(link.where, 'connected');
  const access = await exchange(await succeed(link));
  assert.ok((await ask('/accounts/get', { access_token: access })).accounts.length > 0);
  const frame = await (await page.waitForSelector('#forger')).contentFrame();
  assert.deepEqual([await frame.evaluate(() => window.got), await page.evaluate(() => window.got)], [[], []]);
});

describe('react-plaid-link', () => {
  const versions = [4, 5];
  before(async () => {
    const folder = env('WEFT_BUILT');
    await buildPages(folder, versions);
    for (const name of await fs.readdir(folder)) {
      stage.client.set(`/${name}`, await fs.readFile(path.join(folder, name)), { 'Content-Type': 'text/javascript' });
    }
  });

  for (const v of versions) {
    it(`${v} links, in strict mode`, async (t) => {
      stage.client.set(`/v${v}`, document(stage.client.script, `<script type="module" src="/v${v}.js"></script>`));
      const { link_token: token } = await linkToken();
      const page = await stage.visit(t, {}, `/v${v}?strict&token=${token}`);
      await page.locator('#opener:enabled').click();
      const shown = await page.waitForSelector('iframe[id^="plaid-link-iframe"]');
      const where = await shown.contentFrame();
      await walk(where, 'connected');
      await press(where);
      const called = await page.waitForFunction(() => window.calls.find(({ name }) => name === 'onSuccess'));
      const [publicToken, metadata] = (await called.jsonValue()).args;
      const { accounts } = await ask('/accounts/get', { access_token: await exchange(publicToken) });
      assert.deepEqual(metadata.accounts.map(({ id }) => id), accounts.map((a) => a.account_id));
      const names = await page.evaluate(() => window.calls.map(({ name, args }) => (name === 'onEvent' ? args[0] : name)));
      assert.deepEqual([names.filter((name) => name === 'OPEN').length, ...names.slice(-2)], [1, 'HANDOFF', 'onSuccess']);
      assert.deepEqual([abroad(page), complaints(page)], [[], []]);
    });
  }
});
