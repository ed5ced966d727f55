// Investments through Plaid's own client: somebody who trades, day by day, a bank that is asked to tell, and what a transfer needs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refused } from '../client.mjs';
import { account, asksConsent, bank, client, codes, day, described, link, listen, refusesAccounts, refusesOthers, somebody } from '../world.mjs';

const holdingsOf = async (token, options = {}) => (await client.investmentsHoldingsGet({ access_token: token, options })).data;
const range = { start_date: '2020-01-01', end_date: '2030-12-31' };

// transactionsOf is all investment transactions, by pages.
async function transactionsOf(token) {
  const all = [];
  for (let total = Infinity; all.length < total; ) {
    const { data } = await client.investmentsTransactionsGet({ access_token: token, ...range, options: { count: 500, offset: all.length } });
    assert.ok(data.investment_transactions.length > 0, `an empty page at ${all.length} of ${total}`);
    total = data.total_investment_transactions;
    all.push(...data.investment_transactions);
  }
  return all;
}

const cents = (amount) => Math.round(amount * 100);
const units = (quantity) => Math.round(quantity * 1e8);
let receiver;
before(async () => {
  receiver = await listen();
});
after(() => receiver.close());

describe('somebody who trades', { concurrency: false }, () => {
  let token, held, rows;
  before(async () => {
    token = await link(['investments'], { ...somebody('user_investor'), webhook: receiver.url });
    held = await holdingsOf(token);
    rows = await transactionsOf(token);
    await receiver.told();
  });

  after(() => client.itemRemove({ access_token: token }));

  // agrees holds all that is told against each other: quantities, values, cash and lots.
  function agrees(held, rows) {
    const securities = new Map(held.securities.map((s) => [s.security_id, s]));
    // The other accounts are older than the two years of which a bank tells.
    const traded = new Set(held.accounts.filter((a) => ['Active Trader', 'Roth IRA'].includes(a.name)).map((a) => a.account_id));
    for (const h of held.holdings) {
      const security = securities.get(h.security_id);
      const mine = rows.filter((t) => t.account_id === h.account_id && t.security_id === h.security_id);
      const named = `${security.name} of ${h.account_id}`;
      if (security.type !== 'cash' && traded.has(h.account_id)) {
        assert.equal(units(h.quantity), mine.reduce((sum, t) => sum + units(t.quantity), 0), `quantity of ${named}`);
      }
      // Bonds are priced in percent of face, at 100 of face a unit: a unit's price is what it costs. Options count shares.
      assert.ok(Math.abs(h.institution_value - h.quantity * h.institution_price) < 0.011, `value of ${named}`);
      if (h.tax_lots.length === 0) continue;
      assert.equal(h.tax_lots.reduce((sum, lot) => sum + units(lot.quantity), 0), units(h.quantity), `lots of ${named}`);
      if (h.cost_basis === null) continue;
      assert.equal(h.tax_lots.reduce((sum, lot) => sum + cents(lot.cost_basis), 0), cents(h.cost_basis), `cost of ${named}`);
    }
    for (const a of held.accounts.filter((a) => a.type === 'investment')) {
      const worth = held.holdings.filter((h) => h.account_id === a.account_id).reduce((sum, h) => sum + cents(h.institution_value), 0);
      assert.equal(cents(a.balances.current), worth - cents(a.balances.margin_loan_amount ?? 0), `worth of ${a.name}`);
    }
  }

  it('has books that balance', () => {
    assert.deepEqual(held.accounts.filter((a) => a.type === 'investment').map((a) => a.name).slice(-2), ['Active Trader', 'Roth IRA']);
    assert.ok(held.holdings.length > 30, `only ${held.holdings.length} holdings`);
    agrees(held, rows);
    const trader = held.accounts.find((a) => a.name === 'Active Trader');
    const kinds = new Set(rows.filter((t) => t.account_id === trader.account_id).map((t) => `${t.type} ${t.subtype}`));
    for (const kind of ['buy buy', 'sell sell', 'sell sell short', 'buy buy to cover', 'cash dividend', 'transfer exercise', 'transfer expire']) {
      assert.ok(kinds.has(kind), `nothing is a ${kind} of ${[...kinds].join(', ')}`);
    }
    for (const t of rows.filter((t) => t.account_id === trader.account_id && t.type === 'buy')) assert.ok(t.quantity > 0 && t.amount >= 0, t.name);
    for (const t of rows.filter((t) => t.account_id === trader.account_id && t.type === 'sell')) assert.ok(t.quantity < 0, t.name);
  });

  // counted holds the webhooks' numbers against what has changed, and returns how many transactions came.
  async function counted(hooks) {
    for (const hook of hooks) assert.deepEqual([hook.webhook_code, hook.error], ['DEFAULT_UPDATE', null]);
    const holdings = hooks.find((h) => h.webhook_type === 'HOLDINGS');
    const transactions = hooks.find((h) => h.webhook_type === 'INVESTMENTS_TRANSACTIONS');
    assert.equal(hooks.length, transactions ? 2 : 1);
    const [heldThen, rowsThen] = [held, rows];
    [held, rows] = [await holdingsOf(token), await transactionsOf(token)];
    agrees(held, rows);
    const ids = (list) => new Set(list.map((t) => t.investment_transaction_id));
    const keys = (list) => new Map(list.map((h) => [`${h.account_id} ${h.security_id}`, h]));
    const [was, is] = [ids(rowsThen), ids(rows)];
    // A trade that was broken is gone, or is followed by a transaction that cancels it.
    const came = rows.filter((t) => !was.has(t.investment_transaction_id));
    const cancelled = [...was].filter((id) => !is.has(id)).length + came.filter((t) => t.type === 'cancel').length;
    const told = transactions ? [transactions.new_investments_transactions, transactions.cancelled_investments_transactions] : [0, 0];
    assert.deepEqual(told, [came.length, cancelled]);
    const [had, has] = [keys(heldThen.holdings), keys(held.holdings)];
    assert.equal(holdings.new_holdings, [...has.keys()].filter((key) => !had.has(key)).length);
    // What is sold whole counts as updated.
    assert.equal(holdings.updated_holdings, [...had].filter(([key, h]) => JSON.stringify(h) !== JSON.stringify(has.get(key))).length);
    return came.length;
  }

  it('is told of after midnight, without being asked', async () => {
    assert.deepEqual(await receiver.told(11 * 3600), []);
    await counted(await receiver.told(3 * 3600));
    await client.investmentsRefresh({ access_token: token });
    assert.deepEqual(await receiver.told(), []); // it has come already
  });

  it('trades on', async () => {
    const days = [];
    for (let n = 0; n < 8; n++) days.push(await counted(await receiver.told(day)));
    const came = days.reduce((sum, n) => sum + n, 0);
    assert.ok(came > 8, `only ${came} in eight days`);
  });
});

describe('a bank that is asked', () => {
  it('tells what has changed, with a webhook each', async () => {
    const token = await link(['investments'], { ...somebody('user_retiree'), webhook: receiver.url });
    await receiver.told();
    const [held, rows] = [await holdingsOf(token), await transactionsOf(token)];
    assert.deepEqual(await receiver.told(20 * day), []);
    assert.deepEqual((await holdingsOf(token)).holdings, held.holdings); // nobody has asked
    await client.investmentsRefresh({ access_token: token });
    const hooks = (await receiver.told()).filter((h) => h.webhook_type !== 'ITEM');
    assert.deepEqual(codes(hooks), ['HOLDINGS DEFAULT_UPDATE', 'INVESTMENTS_TRANSACTIONS DEFAULT_UPDATE']);
    const transactions = hooks.find((h) => h.webhook_type === 'INVESTMENTS_TRANSACTIONS');
    assert.equal(transactions.new_investments_transactions, (await transactionsOf(token)).length - rows.length);
    assert.equal(transactions.cancelled_investments_transactions, 0);
    assert.equal(transactions.error, null);
    const { data } = await client.itemGet({ access_token: token });
    assert.ok(Date.parse(data.status.investments.last_successful_update) > Date.parse(data.item.created_at));
  });
});

describe('what a transfer needs', () => {
  const auth = (request) => client.investmentsAuthGet(request);

  it('is numbers, owners and holdings', async () => {
    const token = await link(['investments_auth'], somebody('user_investor'));
    const { data } = await auth({ access_token: token });
    const names = new Map(data.accounts.map((a) => [a.account_id, a.name]));
    assert.deepEqual(data.numbers.acats.map((n) => [n.account, n.dtc_numbers]), [
      ['88417723', ['0226']], ['88417731', ['0226']], ['88417745', ['0226']], ['88417758', ['0226']],
    ]);
    assert.deepEqual(data.numbers.acats.slice(-2).map((n) => names.get(n.account_id)), ['Active Trader', 'Roth IRA']);
    assert.deepEqual(data.numbers.retirement_401k.map((n) => [n.plan, n.account]), [['LR-40117', '5540093']]);
    assert.deepEqual(data.numbers.aton, []);
    assert.deepEqual([...new Set(data.owners.flatMap((o) => o.names))], ['Ines Marlow']);
    assert.deepEqual(data.data_sources, { numbers: 'INSTITUTION', owners: 'INSTITUTION', holdings: 'INSTITUTION' });
    assert.deepEqual(data.item.products, ['investments_auth']);
    const securities = new Set(data.securities.map((s) => s.security_id));
    assert.ok(data.holdings.length > 0 && data.holdings.every((h) => securities.has(h.security_id)));

    const [{ account_id }] = data.numbers.retirement_401k;
    const { data: one } = await auth({ access_token: token, options: { account_ids: [account_id] } });
    assert.deepEqual([one.accounts.map((a) => a.account_id), one.numbers.acats, one.owners.map((o) => o.account_id)], [[account_id], [], [account_id]]);
    await refusesAccounts(auth, token);
  });

  it('is refused where nothing can be moved, or nobody has agreed', async () => {
    await refusesOthers(auth);
    await asksConsent(auth, 'INVESTMENTS_AUTH', 'investments');
    const checking = await link(['investments_auth'], described({ type: 'depository', subtype: 'checking' }));
    await refused(() => auth({ access_token: checking }), 'ITEM_ERROR', 'NO_INVESTMENT_AUTH_ACCOUNTS');
  });
});

describe('what a portfolio is refused for', () => {
  const endpoints = {
    holdings: (request) => client.investmentsHoldingsGet(request),
    transactions: (request) => client.investmentsTransactionsGet({ ...range, ...request }),
    refresh: (request) => client.investmentsRefresh(request),
  };

  for (const [name, call] of Object.entries(endpoints)) {
    it(`is the same for ${name}`, async () => {
      await refusesOthers(call);
      await asksConsent(call, 'INVESTMENTS');
    });
  }

  it('is accounts, days and pages that there are not', async () => {
    const token = await link(['investments']);
    await refusesAccounts(endpoints.holdings, token);
    await refusesAccounts(endpoints.transactions, token);
    const wrong = (more, says) => refused(() => endpoints.transactions({ access_token: token, ...more }), 'INVALID_REQUEST', 'INVALID_FIELD', { says });
    await wrong({ start_date: '2026-02-30' }, /^start_date must be a date/);
    await wrong({ start_date: '2026-11-20', end_date: '2026-11-19' }, /^end_date must not be before start_date/);
    await wrong({ options: { count: 501 } }, /^options\.count must be between 1 and 500/);
    await wrong({ options: { offset: -1 } }, /^options\.offset/);
    await refused(() => client.investmentsTransactionsGet({ access_token: token, start_date: '2026-01-01' }), 'INVALID_REQUEST', 'MISSING_FIELDS', { says: /end_date/ });
    const { data } = await endpoints.transactions({ access_token: token, options: { offset: 1167 } });
    assert.deepEqual([data.total_investment_transactions, data.investment_transactions], [1167, []]);
    const ira = await account(token, '5555');
    const { data: some } = await endpoints.transactions({ access_token: token, options: { account_ids: [ira.account_id], count: 1 } });
    assert.equal(some.total_investment_transactions, 219);
  });

  it('is an Item without an account that holds anything', async () => {
    const token = await link(['investments'], described({ type: 'depository', subtype: 'checking' }), bank);
    await refused(() => endpoints.holdings({ access_token: token }), 'ITEM_ERROR', 'NO_INVESTMENT_ACCOUNTS');
  });
});
