// What the tests of single products have in common: a client, another one who is the processor dwolla and an auditor, Items made
// without Link, and a receiver whose webhooks are verified. A test's server is its own; WEFT_CLOCK is where its clock is moved.
import assert from 'node:assert/strict';
import { PlaidApi } from 'plaid';
import { configuration, env, pass, refused } from './client.mjs';
import { receive, trusted } from './receiver.mjs';

export const bank = 'ins_109508';
export const day = 24 * 60 * 60;
export const client = new PlaidApi(configuration(env('WEFT_SECRET')));
export const partner = process.env.WEFT_PARTNER_SECRET && new PlaidApi(configuration(env('WEFT_PARTNER_SECRET'), env('WEFT_PARTNER_CLIENT_ID')));

// somebody are the options that log in another user; described is one whose accounts are given.
export const somebody = (name, password = 'any') => ({ override_username: name, override_password: password });
export const described = (...accounts) => somebody('user_custom', JSON.stringify({ override_accounts: accounts }));

// link makes an Item without Link and returns its access token.
export async function link(products, options = {}, institution = bank, more = {}) {
  const made = await client.sandboxPublicTokenCreate({ institution_id: institution, initial_products: products, options, ...more });
  const { data } = await client.itemPublicTokenExchange({ public_token: made.data.public_token });
  return data.access_token;
}

// account is the account of an Item whose mask is given.
export async function account(token, mask) {
  const { data } = await client.accountsGet({ access_token: token });
  const found = data.accounts.find((a) => a.mask === mask);
  assert.ok(found, `no account ${mask}`);
  return found;
}

// weft calls one of Weft's own operations, which Plaid's client does not know.
export async function weft(path, request) {
  const answer = await fetch(`${env('WEFT_URL')}/weft/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'PLAID-CLIENT-ID': env('WEFT_CLIENT_ID'), 'PLAID-SECRET': env('WEFT_SECRET') },
    body: JSON.stringify(request),
  });
  const body = await answer.json();
  assert.equal(answer.status, 200, `${path}: ${body.error_message}`);
  return body;
}

// listen starts a receiver. Its told are the webhooks that come when so much time has passed, each verified by the client that
// it is sent for.
export async function listen() {
  const receiver = await receive();
  return {
    url: receiver.url,
    close: receiver.close,
    told: async (seconds = 0, as = client) => {
      const now = await pass(seconds);
      const hooks = [];
      for (const { token, body } of receiver.take()) {
        await trusted(as, token, body, now);
        const hook = JSON.parse(body);
        assert.equal(hook.environment, 'sandbox');
        hooks.push(hook);
      }
      return hooks;
    },
  };
}

// codes are webhooks in short, in whatever order they came.
export const codes = (hooks) => hooks.map((h) => `${h.webhook_type} ${h.webhook_code}`).sort();

// refusesOthers wants what every endpoint refuses that reads an Item: no token, wrong ones, those of another environment.
export async function refusesOthers(call) {
  await refused(() => call({}), 'INVALID_REQUEST', 'MISSING_FIELDS', { says: /access_token/ });
  await refused(() => call({ access_token: 'x' }), 'INVALID_INPUT', 'INVALID_ACCESS_TOKEN', { says: /access-<environment>-<identifier>/ });
  for (const environment of ['sandbox', 'production']) {
    const unknown = `access-${environment}-00000000-0000-0000-0000-000000000000`;
    await refused(() => call({ access_token: unknown }), 'INVALID_INPUT', 'INVALID_ACCESS_TOKEN');
  }
}

// refusesAccounts wants what is refused of options.account_ids.
export async function refusesAccounts(call, token) {
  await refused(() => call({ access_token: token, options: { account_ids: ['nobody'] } }), 'INVALID_INPUT', 'INVALID_ACCOUNT_ID');
  await refused(() => call({ access_token: token, options: { account_ids: 'nobody' } }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /options\.account_ids/ });
  await refused(() => call({ access_token: token, options: { accounts: [] } }), 'INVALID_REQUEST', 'UNKNOWN_FIELDS', { says: /options\.accounts/ });
}

// asksConsent wants an Item without the product to be refused.
export async function asksConsent(call, product, other = 'transactions', more = {}) {
  const token = await link([other]);
  await refused(() => call({ access_token: token, ...more }), 'INVALID_INPUT', 'ADDITIONAL_CONSENT_REQUIRED', { says: new RegExp(`PRODUCT_${product}`) });
}
