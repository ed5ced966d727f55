// Balances through Plaid's own client: as they are kept, as the bank states them now, and how old they may be.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { pass, refused } from '../client.mjs';
import { account, client, day, link, refusesAccounts, refusesOthers, somebody } from '../world.mjs';

const now = (request) => client.accountsBalanceGet(request);
const kept = (request) => client.accountsGet(request);

describe('the documented balances', () => {
  let token;
  before(async () => {
    token = await link(['auth']);
  });

  it('are those of fourteen accounts', async () => {
    const { data } = await now({ access_token: token });
    const told = data.accounts.map((a) => [a.name, a.mask, a.subtype, a.balances.available, a.balances.current, a.balances.limit]);
    assert.deepEqual(told, [
      ['Plaid Checking', '0000', 'checking', 100, 110, null],
      ['Plaid Saving', '1111', 'savings', 200, 210, null],
      ['Plaid CD', '2222', 'cd', null, 1000, null],
      ['Plaid Credit Card', '3333', 'credit card', null, 410, 2000],
      ['Plaid Money Market', '4444', 'money market', 43200, 43200, null],
      ['Plaid IRA', '5555', 'ira', null, 320.76, null],
      ['Plaid 401k', '6666', '401k', null, 23631.9805, null],
      ['Plaid Student Loan', '7777', 'student', null, 65262, null],
      ['Plaid Mortgage', '8888', 'mortgage', null, 56302.06, null],
      ['Plaid HSA', '9001', 'hsa', 6009, 6009, null],
      ['Plaid Cash Management', '9002', 'cash management', 12060, 12060, null],
      ['Plaid Auto Loan', '9003', 'auto', null, 23211.33, null],
      ['Plaid Home Equity Line of Credit', '9004', 'home equity', null, 13500.5, null],
      ['Plaid Business Credit Card', '9999', 'credit card', 4980, 5020, 10000],
    ]);
    for (const { balances } of data.accounts) {
      assert.deepEqual([balances.iso_currency_code, balances.unofficial_currency_code, balances.last_updated_datetime], ['USD', null, null]);
    }
    // It is no product that an Item gets.
    assert.deepEqual(data.item.billed_products, ['auth']);
    assert.ok(data.item.available_products.includes('balance'));
    assert.ok(!data.item.products.includes('balance'));
  });

  it('are of the accounts that are named, once each', async () => {
    const saving = await account(token, '1111');
    const { data } = await now({ access_token: token, options: { account_ids: [saving.account_id, saving.account_id] } });
    assert.deepEqual(data.accounts, [saving]);
  });

  it('are refused where the request or the Item is wrong', async () => {
    await refusesOthers(now);
    await refusesAccounts(now, token);
    await client.sandboxItemResetLogin({ access_token: token });
    await refused(() => now({ access_token: token }), 'ITEM_ERROR', 'ITEM_LOGIN_REQUIRED');
    const { data } = await kept({ access_token: token }); // what is kept is told
    assert.equal(data.accounts.length, 14);
    assert.equal(data.item.error.error_code, 'ITEM_LOGIN_REQUIRED');
  });
});

describe('balances of somebody who lives on', () => {
  it('move by what was posted, once the bank is asked', async () => {
    const token = await link(['transactions'], somebody('user_yuppie'));
    const first = await client.transactionsSync({ access_token: token, count: 500 });
    let cursor = first.data.next_cursor;
    for (let more = first.data.has_more; more; ) {
      const { data } = await client.transactionsSync({ access_token: token, cursor, count: 500 });
      [cursor, more] = [data.next_cursor, data.has_more];
    }
    const [before] = (await kept({ access_token: token })).data.accounts;
    const only = { access_token: token, options: { account_ids: [before.account_id] } };

    await pass(10 * day);
    assert.deepEqual((await kept(only)).data.accounts, [before]);
    const [after] = (await now(only)).data.accounts;
    assert.notEqual(after.balances.current, before.balances.current);
    assert.deepEqual((await kept(only)).data.accounts, [after]);
    assert.deepEqual((await now(only)).data.accounts, [after]);

    // No transaction came with it; a refresh brings them, and they come to the difference.
    const none = await client.transactionsSync({ access_token: token, cursor });
    assert.deepEqual([none.data.added, none.data.modified, none.data.removed], [[], [], []]);
    await client.transactionsRefresh({ access_token: token });
    await pass(0);
    const { data } = await client.transactionsSync({ access_token: token, cursor, count: 500 });
    const posted = data.added.filter((t) => t.account_id === before.account_id && !t.pending);
    assert.ok(posted.length > 3, `only ${posted.length} were posted`);
    const out = posted.reduce((sum, t) => sum + Math.round(t.amount * 100), 0);
    assert.equal(Math.round(after.balances.current * 100), Math.round(before.balances.current * 100) - out);
  });
});

describe('the age of a balance', () => {
  const min_last_updated_datetime = '2040-01-01T00:00:00Z';

  it('does not matter where balances are of now', async () => {
    const token = await link(['transactions']);
    const { data } = await now({ access_token: token, options: { min_last_updated_datetime } });
    assert.equal(data.accounts.length, 14);
    await refused(() => now({ access_token: token, options: { min_last_updated_datetime: 'yesterday' } }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /options\.min_last_updated_datetime/ });
  });

  it('must be given for cards and loans of a bank that tells of them once a night', async () => {
    const token = await link(['transactions'], {}, 'ins_128026');
    const [checking, card] = [await account(token, '0000'), await account(token, '3333')];
    const night = card.balances.last_updated_datetime;
    assert.match(night, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(checking.balances.last_updated_datetime, null);
    const of = (account, more = {}) => now({ access_token: token, options: { account_ids: [account.account_id], ...more } });

    await refused(() => now({ access_token: token }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /options\.min_last_updated_datetime must be given/ });
    await refused(() => of(card, { min_last_updated_datetime }), 'INVALID_RESULT', 'LAST_UPDATED_DATETIME_OUT_OF_RANGE', { says: new RegExp(night) });
    assert.deepEqual((await of(checking)).data.accounts, [checking]);
    const { data } = await of(card, { min_last_updated_datetime: night });
    assert.deepEqual(data.accounts.map((a) => [a.balances.current, a.balances.last_updated_datetime]), [[410, night]]);

    // A night later it is newer.
    await pass(day);
    const later = (await of(card, { min_last_updated_datetime: night })).data.accounts[0].balances.last_updated_datetime;
    assert.equal(Date.parse(later) - Date.parse(night), day * 1000);
  });
});
