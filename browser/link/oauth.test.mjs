// Banks with pages of their own, in a window and in the client's page's place.
import assert from 'node:assert/strict';
import { after, before, describe, it } from '../support/test.mjs';
import { stop } from '../support/browser.mjs';
import { checkEvents, choose, expectWay, openLink, press, succeed, walk } from '../support/person.mjs';
import { startStage } from '../support/stage.mjs';
import { ask, exchange, linkToken } from '../support/weft.mjs';

const bank = 'ins_127287';
let stage;
before(async () => { stage = await startStage(); });
after(stop);

const chosen = { institutions: (where) => choose(where, 'Platypus OAuth Bank', bank) };

// visitBank signs in at the bank's own page and shares everything.
async function visitBank(page) {
  await page.locator('#username').fill('user_good');
  await page.locator('#password').fill('pass_good');
  const on = page.locator('button[name="action"][value="continue"]');
  await on.click();
  await page.locator('input[name="account"]').first().waitFor();
  for (const box of await page.locator('input[name="account"], input[name="scope"]').all()) await box.check();
  await on.click();
}

async function atBank(t) {
  const { link_token: token } = await linkToken();
  const link = await openLink(await stage.visit(t), { token });
  await walk(link.where, 'oauth', chosen);
  const window = link.page.waitForEvent('popup');
  await press(link.where);
  const opened = await window;
  await opened.locator('#username').waitFor();
  return { link, window: opened };
}

describe('a bank\'s own page', () => {
  it('opens in a window, and Link goes on by itself', async (t) => {
    const { link, window } = await atBank(t);
    assert.equal(await window.evaluate(() => window.opener), null);
    const closed = window.waitForEvent('close');
    await visitBank(window);
    await closed;
    await walk(link.where, 'connected', { oauth: () => {} }); // it goes on by itself
    const publicToken = await succeed(link);
    await expectWay(link, ['OPEN', 'TRANSITION_VIEW CONSENT?', 'TRANSITION_VIEW SUBMIT_PHONE?', 'SKIP_SUBMIT_PHONE?', 'TRANSITION_VIEW SELECT_INSTITUTION',
      'SEARCH_INSTITUTION', 'SELECT_INSTITUTION', 'TRANSITION_VIEW OAUTH', 'OPEN_OAUTH', 'TRANSITION_VIEW LOADING', 'TRANSITION_VIEW SELECT_ACCOUNT?',
      'TRANSITION_VIEW LOADING?', 'TRANSITION_VIEW SUBMIT_PHONE?', 'SKIP_SUBMIT_PHONE?', 'TRANSITION_VIEW CONNECTED', 'HANDOFF']);
    assert.ok((await ask('/accounts/get', { access_token: await exchange(publicToken) })).accounts.length > 0);
  });

  it('may be closed, and opened again', async (t) => {
    const { link, window } = await atBank(t);
    await link.where.locator('[data-opened]').waitFor();
    // A window that is gone within moments may only have cut its ties: this one is closed later, by the page's clock.
    await link.where.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 3_000;
    });
    await window.close();
    await link.page.waitForFunction(() => window.instances[0].calls.some((c) => c.args[0] === 'CLOSE_OAUTH'));
    const again = link.page.waitForEvent('popup');
    await press(link.where);
    await visitBank(await again);
    await walk(link.where, 'connected', { oauth: () => {} }); // it goes on by itself
    await succeed(link);
  });

  it('may refuse', async (t) => {
    const { link, window } = await atBank(t);
    await window.locator('button[name="action"][value="cancel"]').click();
    await link.page.waitForFunction(() => window.instances[0].calls.some((c) => ['FAIL_OAUTH', 'CLOSE_OAUTH'].includes(c.args[0])));
    await link.exit({ force: true });
    await checkEvents(link, 'EXIT');
  });

  it('takes a phone\'s whole page, which comes back to the client', async (t) => {
    stage.client.set('/back', `<!doctype html><html lang="en"><title>A client</title><body>${stage.client.script}</body></html>`);
    const { link_token: token } = await linkToken({ redirect_uri: `${stage.client.origin}/back` });
    const page = await stage.visit(t, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
    const link = await openLink(page, { token });
    await walk(link.where, 'oauth', chosen);
    await press(link.where);
    await page.waitForURL((url) => url.port !== new URL(stage.client.origin).port);
    await visitBank(page);
    await page.waitForURL('**/back?oauth_state_id=*');
    const back = await openLink(page, { token, receivedRedirectUri: page.url() });
    await walk(back.where, 'connected');
    await press(back.where);
    const [publicToken] = await back.called('onSuccess');
    assert.ok((await ask('/accounts/get', { access_token: await exchange(publicToken) })).accounts.length > 0);
  });
});
