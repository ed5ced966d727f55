// The list of institutions inside a client's page.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from './support/test.mjs';
import { launch, newPage, stop } from './support/browser.mjs';
import { create, document, startClient } from './support/client.mjs';
import { connected, event, exited, grow, heard, say, startFake, success } from './support/fake.mjs';

let browser, fake, client;
before(async () => {
  browser = await launch();
  fake = await startFake();
  client = await startClient(fake.origin);
  client.set('/', document('', `<div style="transform: translateX(10px); overflow: hidden"><div id="box" style="width: 350px; height: 400px"></div></div>${client.script}`));
});
after(stop);
beforeEach(() => fake.reset());

const inline = { x: 18, y: 8, width: 350, height: 400 };

async function embed(t) {
  const page = await newPage(t, browser);
  await page.goto(client.origin);
  const link = await create(page, { token: 'link-sandbox-1' }, '#box');
  const frame = await connected(link);
  await heard(frame, 'show');
  return { page, link, frame };
}

// grown waits until the list has become the modal.
const grown = (page) => page.waitForFunction(() => document.body.style.overflow === 'hidden');

const whole = (page) => ({ x: 0, y: 0, ...page.viewportSize() });

describe('createEmbedded', () => {
  it('shows the list in its container', async (t) => {
    const { page, link, frame } = await embed(t);
    assert.equal(fake.opened[0].config.embedded, true);
    await say(frame, event('OPEN', { view_name: 'CONSENT' }), event('TRANSITION_VIEW', { view_name: 'SELECT_INSTITUTION' }), event('SEARCH_INSTITUTION'));
    await page.waitForFunction(() => window.instances[0].calls.length === 4);
    assert.deepEqual(await link.element.boundingBox(), inline);
    assert.deepEqual(await page.evaluate(() => [document.body.style.overflow, Object.keys(window.instances[0].instance)]), ['', ['destroy']]);
    assert.equal(await page.evaluate(() => document.querySelector('#box > iframe') !== null), true);
  });

  it('becomes the modal when an institution is chosen, in the same session', async (t) => {
    const { page, link, frame } = await embed(t);
    await say(frame, event('OPEN', { view_name: 'CONSENT' }), grow, grow, event('SELECT_INSTITUTION'));
    await grown(page);
    await say(frame, event('TRANSITION_VIEW', { view_name: 'CONSENT' }), event('TRANSITION_VIEW', { view_name: 'CREDENTIAL' }));
    await page.waitForFunction(() => window.instances[0].calls.length === 5);
    // The container is transformed and cuts what overflows it, which does not hold the modal.
    assert.deepEqual(await link.element.boundingBox(), whole(page));
    assert.deepEqual(await page.evaluate(() => [document.elementFromPoint(1, 1).id, document.body.style.overflow]), ['plaid-link-iframe-1', 'hidden']);
    assert.deepEqual(await frame.evaluate(() => window.heard), [{ type: 'show' }]);
    await say(frame, success);
    assert.equal((await link.called('onSuccess'))[0], 'public-sandbox-1');
    assert.deepEqual(await page.evaluate(() => [document.querySelectorAll('iframe').length, document.body.style.overflow]), [0, '']);
    await link.expectEvents(['OPEN', 'SELECT_INSTITUTION', 'TRANSITION_VIEW CONSENT', 'TRANSITION_VIEW CREDENTIAL']);
    assert.equal(fake.opened.length, 1);
  });

  it('is the only form that grows', async (t) => {
    const page = await newPage(t, browser);
    await page.goto(client.origin);
    const link = await create(page, { token: 'link-sandbox-1' });
    await say(await connected(link), grow, event('OPEN'));
    await link.called('onEvent');
    assert.deepEqual([await link.element.isVisible(), await page.evaluate(() => document.body.style.overflow)], [false, '']);
  });

  it('offers the list again after an exit', async (t) => {
    const { page, link, frame } = await embed(t);
    await say(frame, grow);
    await grown(page);
    await say(frame, exited);
    await link.called('onExit');
    await heard(await connected(link), 'show');
    assert.deepEqual(await link.element.boundingBox(), inline);
    assert.deepEqual([fake.opened.length, (await link.terminal()).length, (await link.calls('onLoad')).length], [2, 1, 1]);
  });

  it('is gone after destroy', async (t) => {
    const { page, link, frame } = await embed(t);
    await say(frame, grow);
    await grown(page);
    const forced = fake.forced();
    await link.destroy();
    await link.destroy();
    await forced;
    await page.waitForFunction(() => !document.querySelector('iframe'));
    assert.deepEqual([await link.terminal(), page.threw, fake.opened.length], [[], [], 1]);
    assert.equal(await page.evaluate(() => document.body.style.overflow), '');
  });
});
