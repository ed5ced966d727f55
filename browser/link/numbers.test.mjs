// Account numbers that a person types, in place of a login and beside one.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { abroad, complaints, stop } from '../support/browser.mjs';
import { choose, fill, openLink, pane, press, succeed, walk } from '../support/person.mjs';
import { startStage } from '../support/stage.mjs';
import { ask, exchange, linkToken } from '../support/weft.mjs';

let stage;
before(async () => { stage = await startStage(); });
after(stop);

async function begin(t, more) {
  const { link_token: token } = await linkToken(more);
  const page = await stage.visit(t);
  return openLink(page, { token });
}

const manually = (where) => where.locator('#aut-manual').click();
const number = (text) => (where) => fill(where, { account: text, account_again: text });
// typing is what a person does who types the numbers of an account.
const typing = (routing, account) => ({
  institutions: manually,
  routing: (where) => fill(where, { routing }),
  number: number(account),
  holder: async (where) => {
    await where.locator('[name="type"][value="savings"]').check();
    await fill(where, { name: 'Ada Lovelace' });
  },
  authorize: press,
});

const sameDay = { products: ['auth'], auth: { same_day_microdeposits_enabled: true } };

describe('account numbers in place of a login', () => {
  it('are verified by a deposit whose code comes later', async (t) => {
    const link = await begin(t, sameDay);
    const way = await walk(link.where, 'deposited', typing('110000000', '1111222233330000'));
    assert.deepEqual(way.slice(way.indexOf('routing')).filter((name) => name !== 'loading'), ['routing', 'number', 'holder', 'authorize', 'deposited']);
    assert.match(await (await pane(link.where, 'deposited')).innerText(), /#XXX .* ACCTVERIFY/);
    const publicToken = await succeed(link);
    const [, metadata] = await link.called('onSuccess');
    assert.equal(metadata.institution, null);
    assert.deepEqual(metadata.accounts.map((a) => [a.name, a.verification_status]), [['Savings...0000', 'pending_manual_verification']]);
    assert.deepEqual([abroad(link.page), complaints(link.page)], [[], []]);

    const access = await exchange(publicToken);
    const again = await begin(t, { products: undefined, access_token: access });
    await walk(again.where, 'deposit_code');
    const asked = await pane(again.where, 'deposit_code');
    await fill(again.where, { code: 'XYZ' });
    await again.where.locator('#problem').waitFor();
    assert.match(await asked.innerText(), /2 tries are left/);
    await fill(again.where, { code: 'abc' });
    await walk(again.where, 'connected');
    await succeed(again);
    const { numbers, accounts } = await ask('/auth/get', { access_token: access });
    assert.equal(numbers.ach[0].account, '1111222233330000');
    assert.equal(accounts[0].verification_status, 'manually_verified');
  });

  it('are asked for again where they are wrong in themselves', async (t) => {
    const link = await begin(t, { ...sameDay, auth: { ...sameDay.auth, auth_type_select_enabled: true } });
    await walk(link.where, 'routing', { auth_type: (where) => where.locator('#flow-type-manual').click() });
    await fill(link.where, { routing: '110000001' });
    await link.where.locator('#problem').waitFor();
    await fill(link.where, { routing: '1100 0000 0' });
    await pane(link.where, 'number');
    await fill(link.where, { account: '1111222233330000', account_again: '1111222233330001' });
    await link.where.locator('#problem').waitFor();
    await number('1111222233330000')(link.where);
    await pane(link.where, 'holder');
    await walk(link.where, 'deposited', typing());
    await succeed(link);
  });

  it('lead to the login of their bank where the person wants that', async (t) => {
    const link = await begin(t, sameDay);
    await walk(link.where, 'auth_type', typing('011401533'));
    await link.where.locator('#flow-type-instant').click();
    await pane(link.where, 'credentials');
    await walk(link.where, 'connected');
    await succeed(link);
    const [, metadata] = await link.called('onSuccess');
    assert.equal(metadata.institution.institution_id, 'ins_109508');
  });
});

describe('account numbers beside a login', () => {
  it('are those of one account, and are compared', async (t) => {
    const link = await begin(t, { products: ['auth'] });
    await walk(link.where, 'routing', {
      institutions: (where) => choose(where, 'Houndstooth', 'ins_109512'),
      accounts: async (where) => {
        await where.locator('label', { hasText: '1111' }).click();
        await press(where);
      },
    });
    await walk(link.where, 'connected', { routing: (where) => fill(where, { routing: '021000021' }), number: number('1111222233331111') });
    const publicToken = await succeed(link);
    const { item, accounts } = await ask('/auth/get', { access_token: await exchange(publicToken) });
    assert.deepEqual([item.auth_method, accounts.length, accounts[0].mask], ['INSTANT_MATCH', 1, '1111']);
  });
});
