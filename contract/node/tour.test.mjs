// Drives a running server through Plaid's own client, as the programs do that Weft is for: only the base path differs.
// WEFT_URL, WEFT_CLIENT_ID and WEFT_SECRET say where the server is.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CountryCode, PlaidApi, Products } from 'plaid';
import { configuration, env, refused } from './client.mjs';

const client = new PlaidApi(configuration(env('WEFT_SECRET')));
const bank = 'ins_109508';

// link makes an Item without Link and returns its access token.
async function link(products = [Products.Investments], options = {}) {
  const made = await client.sandboxPublicTokenCreate({ institution_id: bank, initial_products: products, options });
  assert.match(made.data.public_token, /^public-sandbox-/);
  const exchanged = await client.itemPublicTokenExchange({ public_token: made.data.public_token });
  assert.match(exchanged.data.access_token, /^access-sandbox-/);
  assert.ok(exchanged.data.item_id);
  return exchanged.data.access_token;
}

describe('link tokens', () => {
  it('are made and read', async () => {
    const request = {
      client_name: 'Tour',
      language: 'en',
      country_codes: [CountryCode.Us],
      products: [Products.Investments],
      user: { client_user_id: 'tour-1' },
      webhook: 'https://example.com/hook',
    };
    const { data } = await client.linkTokenCreate(request);
    assert.match(data.link_token, /^link-sandbox-/);
    assert.ok(Date.parse(data.expiration) > 0);
    const read = await client.linkTokenGet({ link_token: data.link_token });
    assert.equal(read.data.metadata.client_name, 'Tour');
    assert.deepEqual(read.data.metadata.initial_products, ['investments']);
    assert.equal(read.data.expiration, data.expiration);
  });

  it('say what is wrong with a request', async () => {
    await refused(() => client.linkTokenCreate({}), 'INVALID_REQUEST', 'MISSING_FIELDS');
  });
});

describe('an Item of user_good', () => {
  let token;
  before(async () => {
    token = await link();
  });

  it('has its accounts', async () => {
    const { data } = await client.accountsGet({ access_token: token });
    const ira = data.accounts.find((a) => a.subtype === 'ira');
    assert.equal(ira.balances.current, 320.76);
    assert.equal(ira.balances.iso_currency_code, 'USD');
    assert.equal(ira.type, 'investment');
    assert.equal(ira.mask, '5555');
    const checking = data.accounts.find((a) => a.subtype === 'checking');
    assert.deepEqual([checking.balances.available, checking.balances.current], [100, 110]);
    assert.equal(data.item.institution_id, bank);
    const one = await client.accountsGet({ access_token: token, options: { account_ids: [ira.account_id] } });
    assert.deepEqual(one.data.accounts, [ira]);
  });

  it('has its holdings', async () => {
    const { data } = await client.investmentsHoldingsGet({ access_token: token });
    const held = (ticker) => {
      const security = data.securities.find((s) => s.ticker_symbol === ticker);
      assert.ok(security, `no security ${ticker}`);
      return { security, holding: data.holdings.find((h) => h.security_id === security.security_id) };
    };
    const fund = held('DBLTX');
    assert.equal(fund.holding.quantity, 2);
    assert.equal(fund.holding.institution_price, 10.42);
    assert.equal(fund.holding.institution_value, 20.84);
    assert.equal(fund.security.type, 'mutual fund');
    const option = held('NFLX180201C00355000');
    assert.equal(option.security.option_contract.contract_type, 'call');
    assert.equal(option.security.option_contract.strike_price, 355);
    assert.equal(option.holding.institution_value, 110);
    const accounts = new Set(data.accounts.map((a) => a.account_id));
    assert.ok(data.holdings.every((h) => accounts.has(h.account_id)));
    assert.equal(new Set(data.securities.map((s) => s.security_id)).size, data.securities.length);
  });

  it('has its transactions, by pages', async () => {
    const all = [];
    let total = Infinity;
    while (all.length < total) {
      const { data } = await client.investmentsTransactionsGet({
        access_token: token,
        start_date: '2020-01-01',
        end_date: '2035-01-01',
        options: { count: 250, offset: all.length },
      });
      total = data.total_investment_transactions;
      assert.ok(data.investment_transactions.length > 0, `an empty page at ${all.length} of ${total}`);
      const known = new Set(data.securities.map((s) => s.security_id));
      for (const row of data.investment_transactions) {
        assert.ok(row.security_id === null || known.has(row.security_id));
        all.push(row);
      }
    }
    assert.ok(total > 500, `only ${total} transactions`);
    assert.equal(all.length, total);
    assert.equal(new Set(all.map((r) => r.investment_transaction_id)).size, total);
    const days = all.map((r) => r.date);
    assert.deepEqual(days, [...days].sort().reverse());
  });

  it('tells its state and takes a webhook', async () => {
    const hook = 'https://example.com/hook';
    const updated = await client.itemWebhookUpdate({ access_token: token, webhook: hook });
    assert.equal(updated.data.item.webhook, hook);
    const { data } = await client.itemGet({ access_token: token });
    assert.equal(data.item.webhook, hook);
    assert.equal(data.item.error, null);
    assert.ok(data.item.products.includes('investments'));
    assert.ok(data.status.investments.last_successful_update);
    await client.itemWebhookUpdate({ access_token: token, webhook: null });
  });

  it('refuses what it has no consent for', async () => {
    const auth = await link([Products.Auth]);
    await refused(() => client.investmentsHoldingsGet({ access_token: auth }), 'INVALID_INPUT', 'ADDITIONAL_CONSENT_REQUIRED');
  });

  it('gets another access token', async () => {
    const { data } = await client.itemAccessTokenInvalidate({ access_token: token });
    assert.notEqual(data.new_access_token, token);
    await refused(() => client.itemGet({ access_token: token }), 'INVALID_INPUT', 'INVALID_ACCESS_TOKEN');
    token = data.new_access_token;
    await client.itemGet({ access_token: token });
  });

  it('is removed', async () => {
    await client.itemRemove({ access_token: token });
    await refused(() => client.itemGet({ access_token: token }), 'ITEM_ERROR', 'ITEM_NOT_FOUND');
    await refused(() => client.itemRemove({ access_token: token }), 'ITEM_ERROR', 'ITEM_NOT_FOUND');
  });
});

describe('institutions', () => {
  it('are found by name and by id', async () => {
    const found = await client.institutionsSearch({
      query: 'First Platypus',
      products: [Products.Investments],
      country_codes: [CountryCode.Us],
    });
    assert.ok(found.data.institutions.some((i) => i.institution_id === bank));
    const { data } = await client.institutionsGetById({
      institution_id: bank,
      country_codes: [CountryCode.Us],
      options: { include_optional_metadata: true, include_status: true },
    });
    assert.equal(data.institution.name, 'First Platypus Bank');
    assert.equal(data.institution.oauth, false);
    assert.equal(data.institution.status.item_logins.status, 'HEALTHY');
    assert.equal(Buffer.from(data.institution.logo, 'base64').subarray(1, 4).toString(), 'PNG');
    const page = await client.institutionsGet({ count: 5, offset: 0, country_codes: [CountryCode.Ca] });
    assert.equal(page.data.institutions.length, 5);
    assert.ok(page.data.total >= 5);
  });
});

describe('a user', () => {
  it('has Items, and takes them along', async () => {
    const identity = {
      name: { given_name: 'Carmen', family_name: 'Berzatto' },
      emails: [{ data: 'carmen@example.com', primary: true }],
    };
    const made = await client.userCreate({ client_user_id: 'tour-1', with_upgraded_user: true, identity });
    assert.equal(made.status, 201);
    const { user_id } = made.data;
    assert.match(user_id, /^usr_/);
    const known = await client.userGet({ user_id });
    assert.equal(known.data.client_user_id, 'tour-1');
    assert.deepEqual(known.data.identity, identity);
    await client.userUpdate({ user_id, identity: { date_of_birth: '1987-01-31' } });
    const { data } = await client.sandboxPublicTokenCreate({
      institution_id: bank,
      initial_products: [Products.Investments],
      user_id,
    });
    const exchanged = await client.itemPublicTokenExchange({ public_token: data.public_token });
    await client.sandboxUserResetLogin({ user_id, item_ids: [exchanged.data.item_id] });
    const owned = await client.userItemsGet({ user_id });
    assert.deepEqual(owned.data.items.map((i) => [i.item_id, i.error.error_code]), [[exchanged.data.item_id, 'ITEM_LOGIN_REQUIRED']]);
    await client.userRemove({ user_id });
    await refused(() => client.accountsGet({ access_token: exchanged.data.access_token }), 'ITEM_ERROR', 'ITEM_NOT_FOUND');
    await refused(() => client.userGet({ user_id }), 'USER_ERROR', 'USER_NOT_FOUND');
  });

  it('of the older kind has a token', async () => {
    const { data } = await client.userCreate({ client_user_id: 'tour-2', with_upgraded_user: false });
    assert.match(data.user_token, /^user-sandbox-/);
    const owned = await client.userItemsGet({ user_token: data.user_token });
    assert.deepEqual(owned.data.items, []);
    await refused(() => client.userCreate({ client_user_id: 'tour-2', with_upgraded_user: false }), 'INVALID_REQUEST', 'INVALID_FIELD');
  });
});

describe('errors', () => {
  it('come for wrong logins', async () => {
    const login = (password) =>
      client.sandboxPublicTokenCreate({
        institution_id: bank,
        initial_products: [Products.Auth],
        options: { override_username: 'user_good', override_password: password },
      });
    await refused(() => login('error_INVALID_CREDENTIALS'), 'ITEM_ERROR', 'INVALID_CREDENTIALS');
    await refused(() => login('error_INSTITUTION_DOWN'), 'INSTITUTION_ERROR', 'INSTITUTION_DOWN');
    await refused(() => login('error_INTERNAL_SERVER_ERROR'), 'API_ERROR', 'INTERNAL_SERVER_ERROR', { status: 500 });
  });

  it('come for wrong keys and wrong tokens', async () => {
    const stranger = new PlaidApi(configuration('not-a-secret'));
    await refused(() => stranger.accountsGet({ access_token: 'x' }), 'INVALID_INPUT', 'INVALID_API_KEYS');
    await refused(() => client.accountsGet({ access_token: 'x' }), 'INVALID_INPUT', 'INVALID_ACCESS_TOKEN');
    await refused(() => client.itemPublicTokenExchange({ public_token: 'x' }), 'INVALID_INPUT', 'INVALID_PUBLIC_TOKEN');
  });

  it('come for routes that are not served', async () => {
    await refused(() => client.walletList({}), 'INVALID_REQUEST', 'NOT_FOUND', { status: 404 });
  });
});
