// Processor tokens through Plaid's own client: a client shares one account, and a processor, who is another client, reads it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refused } from '../client.mjs';
import { account, client, codes, link, listen, partner, somebody, weft } from '../world.mjs';

// share makes a token by which dwolla reads the account of an Item whose mask is given.
async function share(access_token, mask, processor = 'dwolla') {
  const { account_id } = await account(access_token, mask);
  const { data } = await client.processorTokenCreate({ access_token, account_id, processor });
  assert.match(data.processor_token, /^processor-sandbox-/);
  return [data.processor_token, account_id];
}

const stranger = (call) => refused(call, 'INVALID_INPUT', 'INVALID_PROCESSOR_TOKEN');

describe('a processor', { concurrency: false }, () => {
  let token, id, access;
  before(async () => {
    access = await link(['auth', 'identity', 'transactions', 'investments', 'liabilities']);
    [token, id] = await share(access, '0000');
  });

  it('reads the account of its token, and nothing else', async () => {
    const { data: got } = await partner.processorAccountGet({ processor_token: token });
    assert.deepEqual([got.account.account_id, got.account.mask, got.institution_id], [id, '0000', 'ins_109508']);
    const { data: auth } = await partner.processorAuthGet({ processor_token: token });
    assert.deepEqual([auth.account.account_id, auth.numbers.ach, auth.numbers.eft], [id, {
      account_id: id, account: '1111222233330000', routing: '011401533', wire_routing: '021000021', is_tokenized_account_number: false,
    }, null]);
    const { data: balance } = await partner.processorBalanceGet({ processor_token: token });
    assert.deepEqual([balance.account.balances.available, balance.account.balances.current], [100, 110]);
    const { data: identity } = await partner.processorIdentityGet({ processor_token: token });
    assert.deepEqual(identity.account.owners[0].names, ['Alberta Bobbeth Charleson']);
    const { data: matched } = await partner.processorIdentityMatch({ processor_token: token, user: { legal_name: 'Alberta Charleson' } });
    assert.deepEqual([matched.account.account_id, matched.account.legal_name.score], [id, 97]);
    for (const answer of [got, auth, balance, identity, matched]) assert.deepEqual([answer.accounts, answer.item], [undefined, undefined]);
  });

  it('reads debts and portfolios as the client does', async () => {
    const [card, cardID] = await share(access, '3333');
    const { data: owed } = await partner.processorLiabilitiesGet({ processor_token: card });
    const own = await client.liabilitiesGet({ access_token: access, options: { account_ids: [cardID] } });
    assert.deepEqual(owed.liabilities, own.data.liabilities);
    assert.equal(owed.liabilities.credit[0].last_statement_balance, 1708.77);

    const [ira, iraID] = await share(access, '5555');
    const { data: held } = await partner.processorInvestmentsHoldingsGet({ processor_token: ira });
    const { data: holdings } = await client.investmentsHoldingsGet({ access_token: access, options: { account_ids: [iraID] } });
    assert.deepEqual([held.account, held.holdings, held.securities], [holdings.accounts[0], holdings.holdings, holdings.securities]);
    assert.equal(held.holdings.length, 3);
    const { data: rows } = await partner.processorInvestmentsTransactionsGet({ processor_token: ira, start_date: '2020-01-01', end_date: '2030-01-01' });
    assert.equal(rows.total_investment_transactions, 219);
    assert.ok(rows.investment_transactions.every((t) => t.account_id === iraID));
  });

  it('follows the transactions of its account', async () => {
    const all = [];
    let cursor;
    for (let more = true; more; ) {
      const { data } = await partner.processorTransactionsSync({ processor_token: token, cursor, count: 40 });
      all.push(...data.added);
      [cursor, more] = [data.next_cursor, data.has_more];
    }
    assert.ok(all.length > 10 && all.every((t) => t.account_id === id));
    const { data: got } = await partner.processorTransactionsGet({ processor_token: token, start_date: '2020-01-01', end_date: '2030-01-01', options: { count: 500 } });
    assert.equal(got.total_transactions, all.length);
    assert.deepEqual(got.transactions.map((t) => t.transaction_id).sort(), all.map((t) => t.transaction_id).sort());
    const { data: nothing } = await partner.processorTransactionsSync({ processor_token: token, cursor });
    assert.deepEqual([nothing.added, nothing.account, nothing.next_cursor], [[], null, cursor]);
    // A cursor belongs to the account.
    await refused(() => client.transactionsSync({ access_token: access, cursor }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /cursor/ });
  });

  it('may do what the client allows', async () => {
    const products = async () => (await partner.processorTokenPermissionsGet({ processor_token: token })).data.products;
    const set = (as, products) => as.processorTokenPermissionsSet({ processor_token: token, products });
    assert.deepEqual(await products(), []);
    await refused(() => set(partner, ['auth']), 'INVALID_INPUT', 'UNAUTHORIZED_ROUTE_ACCESS');
    await refused(() => set(client, ['gossip']), 'INVALID_INPUT', 'INVALID_PRODUCT', { says: /gossip/ });
    await set(client, ['identity', 'auth']);
    assert.deepEqual(await products(), ['auth', 'identity']);
    await partner.processorAuthGet({ processor_token: token });
    await partner.processorAccountGet({ processor_token: token });
    await refused(() => partner.processorTransactionsSync({ processor_token: token }), 'INVALID_INPUT', 'INVALID_PRODUCT', { says: /transactions/ });
    await set(client, []);
    await partner.processorTransactionsSync({ processor_token: token });
  });

  it('is nobody with another token, or for another processor', async () => {
    await stranger(() => partner.processorAccountGet({ processor_token: 'processor-sandbox-00000000-0000-0000-0000-000000000000' }));
    await refused(() => partner.processorAccountGet({ processor_token: access }), 'INVALID_INPUT', 'INVALID_PROCESSOR_TOKEN', { says: /processor-<environment>-<identifier>/ });
    await refused(() => partner.processorAccountGet({ processor_token: 'processor-production-00000000-0000-0000-0000-000000000000' }), 'INVALID_INPUT', 'INVALID_PROCESSOR_TOKEN', { says: /environment/ });
    await refused(() => partner.processorAuthGet({}), 'INVALID_REQUEST', 'MISSING_FIELDS', { says: /processor_token/ });
    await refused(() => client.accountsGet({ access_token: token }), 'INVALID_INPUT', 'INVALID_ACCESS_TOKEN');
    const [other] = await share(access, '0000', 'galileo');
    await stranger(() => partner.processorAccountGet({ processor_token: other }));
    await client.processorAccountGet({ processor_token: other }); // the client that made it may try it
    const { account_id } = await account(access, '1111'); // an account that the Item has, and the token is not for
    await refused(() => partner.processorTransactionsSync({ processor_token: token, options: { account_id } }), 'INVALID_INPUT', 'INVALID_ACCOUNT_ID');
    await refused(() => partner.processorInvestmentsTransactionsGet({ processor_token: token, start_date: '2026-01-01', end_date: '2026-02-01', options: { account_ids: [account_id] } }),
      'INVALID_INPUT', 'INVALID_ACCOUNT_ID');
  });

  it('cannot be given what there is not', async () => {
    const create = (request) => client.processorTokenCreate({ access_token: access, account_id: id, processor: 'dwolla', ...request });
    await refused(() => create({ processor: 'nobody' }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^processor/ });
    await refused(() => create({ account_id: 'nobody' }), 'INVALID_INPUT', 'INVALID_ACCOUNT_ID');
    await refused(() => create({ access_token: token }), 'INVALID_INPUT', 'INVALID_ACCESS_TOKEN');
    await refused(() => client.processorTokenCreate({ access_token: access }), 'INVALID_REQUEST', 'MISSING_FIELDS', { says: /account_id, processor/ });
    const [unshared] = await share(await link(['auth']), '0000');
    await refused(() => partner.processorTransactionsSync({ processor_token: unshared }), 'INVALID_INPUT', 'ADDITIONAL_CONSENT_REQUIRED');
  });

  it('of Stripe has tokens of another form', async () => {
    const { account_id } = await account(access, '1111');
    const { data } = await client.processorStripeBankAccountTokenCreate({ access_token: access, account_id });
    assert.match(data.stripe_bank_account_token, /^btok_[A-Za-z0-9]+$/);
    const { data: got } = await client.processorAccountGet({ processor_token: data.stripe_bank_account_token });
    assert.equal(got.account.account_id, account_id);
    await stranger(() => partner.processorAccountGet({ processor_token: data.stripe_bank_account_token }));
    const card = await account(access, '3333');
    await refused(() => client.processorStripeBankAccountTokenCreate({ access_token: access, account_id: card.account_id }), 'ITEM_ERROR', 'NO_AUTH_ACCOUNTS');
  });

  it('is made without a client in the sandbox', async () => {
    const { data } = await partner.sandboxProcessorTokenCreate({ institution_id: 'ins_109508' });
    const { data: got } = await partner.processorAuthGet({ processor_token: data.processor_token });
    assert.equal(got.numbers.ach.account, '1111222233330000');
    await stranger(() => client.processorAuthGet({ processor_token: data.processor_token }));
    await refused(() => partner.sandboxProcessorTokenCreate({ institution_id: 'ins_0' }), 'INVALID_INPUT', 'INVALID_INSTITUTION');
  });
});

describe('what a processor is told', { concurrency: false }, () => {
  let own, theirs, access, token, id, other;
  before(async () => {
    [own, theirs] = [await listen(), await listen()];
    access = await link(['transactions'], { ...somebody('user_transactions_dynamic'), webhook: own.url });
    const [checking, card] = (await client.accountsGet({ access_token: access })).data.accounts;
    [token, id] = await share(access, checking.mask);
    [other] = await share(access, card.mask);
    await own.told();
  });
  after(() => {
    own.close();
    theirs.close();
  });

  const listens = (processor_token, webhook) => partner.processorTokenWebhookUpdate({ processor_token, webhook });

  it('goes to the address that it has given', async () => {
    await refused(() => listens(token, 'ftp://x'), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^webhook/ });
    await listens(token, theirs.url);
    const [hook, ...more] = await theirs.told(0, partner);
    assert.deepEqual([hook, more], [{
      webhook_type: 'PROCESSOR_TOKEN', webhook_code: 'WEBHOOK_UPDATE_ACKNOWLEDGED', error: null, account_id: id, new_webhook_url: theirs.url, environment: 'sandbox',
    }, []]);
  });

  it('is of its own account', async () => {
    await partner.processorTransactionsSync({ processor_token: token });
    const row = { date_transacted: '2026-11-19', date_posted: '2026-11-19', amount: 7, description: 'OF THE CHECKING ACCOUNT' };
    await client.sandboxTransactionsCreate({ access_token: access, transactions: [row] });
    const hooks = await theirs.told(0, partner);
    assert.deepEqual(codes(hooks), ['TRANSACTIONS DEFAULT_UPDATE', 'TRANSACTIONS SYNC_UPDATES_AVAILABLE']);
    for (const hook of hooks) assert.deepEqual([hook.account_id, hook.item_id], [id, undefined]);
    assert.equal(hooks.find((h) => h.webhook_code === 'DEFAULT_UPDATE').new_transactions, 1);
    for (const hook of await own.told()) assert.ok(hook.item_id && !hook.account_id);
  });

  it('is nothing once it wants nothing', async () => {
    await listens(token, null);
    await client.transactionsRefresh({ access_token: access });
    assert.deepEqual(await theirs.told(0, partner), []);
    assert.ok((await own.told()).length > 0);
  });

  it('ends with the account and with the Item', async () => {
    const { account_id } = (await partner.processorAccountGet({ processor_token: other })).data.account;
    await weft('sandbox/accounts/revoke', { access_token: access, account_id });
    await refused(() => partner.processorAccountGet({ processor_token: other }), 'INVALID_INPUT', 'INVALID_ACCOUNT_ID');
    await partner.processorAccountGet({ processor_token: token });
    await client.itemAccessTokenInvalidate({ access_token: access }).then(({ data }) => {
      access = data.new_access_token;
    });
    await partner.processorAccountGet({ processor_token: token });
    await client.sandboxItemResetLogin({ access_token: access });
    await refused(() => partner.processorTransactionsSync({ processor_token: token }), 'ITEM_ERROR', 'ITEM_LOGIN_REQUIRED');
    await client.itemRemove({ access_token: access });
    await refused(() => partner.processorAccountGet({ processor_token: token }), 'ITEM_ERROR', 'ITEM_NOT_FOUND');
  });
});
