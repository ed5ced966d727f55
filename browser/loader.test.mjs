// link-initialize.js on a client's page: one instance, from its making to its end.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from './support/test.mjs';
import { abroad, launch, newPage, stop } from './support/browser.mjs';
import { create, Link, startClient } from './support/client.mjs';
import { connected, event, exited, heard, say, startFake, success } from './support/fake.mjs';

let browser, fake, client;
before(async () => {
  browser = await launch();
  fake = await startFake();
  client = await startClient(fake.origin);
});
after(stop);
beforeEach(() => fake.reset());

async function visit(t, options) {
  const page = await newPage(t, browser, options);
  await page.goto(client.origin);
  return page;
}

const overflow = (page) => page.evaluate(() => document.body.style.overflow);
const focused = (page) => page.evaluate(() => document.activeElement.id);
const frames = (page) => page.locator('iframe').count();

describe('a session', () => {
  it('runs from the making to onSuccess', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    const frame = await connected(link);
    await link.called('onLoad');
    assert.equal(await link.element.isVisible(), false);
    assert.ok((await link.element.getAttribute('title')).length > 0);
    assert.deepEqual(fake.opened.map(({ origin, config }) => ({ origin, config })), [
      { origin: client.origin, config: { token: 'link-sandbox-1', receivedRedirectUri: null, touch: false, embedded: false } },
    ]);

    await page.focus('#opener');
    await link.open();
    await heard(frame, 'show');
    assert.deepEqual(await link.element.boundingBox(), { x: 0, y: 0, ...page.viewportSize() });
    assert.equal(await overflow(page), 'hidden');
    assert.equal(await focused(page), 'plaid-link-iframe-1');
    await link.open();
    assert.deepEqual(await frame.evaluate(() => window.heard), [{ type: 'show' }]);

    await say(frame, event('OPEN', { view_name: 'CONSENT' }));
    await say(frame, event('TRANSITION_VIEW', { view_name: 'SELECT_INSTITUTION' }));
    await say(frame, event('HANDOFF'));
    await say(frame, success, exited, success, event('EXIT'));
    const [token, metadata] = await link.called('onSuccess');
    assert.equal(token, 'public-sandbox-1');
    assert.equal(metadata.institution.name, 'First Platypus Bank');
    await link.expectEvents(['OPEN', 'TRANSITION_VIEW SELECT_INSTITUTION', 'HANDOFF']);
    assert.deepEqual((await link.calls()).map(({ name }) => name), ['onLoad', 'onEvent', 'onEvent', 'onEvent', 'onSuccess']);
    assert.deepEqual([await frames(page), await overflow(page), await focused(page)], [0, '', 'opener']);
    assert.deepEqual([abroad(page), page.threw], [[], []]);
  });

  it('ends in onSuccess without a token where tokens are given elsewhere', async (t) => {
    const link = await create(await visit(t), { token: 'link-sandbox-1' });
    const frame = await connected(link);
    await link.open();
    await say(frame, { type: 'finish', finished: { success: { accounts: [] } } });
    assert.deepEqual(await link.called('onSuccess'), ['', { accounts: [] }]);
  });

  it('is opened before it has loaded', async (t) => {
    const page = await visit(t);
    fake.frame = 'hang';
    const link = await create(page, { token: 'link-sandbox-1' });
    await link.open();
    assert.equal(await link.element.isVisible(), true);
    fake.goOn();
    const frame = await connected(link);
    await heard(frame, 'show');
    assert.equal(await focused(page), 'plaid-link-iframe-1');
  });

  it('can be opened again after its end', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    for (const times of [1, 2]) {
      await link.open();
      const frame = await connected(link);
      await heard(frame, 'show');
      await say(frame, event('OPEN'));
      await say(frame, exited);
      await page.waitForFunction((n) => window.instances[0].calls.filter((c) => c.name === 'onExit').length === n, times);
    }
    assert.equal(fake.opened.length, 2);
    assert.notEqual(fake.opened[0].nonce, fake.opened[1].nonce);
    assert.equal((await link.calls('onLoad')).length, 1);
  });

  it('is a page without a gesture after a bank has led back', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1', receivedRedirectUri: `${client.origin}/?oauth_state_id=abc` });
    await link.open();
    await heard(await connected(link), 'show');
    assert.equal(fake.opened[0].config.receivedRedirectUri, `${client.origin}/?oauth_state_id=abc`);
  });

  it('leads the page to a bank, but nowhere else', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    const frame = await connected(link);
    await link.open();
    for (const url of ['javascript:window.stolen=1', ' javascript:window.stolen=1', 'data:text/html,x', 'file:///etc/passwd']) await say(frame, { type: 'navigate', url });
    await say(frame, event('OPEN_OAUTH'));
    await link.called('onEvent');
    assert.deepEqual([page.url(), await page.evaluate(() => window.stolen)], [`${client.origin}/`, undefined]);
    client.set('/bank', 'the bank');
    await say(frame, { type: 'navigate', url: `${client.origin}/bank?state=1` });
    await page.waitForURL('**/bank?state=1');
  });

  it('goes on where a callback throws', async (t) => {
    const page = await visit(t);
    await page.evaluate(() => {
      window.exits = 0;
      window.instances = [{ calls: [], instance: window.Plaid.create({
        token: 'link-sandbox-1',
        onLoad: () => { throw new Error('of onLoad'); },
        onEvent: () => { throw new Error('of onEvent'); },
        onExit: () => { window.exits++; },
      }) }];
    });
    const link = new Link(page, 0);
    const frame = await connected(link);
    await link.open();
    await say(frame, event('OPEN'));
    await heard(frame, 'show');
    await link.exit({ force: true });
    await page.waitForFunction(() => window.exits === 1);
    assert.deepEqual(page.threw, ['of onLoad', 'of onEvent', 'of onEvent']);
  });

  it('knows a phone', async (t) => {
    const page = await visit(t, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
    await connected(await create(page, { token: 'link-sandbox-1' }));
    assert.equal(fake.opened[0].config.touch, true);
  });
});

describe('leaving', () => {
  async function opened(t) {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    const frame = await connected(link);
    await page.focus('#opener');
    await link.open();
    await say(frame, event('OPEN', { view_name: 'CONSENT' }));
    await say(frame, event('SELECT_INSTITUTION', { institution_id: 'ins_109508', institution_name: 'First Platypus Bank', request_id: 'request-7' }));
    await page.waitForFunction(() => window.instances[0].calls.length === 3);
    return { page, link, frame };
  }

  it('gracefully is the frame\'s affair', async (t) => {
    const { page, link, frame } = await opened(t);
    await link.exit();
    assert.deepEqual((await heard(frame, 'exit')).at(-1), { type: 'exit', force: false });
    assert.deepEqual([await link.terminal(), await frames(page)], [[], 1]);
    await say(frame, event('EXIT', { exit_status: 'requires_credentials' }));
    await say(frame, exited);
    assert.deepEqual(await link.called('onExit'), [null, exited.finished.exit]);
    assert.deepEqual([await frames(page), await overflow(page), await focused(page)], [0, '', 'opener']);
  });

  it('hands on the error that was left', async (t) => {
    const { link, frame } = await opened(t);
    const error = { error_type: 'ITEM_ERROR', error_code: 'ITEM_LOCKED', error_message: 'locked', display_message: null };
    await say(frame, { type: 'finish', finished: { ...exited.finished, error } });
    assert.deepEqual(await link.called('onExit'), [error, exited.finished.exit]);
  });

  it('by force is at once', async (t) => {
    const { page, link, frame } = await opened(t);
    await frame.evaluate((end) => window.port.addEventListener('message', () => window.say(end)), exited);
    const forced = fake.forced();
    const when = await page.evaluate(() => new Promise((resolve) => {
      const { instance, calls } = window.instances[0];
      instance.exit({ force: true });
      const before = calls.length;
      setTimeout(() => resolve([before, calls.length, document.activeElement.id, document.querySelector('#plaid-link-iframe-1')]), 0);
    }));
    assert.deepEqual(when, [3, 5, 'opener', null]);
    await forced;
    const [, metadata] = (await link.calls('onEvent')).at(-1).args;
    assert.match(metadata.timestamp, /^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/);
    assert.equal(Object.keys(metadata).length, 17);
    await link.expectEvents(['OPEN', 'SELECT_INSTITUTION', 'EXIT']);
    assert.deepEqual(await link.called('onExit'), [null, {
      institution: { name: 'First Platypus Bank', institution_id: 'ins_109508' }, status: null, link_session_id: 'session-1', request_id: 'request-7',
    }]);
    await page.waitForFunction(() => !document.querySelector('iframe'));
    await link.exit({ force: true });
    assert.equal((await link.terminal()).length, 1);
  });

  it('by force takes the frame away that says nothing any more', async (t) => {
    const { page, link } = await opened(t);
    await link.exit({ force: true });
    await page.waitForFunction(() => !document.querySelector('iframe'));
    assert.equal((await link.terminal()).length, 1);
  });

  it('by force and destroy still calls onExit', async (t) => {
    const { page, link } = await opened(t);
    await page.evaluate(() => {
      const { instance } = window.instances[0];
      instance.exit({ force: true });
      instance.destroy();
    });
    await link.called('onExit');
    assert.equal((await link.terminal()).length, 1);
  });

  for (const [part, how] of [['frame', 'hang'], ['frame', 'refuse'], ['frame', 'empty'], ['open', 'hang'], ['open', 'refuse'], ['open', 'empty']]) {
    it(`does not need the frame (${part}: ${how})`, async (t) => {
      const page = await visit(t);
      fake[part] = how;
      for (const options of [{ force: true }, undefined]) {
        const link = await create(page, { token: 'link-sandbox-1' });
        await link.open();
        assert.equal(await overflow(page), 'hidden');
        await link.exit(options);
        const [error, metadata] = await link.called('onExit');
        assert.deepEqual([error, metadata], [null, { institution: null, status: null, link_session_id: '', request_id: '' }]);
        assert.deepEqual([await link.terminal().then((calls) => calls.length), await link.events(), await frames(page), await overflow(page)], [1, [], 0, '']);
      }
    });
  }

  it('is forced on a frame that does not answer', async (t) => {
    const page = await newPage(t, browser);
    await page.clock.install();
    await page.goto(client.origin);
    const link = await create(page, { token: 'link-sandbox-1' });
    const frame = await connected(link);
    await link.open();
    await link.exit();
    await heard(frame, 'exit');
    await page.clock.runFor(9_000);
    assert.deepEqual(await link.terminal(), []);
    await link.exit();
    await page.clock.runFor(2_000);
    assert.equal((await link.terminal()).length, 1);
  });

  it('is not forced on a frame that asks first', async (t) => {
    const page = await newPage(t, browser);
    await page.clock.install();
    await page.goto(client.origin);
    const link = await create(page, { token: 'link-sandbox-1' });
    const frame = await connected(link);
    await link.open();
    await link.exit();
    await heard(frame, 'exit');
    await say(frame, event('TRANSITION_VIEW', { view_name: 'EXIT' }));
    await link.called('onEvent');
    await page.clock.runFor(60_000);
    assert.deepEqual([await link.terminal(), await link.element.isVisible()], [[], true]);
  });

  it('happens by itself where nothing loads', async (t) => {
    const page = await newPage(t, browser);
    await page.clock.install();
    await page.goto(client.origin);
    fake.frame = 'hang';
    const link = await create(page, { token: 'link-sandbox-1' });
    await page.clock.runFor(60_000);
    await link.open();
    await page.clock.runFor(29_000);
    assert.deepEqual(await link.terminal(), []);
    await page.clock.runFor(1_100);
    const [error] = await link.called('onExit');
    assert.equal(error.error_code, 'INTERNAL_SERVER_ERROR');
    assert.deepEqual([await frames(page), await overflow(page)], [0, '']);
  });

  it('is possible by Escape before anything has loaded', async (t) => {
    const page = await visit(t);
    fake.frame = 'hang';
    const link = await create(page, { token: 'link-sandbox-1' });
    await page.keyboard.press('Escape');
    await link.open();
    await page.keyboard.press('Escape');
    assert.equal((await link.called('onExit'))[0], null);
  });

  it('calls onExit also where it was never opened', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    await link.exit({ force: true });
    await link.called('onExit');
    await page.waitForFunction(() => !document.querySelector('iframe'));
  });
});

describe('destroy', () => {
  // clean wants nothing left, and nothing said.
  async function clean(page, link) {
    await link.destroy();
    assert.equal(await link.element.count(), 0);
    await link.destroy();
    await link.open();
    await link.exit({ force: true });
    await page.waitForFunction(() => !document.querySelector('iframe'));
    assert.deepEqual([await link.terminal(), await overflow(page), page.threw], [[], '', []]);
  }

  it('before anything has loaded', async (t) => {
    const page = await visit(t);
    fake.frame = 'hang';
    await clean(page, await create(page, { token: 'link-sandbox-1' }));
  });

  it('between the two documents', async (t) => {
    const page = await visit(t);
    fake.open = 'hang';
    const link = await create(page, { token: 'link-sandbox-1' });
    await link.open();
    await clean(page, link);
  });

  it('when it is ready', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    await connected(link);
    await clean(page, link);
  });

  it('when it is open, which the server is told', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    const frame = await connected(link);
    await link.open();
    await heard(frame, 'show');
    const forced = fake.forced();
    await clean(page, link);
    await forced;
  });

  it('after the end', async (t) => {
    const page = await visit(t);
    const link = await create(page, { token: 'link-sandbox-1' });
    const frame = await connected(link);
    await link.open();
    await say(frame, exited);
    await link.called('onExit');
    await link.destroy();
    await link.destroy();
    assert.deepEqual([(await link.terminal()).length, await frames(page), page.threw], [1, 0, []]);
  });

  it('leaves nothing on a page that has no body yet', async (t) => {
    client.set('/head', `<!doctype html><html><head>${client.script}<script>
      window.one = Plaid.create({ token: 'a' });
      window.two = Plaid.create({ token: 'b' });
      window.two.open();
      window.one.destroy();
      window.three = Plaid.create({ token: 'c' });
      window.three.open();
      window.three.destroy();
    </script></head><body></body></html>`);
    const page = await newPage(t, browser);
    await page.goto(`${client.origin}/head`);
    await page.waitForSelector('#plaid-link-iframe-2', { state: 'visible' });
    assert.deepEqual([await frames(page), await overflow(page), page.threw], [1, 'hidden', []]);
    await page.evaluate(() => window.two.destroy());
    assert.deepEqual([await page.locator('[id^=plaid-link-iframe]').count(), await overflow(page)], [0, '']);
  });
});
