// The API of the running server, as a client's own server asks it.
import assert from 'node:assert/strict';
import { env } from './browser.mjs';

// The clients, by what they are called here: one in two environments, and another who says which pages may open Link.
const clients = {
  sandbox: ['WEFT_CLIENT_ID', 'WEFT_SECRET'],
  production: ['WEFT_CLIENT_ID', 'WEFT_PRODUCTION_SECRET'],
  guarded: ['WEFT_GUARDED_CLIENT_ID', 'WEFT_GUARDED_SECRET'],
};

// ask calls an endpoint as a client, and fails where it does not succeed.
export async function ask(path, body, as = 'sandbox') {
  const [id, secret] = clients[as].map(env);
  const answer = await fetch(env('WEFT_URL') + path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'PLAID-CLIENT-ID': id,
      'PLAID-SECRET': secret,
    },
    body: JSON.stringify(body),
  });
  const data = await answer.json();
  assert.ok(answer.ok, `${path}: ${JSON.stringify(data)}`);
  return data;
}

// linkToken makes a link token: {link_token, hosted_link_url}. Members that are undefined are left out.
export function linkToken(more = {}, environment = 'sandbox') {
  return ask('/link/token/create', {
    client_name: 'A client', language: 'en', country_codes: ['US'], products: ['transactions'], user: { client_user_id: 'user-1' }, ...more,
  }, environment);
}

// exchange makes of a public token the Item's access token.
export async function exchange(publicToken, environment = 'sandbox') {
  return (await ask('/item/public_token/exchange', { public_token: publicToken }, environment)).access_token;
}

// itemOf makes an Item without Link and returns its access token.
export async function itemOf(institution, products = ['transactions']) {
  return exchange((await ask('/sandbox/public_token/create', { institution_id: institution, initial_products: products })).public_token);
}

// sessions are what is kept of a link token's sessions.
export const sessions = async (token, environment) => (await ask('/link/token/get', { link_token: token }, environment)).link_sessions ?? [];
