// A program that was written for Plaid, with Plaid's own client, and then moved to Link Money: its base path differs, and a user's
// token stands in the headers in place of a client id and a secret. WEFT_URL, WEFT_CLIENT_ID and WEFT_SECRET say where the server is,
// WEFT_CLOCK what has it do what is due.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Configuration, PlaidApi } from 'plaid';
import { configuration, env, refused } from './client.mjs';
import { verifier } from './linkmoney-webhooks.mjs';

const base = `${env('WEFT_URL')}/v1/plaid`;

// developer calls what Plaid's client has no word for.
async function developer(path, request) {
  const answer = await fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'PLAID-CLIENT-ID': env('WEFT_CLIENT_ID'), 'PLAID-SECRET': env('WEFT_SECRET') },
    body: JSON.stringify(request),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

// link makes an Item of a user, which a person does in the portal.
const plaid = new PlaidApi(configuration(env('WEFT_SECRET')));
async function link(user_id, institution_id, initial_products) {
  const { data } = await plaid.sandboxPublicTokenCreate({ institution_id, initial_products, user_id });
  return (await plaid.itemPublicTokenExchange({ public_token: data.public_token })).data;
}

// receive takes webhooks with their headers.
async function receive() {
  const received = [];
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    received.push({ headers: request.headers, body: Buffer.concat(pieces) });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}/hook`, received, close: () => server.close() };
}

describe('a program that has moved', () => {
  let client, token, user, first, receiver;
  before(async () => {
    receiver = await receive();
    await developer('/configuration', { webhook_url: receiver.url, subscriptions: [{ webhook_type: 'TRANSACTIONS' }] });
    const registered = await developer('/users/register', { client_user_id: 'moved-1' });
    assert.match(registered.access_token, /^access-user-sandbox-/);
    assert.equal(registered.portal_url, `${env('WEFT_URL')}/portal`);
    ({ access_token: token, user_id: user } = registered);
    first = await link(user, 'ins_109508', ['transactions', 'investments', 'liabilities', 'auth']);
    client = new PlaidApi(new Configuration({ basePath: base, baseOptions: { headers: { Authorization: `Bearer ${token}` } } }));
  });
  after(() => receiver.close());

  it('reads accounts, with the token in the header alone and in the body', async () => {
    const { data } = await client.accountsGet({});
    assert.equal(data.accounts.find((a) => a.subtype === 'checking').balances.available, 100);
    assert.equal(data.item.item_id, first.item_id);
    assert.equal('billed_products' in data.item, false);
    assert.deepEqual((await client.accountsGet({ access_token: token })).data.accounts, data.accounts);
  });

  it('reads all else of its user', async () => {
    const days = { start_date: '2024-11-01', end_date: '2026-11-20' };
    const { data: transactions } = await client.transactionsGet({ ...days, options: { count: 7 } });
    assert.equal(transactions.transactions.length, 7);
    assert.ok(transactions.total_transactions > 7);
    assert.ok(transactions.transactions.every((t) => typeof t.category_id === 'string' || t.category_id === null));
    const { data: holdings } = await client.investmentsHoldingsGet({});
    const known = new Set(holdings.securities.map((s) => s.security_id));
    assert.ok(holdings.holdings.length > 0 && holdings.holdings.every((h) => known.has(h.security_id)));
    assert.ok((await client.investmentsTransactionsGet(days)).data.investment_transactions.length > 0);
    assert.ok((await client.liabilitiesGet({})).data.liabilities.credit.length > 0);
    assert.ok((await client.authGet({})).data.numbers.ach.length > 0);
    assert.ok((await client.accountsBalanceGet({})).data.accounts.length > 0);
    assert.equal((await client.itemGet({})).data.item.institution_id, 'ins_109508');
  });

  it('finds institutions and categories', async () => {
    assert.ok((await client.institutionsSearch({ query: 'Platypus' })).data.institutions.length > 0);
    const { data } = await client.institutionsGetById({ institution_id: 'ins_109508' });
    assert.ok('error_link_money' in data.institution.status.item_logins.breakdown);
    assert.equal((await client.institutionsGet({ count: 3, offset: 1 })).data.institutions.length, 3);
    assert.ok((await client.categoriesGet({})).data.categories.length > 100);
  });

  it('reads over all banks of its user, and names one where it must', async () => {
    const second = await link(user, 'ins_109509', ['transactions']);
    const { data } = await client.accountsGet({});
    assert.deepEqual(new Set(data.items.map((i) => i.item_id)), new Set([first.item_id, second.item_id]));
    const { data: page } = await client.transactionsGet({ start_date: '2024-11-01', end_date: '2026-11-20', options: { count: 200 } });
    const dates = page.transactions.map((t) => t.date);
    assert.deepEqual(dates, [...dates].sort().reverse());
    await refused(() => client.itemGet({}), 'INVALID_REQUEST', 'MISSING_FIELDS');
    assert.equal((await client.itemGet({ item_id: second.item_id })).data.item.item_id, second.item_id);
    await client.itemRemove({ item_id: second.item_id });
    assert.equal((await client.accountsGet({})).data.item.item_id, first.item_id);
  });

  it('trusts the webhooks that it has subscribed to', async () => {
    const clock = await fetch(`${env('WEFT_CLOCK')}?seconds=0`);
    const now = new Date(Number(await clock.text()) * 1000);
    const verify = verifier({ base, clientID: env('WEFT_CLIENT_ID'), secret: env('WEFT_SECRET') });
    const told = [];
    for (const { headers, body } of receiver.received) {
      told.push(await verify(headers, body, now));
      await assert.rejects(() => verify(headers, Buffer.concat([body, Buffer.from(' ')]), now));
    }
    const initial = told.find((w) => w.webhook_code === 'INITIAL_UPDATE' && w.item_id === first.item_id);
    assert.deepEqual(Object.keys(initial).sort(), ['error', 'item_id', 'new_transactions', 'webhook_code', 'webhook_type']);
    assert.ok(told.every((w) => w.webhook_type === 'TRANSACTIONS' || w.webhook_code === 'WEBHOOK_UPDATE_ACKNOWLEDGED'));
  });

  it('is refused with a token that has ended', async () => {
    await developer('/users/token/rotate', { user_id: user });
    await refused(() => client.accountsGet({}), 'INVALID_INPUT', 'INVALID_ACCESS_TOKEN');
  });
});
