// The statements of accounts through Plaid's own client: named, fetched as PDF, and asked for anew.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { refused } from '../client.mjs';
import { asksConsent, client, day, link, listen, refusesOthers } from '../world.mjs';

const list = (request) => client.statementsList(request);

describe('statements', { concurrency: false }, () => {
  let receiver, token;
  before(async () => {
    receiver = await listen();
    token = await link(['statements', 'transactions'], { webhook: receiver.url, statements: { start_date: '2026-09-01', end_date: '2026-10-31' } });
    await receiver.told();
  });
  after(() => receiver.close());

  // months are the months of which there are statements, by the accounts' masks.
  const months = async () => {
    const { data } = await list({ access_token: token });
    return data.accounts.map((a) => [a.account_mask, a.statements.map((s) => s.date_posted)]);
  };

  it('are those of the days that were asked for', async () => {
    const closed = ['2026-10-31', '2026-09-30'];
    assert.deepEqual(await months(), [['0000', closed], ['1111', closed], ['2222', closed], ['3333', ['2026-10-28', '2026-09-28']], ['4444', closed]]);
    const { data } = await list({ access_token: token });
    assert.equal(data.institution_name, 'First Platypus Bank');
    assert.deepEqual(data.accounts[0].statements.map((s) => [s.year, s.month]), [[2026, 10], [2026, 9]]);
  });

  it('are PDF files, whose sum is in a header, and which stay the same', async () => {
    const { data } = await list({ access_token: token });
    const [{ statement_id }] = data.accounts[0].statements;
    const fetched = () => client.statementsDownload({ access_token: token, statement_id }, { responseType: 'arraybuffer' });
    const { data: pdf, headers } = await fetched();
    assert.equal(headers['content-type'], 'application/pdf');
    assert.equal(Buffer.from(pdf).subarray(0, 5).toString(), '%PDF-');
    assert.equal(headers['plaid-content-hash'], createHash('sha256').update(Buffer.from(pdf)).digest('hex'));
    assert.deepEqual((await fetched()).data, pdf);
  });

  it('come for other days when they are asked for', async () => {
    const refresh = async (start_date, end_date) => {
      await client.statementsRefresh({ access_token: token, start_date, end_date });
      const hooks = (await receiver.told()).filter((h) => h.webhook_type === 'STATEMENTS');
      assert.deepEqual(hooks.map((h) => [h.webhook_code, h.result]), [['STATEMENTS_REFRESH_COMPLETE', 'SUCCESS']]);
    };
    await refresh('2026-08-01', '2026-08-31');
    assert.deepEqual((await months())[0], ['0000', ['2026-10-31', '2026-09-30', '2026-08-31']]);
    await receiver.told(20 * day);
    await refresh('2026-11-01', '2026-12-31');
    assert.deepEqual((await months())[0], ['0000', ['2026-11-30', '2026-10-31', '2026-09-30', '2026-08-31']]);
  });

  it('are refused where the request or the Item is wrong', async () => {
    await refusesOthers(list);
    await asksConsent(list, 'STATEMENTS');
    await refused(() => client.statementsDownload({ access_token: token, statement_id: 'nobody' }), 'INVALID_REQUEST', 'INVALID_FIELD', { says: /^statement_id/ });
    await refused(() => client.statementsDownload({ access_token: token }), 'INVALID_REQUEST', 'MISSING_FIELDS', { says: /statement_id/ });
    const refresh = (start_date, end_date, says) =>
      refused(() => client.statementsRefresh({ access_token: token, start_date, end_date }), 'INVALID_REQUEST', 'INVALID_FIELD', { says });
    await refresh('2026-11-02', '2026-11-01', /^end_date must not be before start_date/);
    await refresh('2024-10-31', '2026-11-01', /^end_date must be at most two years/);
    await refresh('yesterday', '2026-11-01', /^start_date must be a date/);
    await client.sandboxItemResetLogin({ access_token: token });
    await refused(() => client.statementsRefresh({ access_token: token, start_date: '2026-07-01', end_date: '2026-07-31' }), 'ITEM_ERROR', 'ITEM_LOGIN_REQUIRED');
  });
});
