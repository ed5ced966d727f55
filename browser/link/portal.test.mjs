// The portal, where people look after their own links: they come from a page of the client's with a token of their user.
import assert from 'node:assert/strict';
import { after, before, describe, it } from '../support/test.mjs';
import { abroad, complaints, env, stop } from '../support/browser.mjs';
import { document } from '../support/client.mjs';
import { lookAt } from '../support/looks.mjs';
import { choose, pane, press, walk } from '../support/person.mjs';
import { startStage } from '../support/stage.mjs';
import { ask } from '../support/weft.mjs';

let stage;
const users = JSON.parse(env('WEFT_USERS'));
before(async () => { stage = await startStage(); });
after(stop);

const at = (page, kind) => pane(page, `portal-${kind}`);
const names = async (page) => (await page.locator('.item-name').allInnerTexts()).sort();
const states = async (page) => (await page.locator('.state').allInnerTexts()).sort();
const item = (page, name) => page.locator('.item', { hasText: name });
const items = async (user) => (await ask('/user/items/get', { user_id: user.user_id })).items;

// arrive posts the token from a page of the client's, by the key of a button there.
async function arrive(t, user, more = {}, options = {}) {
  const fields = { token: user.token, ...more };
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`).join('');
  const address = `/from-${user.user_id}`;
  stage.client.set(address, document('', `<form method="post" action="${env('WEFT_URL')}/portal">${inputs}<button>My banks</button></form>`));
  stage.client.set('/done', document('', '<p id="back">Welcome back</p>'));
  const page = await stage.visit(t, options, address);
  await page.locator('button').press('Enter');
  await at(page, 'home');
  return page;
}

// linkAt goes through Link once it has opened, at First Platypus Bank or where does says, as far as its last pane.
async function linkAt(page, does = {}) {
  await page.waitForURL('**/link/hosted/*');
  await walk(page, 'connected', does);
}

it('links two banks, repairs one, removes the other, and leads back', async (t) => {
  const [user] = users;
  const page = await arrive(t, user, { completion_redirect_uri: `${stage.client.origin}/done` });
  assert.equal(page.url(), `${env('WEFT_URL')}/portal`);
  assert.ok(page.asked.every((url) => !url.includes(user.token)), 'the token is in an address');
  await page.locator('#portal-link').click();
  await linkAt(page);
  await page.locator('#aut-secondary-button').click();
  await pane(page, 'institutions');
  await walk(page, 'connected', { institutions: (where) => choose(where, 'Tartan Bank', 'ins_109511') });
  await press(page);
  await at(page, 'home');
  assert.deepEqual(await names(page), ['First Platypus Bank', 'Tartan Bank']);
  assert.deepEqual(await states(page), ['Working', 'Working']);
  await item(page, 'First Platypus Bank').locator('summary').click();
  assert.match(await item(page, 'First Platypus Bank').innerText(), /Plaid Checking\s+•••• 0000/);
  assert.equal((await items(user)).length, 2);

  const [broken] = await items(user);
  await ask('/sandbox/user/reset_login', { user_id: user.user_id, item_ids: [broken.item_id] });
  await page.reload();
  assert.deepEqual(await states(page), ['Needs your attention', 'Working']);
  await page.locator('[data-repair]').click();
  await linkAt(page, { accounts: press });
  await press(page);
  await at(page, 'home');
  assert.deepEqual(await states(page), ['Working', 'Working']);

  await item(page, 'Tartan Bank').locator('[data-remove]').click();
  await at(page, 'remove');
  await page.locator('#portal-keep').click();
  await at(page, 'home');
  assert.equal(await page.locator('.item').count(), 2);
  await item(page, 'Tartan Bank').locator('[data-remove]').click();
  await page.locator('#portal-remove').click();
  await page.locator('#said').waitFor();
  assert.deepEqual(await names(page), ['First Platypus Bank']);
  assert.equal((await items(user)).length, 1);

  await page.locator('#portal-done').click();
  await page.locator('#back').waitFor();
  assert.equal(page.url(), `${stage.client.origin}/done`);
  await page.goBack();
  await at(page, 'notice');
  assert.deepEqual([abroad(page), complaints(page).filter((line) => !line.includes('403'))], [[], []]);
});

it('is used with the keyboard alone', async (t) => {
  const [, user] = users;
  await ask('/sandbox/public_token/create', { institution_id: 'ins_109508', initial_products: ['auth'], user_id: user.user_id });
  const page = await arrive(t, user);
  // reach goes on by the key of tabs until an element is there.
  const reach = async (selector) => {
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((wanted) => window.document.activeElement.matches(wanted), selector)) return;
    }
    assert.fail(`${selector} cannot be reached`);
  };
  await reach('[data-remove]');
  await page.keyboard.press('Enter');
  await at(page, 'remove');
  await reach('#portal-remove');
  await page.keyboard.press('Enter');
  await page.locator('#said').waitFor();
  await reach('#portal-done');
  await page.keyboard.press('Enter');
  await at(page, 'done');
  assert.deepEqual([await items(user), complaints(page)], [[], []]);
});

it('takes no token in an address, and says why', async (t) => {
  const [, , user] = users;
  const page = await stage.visit(t);
  const answer = await page.goto(`${env('WEFT_URL')}/portal?token=${user.token}`);
  assert.equal(answer.status(), 400);
  assert.match(await (await at(page, 'notice')).innerText(), /key in its address/);
});

it('is not shown in a frame', async (t) => {
  const [, , user] = users;
  const page = await arrive(t, user);
  stage.client.set('/around', document('', `<iframe src="${env('WEFT_URL')}/portal"></iframe>`));
  const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await page.goto(`${stage.client.origin}/around`);
  await refused;
  assert.deepEqual(await Promise.all(page.frames().map((frame) => frame.locator('[data-pane]').count())), [0, 0]);
});

for (const [theme, user] of [['light', users[3]], ['dark', users[4]]]) {
  describe(`in ${theme}`, () => {
    it('looks as it should', async (t) => {
      const page = await arrive(t, user, { appearance_mode: theme.toUpperCase() }, { reducedMotion: 'reduce' });
      const faults = await lookAt(page, page, `portal-empty-${theme}`);
      for (const institution of ['ins_109508', 'ins_109511', 'ins_109512']) {
        await ask('/sandbox/public_token/create', { institution_id: institution, initial_products: ['transactions'], user_id: user.user_id });
      }
      const [broken] = await items(user);
      await ask('/sandbox/user/reset_login', { user_id: user.user_id, item_ids: [broken.item_id] });
      await page.goto(`${env('WEFT_URL')}/portal?said=removed`);
      faults.push(...await lookAt(page, page, `portal-home-${theme}`));
      await page.goto(`${env('WEFT_URL')}/portal?said=many`);
      await page.locator('summary').first().click();
      faults.push(...await lookAt(page, page, `portal-many-${theme}`));
      await page.locator('[data-remove]').first().click();
      await at(page, 'remove');
      faults.push(...await lookAt(page, page, `portal-remove-${theme}`));
      await page.locator('#portal-keep').click();
      await page.locator('#portal-done').click();
      await at(page, 'done');
      faults.push(...await lookAt(page, page, `portal-done-${theme}`));
      await page.goto(`${env('WEFT_URL')}/portal`);
      faults.push(...await lookAt(page, page, `portal-notice-${theme}`));
      assert.deepEqual(faults, []);
    });
  });
}
