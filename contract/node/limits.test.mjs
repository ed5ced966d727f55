// Limits of rates through Plaid's own client: how many requests a minute has room for, and what the next one is told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pass, refused } from './client.mjs';
import { bank, client, link } from './world.mjs';

const tooMany = (call, code) => refused(call, 'RATE_LIMIT_EXCEEDED', code, { status: 429, says: /rate limit exceeded/ });

// often makes requests one after the other, as one client does that waits for its answers.
async function often(n, call) {
  for (let i = 0; i < n; i++) await call();
}

describe('the limits of an Item', () => {
  const limited = [
    ['BALANCE_LIMIT', 25, (access_token) => client.accountsBalanceGet({ access_token })],
    ['ITEM_GET_LIMIT', 40, (access_token) => client.itemGet({ access_token })],
    ['RATE_LIMIT', 10, (access_token) => client.liabilitiesGet({ access_token })],
    ['TRANSACTIONS_SYNC_LIMIT', 50, (access_token) => client.transactionsSync({ access_token, count: 1 })],
    ['TRANSACTIONS_REFRESH_LIMIT', 2, (access_token) => client.transactionsRefresh({ access_token })],
    ['RATE_LIMIT', 1, (access_token) => client.investmentsRefresh({ access_token })],
  ];

  for (const [code, most, call] of limited) {
    it(`${code} after ${most}`, async () => {
      const token = await link(['transactions', 'liabilities', 'investments']);
      await often(most, () => call(token));
      await tooMany(() => call(token), code);
      // Another Item has its own minute, another operation too, and the next minute is a new one.
      await call(await link(['transactions', 'liabilities', 'investments']));
      await client.accountsGet({ access_token: token });
      await pass(60);
      await call(token);
    });
  }

  it('count what is refused for something else', async () => {
    const token = await link(['transactions']);
    await often(10, () => refused(() => client.liabilitiesGet({ access_token: token }), 'INVALID_INPUT', 'ADDITIONAL_CONSENT_REQUIRED'));
    await tooMany(() => client.liabilitiesGet({ access_token: token }), 'RATE_LIMIT');
  });
});

describe('the limits of a client', () => {
  it('INSTITUTIONS_GET_LIMIT after 10', async () => {
    await pass(60);
    const call = () => client.institutionsGet({ count: 1, offset: 0, country_codes: ['US'] });
    await often(10, call);
    await tooMany(call, 'INSTITUTIONS_GET_LIMIT');
    await client.institutionsGetById({ institution_id: bank, country_codes: ['US'] });
    await pass(60);
    await call();
  });

  it('ACCOUNTS_BALANCE_GET_LIMIT after 100, over all Items', async () => {
    await pass(60);
    for (let i = 0; i < 5; i++) {
      const token = await link(['auth']);
      await often(20, () => client.accountsBalanceGet({ access_token: token }));
    }
    const token = await link(['auth']);
    await tooMany(() => client.accountsBalanceGet({ access_token: token }), 'ACCOUNTS_BALANCE_GET_LIMIT');
  });
});
