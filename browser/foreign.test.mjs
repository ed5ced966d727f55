// What others say to the page is not heard: only the host's documents in the instance's own frame are.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from './support/test.mjs';
import http from 'node:http';
import { launch, newPage, serve, stop } from './support/browser.mjs';
import { create, startClient } from './support/client.mjs';
import { connected, heard, say, startFake, success } from './support/fake.mjs';

// A document that tells the page around everything that a frame of Link could, and keeps what it is answered.
const impostor = `<!doctype html><title>impostor</title><script>
  var got = [];
  addEventListener('message', function (e) { got.push(e.data); });
  function tell(nonce) {
    parent.postMessage({ weft: 'link', type: 'hello' }, '*');
    ['', undefined, nonce].forEach(function (n) { parent.postMessage({ weft: 'link', type: 'ready', nonce: n }, '*'); });
    parent.postMessage({ weft: 'link', type: 'finish', finished: { success: {}, public_token: 'forged' } }, '*');
    parent.postMessage({ type: 'told' }, '*');
  }
</script>`;

let browser, fake, client, foreign;
before(async () => {
  browser = await launch();
  fake = await startFake();
  client = await startClient(fake.origin);
  foreign = await serve(http.createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(impostor)));
});
after(stop);
beforeEach(() => fake.reset());

async function visit(t) {
  const page = await newPage(t, browser);
  await page.goto(client.origin);
  await page.evaluate(() => {
    window.told = 0;
    window.channels = 0;
    window.MessageChannel = class extends window.MessageChannel {
      constructor() {
        super();
        window.channels++;
      }
    };
    addEventListener('message', (e) => { if (e.data?.type === 'told') window.told++; });
  });
  return page;
}

// another is a frame of the page that is not Link's.
async function another(page, url, inside) {
  await page.evaluate((url) => new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.id = 'another';
    frame.src = url;
    frame.onload = resolve;
    document.body.append(frame);
  }), url);
  const frame = await (await page.$('#another')).contentFrame();
  if (inside) await frame.setContent(inside);
  return frame;
}

// unheard wants what a frame tells to lead to nothing: no answer, not even one that the browser keeps from it, of which each would
// have a channel.
async function unheard(page, link, frame, nonce) {
  const channels = await page.evaluate(() => window.channels);
  await frame.evaluate((nonce) => window.tell(nonce), nonce);
  await page.waitForFunction(() => window.told === 1);
  assert.deepEqual(await frame.evaluate(() => window.got), []);
  assert.deepEqual([await link.terminal(), page.threw], [[], []]);
  assert.equal(await page.evaluate(() => window.channels), channels);
}

describe('messages', () => {
  it('of another origin are not heard', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    await connected(link);
    await link.open();
    await unheard(page, link, await another(page, foreign), fake.opened[0].nonce);
  });

  it('of the host in another frame are not heard', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    const own = await connected(link);
    await link.open();
    const frame = await another(page, `${fake.origin}/link/v2/nowhere`, impostor);
    assert.equal(await frame.evaluate(() => origin), fake.origin);
    await unheard(page, link, frame, fake.opened[0].nonce);
    assert.equal(await own.evaluate(() => window.messages), 1);
  });

  it('of another document that came into the frame are not heard', async (t) => {
    const page = await visit(t);
    fake.open = 'hang';
    const link = await create(page, { token: 'link-sandbox-1' });
    const handle = await page.waitForSelector(link.selector, { state: 'attached' });
    await link.open();
    await handle.evaluate((frame, url) => new Promise((resolve) => { frame.onload = resolve; frame.src = url; }), foreign);
    await unheard(page, link, await handle.contentFrame(), 'any');
  });

  it('without the nonce are not heard, though they are the host\'s in the frame', async (t) => {
    const page = await visit(t);
    fake.frame = 'empty';
    const link = await create(page, { token: 'link-sandbox-1' });
    const frame = await link.frame();
    await frame.waitForLoadState();
    await frame.setContent(impostor);
    await frame.evaluate(() => {
      for (const nonce of ['', null, undefined, 'wrong']) parent.postMessage({ weft: 'link', type: 'ready', nonce }, '*');
      parent.postMessage({ type: 'told' }, '*');
    });
    await page.waitForFunction(() => window.told === 1);
    assert.deepEqual(await frame.evaluate(() => window.got), []);
  });

  it('of the page itself, or that make no sense, do no harm', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    const frame = await connected(link);
    await link.open();
    await heard(frame, 'show');
    await page.evaluate((origin) => {
      for (const data of [null, 0, 'text', {}, { weft: 'link' }, { weft: 'link', type: 'hello' }, { weft: 'link', type: 'ready' }]) {
        window.postMessage(data, '*');
        window.dispatchEvent(new MessageEvent('message', { data, origin }));
      }
    }, fake.origin);
    await say(frame, null, 'text', {}, { type: 'unknown' }, { type: 'navigate' }, { type: 'show' }, success);
    assert.equal((await link.called('onSuccess'))[0], 'public-sandbox-1');
    assert.deepEqual([(await link.terminal()).length, page.threw, fake.opened.length], [1, [], 1]);
  });

  it('keep the token from a document of another host', async (t) => {
    const page = await visit(t);
    fake.frame = 'hang';
    const link = await create(page, { token: 'link-sandbox-secret' });
    const handle = await page.waitForSelector(link.selector, { state: 'attached' });
    await handle.evaluate((frame, url) => new Promise((resolve) => { frame.onload = resolve; frame.src = url; }), foreign);
    await unheard(page, link, await handle.contentFrame(), 'any');
  });
});
