// What the tests that drive a server through Plaid's own client have in common: its configuration, and how it tells errors.
import assert from 'node:assert/strict';
import { Configuration } from 'plaid';

export const env = (name) => {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
};

export const configuration = (secret, clientID = env('WEFT_CLIENT_ID')) =>
  new Configuration({
    basePath: env('WEFT_URL'),
    baseOptions: {
      headers: { 'PLAID-CLIENT-ID': clientID, 'PLAID-SECRET': secret, 'Plaid-Version': '2020-09-14' },
    },
  });

// refused wants an error, and reads it as users of the client do. says is what its message must have.
export async function refused(call, type, code, { status = 400, says = /./ } = {}) {
  await assert.rejects(call, (error) => {
    assert.ok(error.response, `no answer: ${error.message}`);
    const { data } = error.response;
    assert.equal(data.error_code, code);
    assert.equal(data.error_type, type);
    assert.equal(error.response.status, status);
    assert.match(data.error_message, says);
    assert.match(data.request_id, /^[A-Za-z0-9]{15}$/);
    assert.ok(data.display_message === null || typeof data.display_message === 'string');
    assert.match(data.documentation_url, /^https?:\/\//);
    return true;
  });
}

// pass moves the server's clock by so many seconds, has the server do what is due then, and returns the time in seconds.
export async function pass(seconds) {
  const answer = await fetch(`${env('WEFT_CLOCK')}?seconds=${seconds}`, { method: 'POST' });
  assert.equal(answer.status, 200);
  return Number(await answer.text());
}
