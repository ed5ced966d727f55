// Asset Reports through Plaid's own client: asked for, made, read, filtered, made anew, shown to an auditor, removed.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { env, refused } from '../client.mjs';
import { asksConsent, bank, client, day, link, listen, partner } from '../world.mjs';

const get = (asset_report_token, more = {}) => client.assetReportGet({ asset_report_token, ...more });
const wrong = (call, says) => refused(call, 'INVALID_REQUEST', 'INVALID_FIELD', { says });
const user = { client_user_id: 'u-1', first_name: 'Alberta', last_name: 'Charleson', ssn: '123-45-6789' };

describe('an Asset Report', { concurrency: false }, () => {
  let receiver, access, item, token, id;
  before(async () => {
    receiver = await listen();
    access = await link(['assets', 'transactions']);
    item = (await client.itemGet({ access_token: access })).data.item.item_id;
  });
  after(() => receiver.close());

  // ready wants the one webhook that tells that a report is there.
  async function ready(asset_report_id) {
    const hooks = await receiver.told();
    assert.deepEqual(hooks, [{ webhook_type: 'ASSETS', webhook_code: 'PRODUCT_READY', asset_report_id, report_type: 'FULL', environment: 'sandbox' }]);
  }

  it('is asked for, and told of when it is there', async () => {
    const { data } = await client.assetReportCreate({
      access_tokens: [access], days_requested: 60, options: { client_report_id: 'loan-7', webhook: receiver.url, user },
    });
    [token, id] = [data.asset_report_token, data.asset_report_id];
    assert.match(token, /^assets-sandbox-/);
    await refused(() => get(token), 'ASSET_REPORT_ERROR', 'PRODUCT_NOT_READY');
    await ready(id);
  });

  it('has accounts, owners, transactions and the balances of each day', async () => {
    const { data: { report, warnings } } = await get(token);
    assert.deepEqual([report.asset_report_id, report.client_report_id, report.days_requested, warnings], [id, 'loan-7', 60, []]);
    assert.deepEqual([report.user.first_name, report.user.ssn, report.user.email], ['Alberta', '123-45-6789', null]);
    const [{ item_id, institution_id, institution_name, accounts }, ...more] = report.items;
    assert.deepEqual([item_id, institution_id, institution_name, more], [item, bank, 'First Platypus Bank', []]);
    const own = await client.accountsGet({ access_token: access });
    const reported = own.data.accounts.filter((a) => accounts.some((r) => r.account_id === a.account_id));
    assert.deepEqual(accounts.map((a) => [a.account_id, a.balances.current]), reported.map((a) => [a.account_id, a.balances.current]));

    const checking = accounts.find((a) => a.mask === '0000');
    assert.deepEqual([checking.balances.available, checking.balances.current, checking.days_available], [100, 110, 60]);
    assert.deepEqual(checking.owners[0].names, ['Alberta Bobbeth Charleson']);
    const { data: rows } = await client.transactionsGet({
      access_token: access, start_date: '2026-09-21', end_date: '2026-11-20', options: { account_ids: [checking.account_id], count: 500 },
    });
    const of = (list) => list.map((t) => [t.date, t.amount]).sort();
    assert.deepEqual(of(checking.transactions), of(rows.transactions.filter((t) => t.date >= checking.transactions.at(-1).date)));
    assert.ok(checking.transactions.every((t) => t.original_description && t.name === undefined));
    // Backwards from today, each day's balance is the next one's and what was spent on that.
    const cents = (amount) => Math.round(amount * 100);
    assert.ok(checking.historical_balances.length >= 60);
    checking.historical_balances.reduce((next, now) => {
      const spent = rows.transactions.filter((t) => t.date === next.date).reduce((sum, t) => sum + cents(t.amount), 0);
      assert.equal(cents(now.current), cents(next.current) + spent, `the balance of ${now.date}`);
      return now;
    });
  });

  it('has merchants and categories where they are asked for, and as many days as wanted', async () => {
    const { data } = await get(token, { include_insights: true });
    const [row] = data.report.items[0].accounts[0].transactions;
    assert.ok(row.name && row.credit_category.primary);
    const { data: none } = await get(token, { options: { days_to_include: 0 } });
    assert.ok(none.report.items[0].accounts.every((a) => a.days_available === 0 && a.historical_balances.length === 0 && a.transactions.length === 0));
  });

  it('is filtered', async () => {
    const { data } = await get(token);
    const [{ account_id }, ...rest] = data.report.items[0].accounts;
    const filter = (ids) => client.assetReportFilter({ asset_report_token: token, account_ids_to_exclude: ids });
    await wrong(() => filter(['nobody']), /^account_ids_to_exclude/);
    const { data: made } = await filter([account_id]);
    assert.notEqual(made.asset_report_id, id);
    const filtered = await get(made.asset_report_token);
    assert.deepEqual(filtered.data.report.items[0].accounts, rest);
    assert.equal((await get(token)).data.report.items[0].accounts.length, rest.length + 1);
    await receiver.told();
  });

  it('is made anew, with what has happened since', async () => {
    const before = (await get(token)).data.report;
    await receiver.told(3 * day);
    const { data } = await client.assetReportRefresh({ asset_report_token: token, days_requested: 5 });
    assert.notEqual(data.asset_report_id, id);
    await ready(data.asset_report_id);
    const { report } = (await get(data.asset_report_token)).data;
    assert.deepEqual([report.days_requested, report.client_report_id, report.user.ssn], [5, 'loan-7', '123-45-6789']);
    assert.equal(Date.parse(report.date_generated) - Date.parse(before.date_generated), 3 * day * 1000);
    assert.ok(report.items[0].accounts.every((a) => a.days_available === 5));
    assert.deepEqual((await get(token)).data.report, before);
  });

  it('is a document, for people', async () => {
    const { data, headers } = await client.assetReportPdfGet({ asset_report_token: token }, { responseType: 'arraybuffer' });
    assert.equal(headers['content-type'], 'application/pdf');
    assert.match(headers['plaid-request-id'], /^[A-Za-z0-9]{15}$/);
    assert.equal(Buffer.from(data).subarray(0, 5).toString(), '%PDF-');
    const again = await client.assetReportPdfGet({ asset_report_token: token }, { responseType: 'arraybuffer' });
    assert.ok(Buffer.from(again.data).equals(Buffer.from(data)));
  });

  it('is shown to an auditor, until that ends', async () => {
    const auditor_id = env('WEFT_PARTNER_CLIENT_ID');
    await wrong(() => client.assetReportAuditCopyCreate({ asset_report_token: token, auditor_id: 'nobody' }), /^auditor_id/);
    const { data } = await client.assetReportAuditCopyCreate({ asset_report_token: token, auditor_id });
    const audit_copy_token = data.audit_copy_token;
    assert.match(audit_copy_token, /^a-sandbox-/);
    const shown = await partner.assetReportAuditCopyGet({ audit_copy_token });
    assert.deepEqual(shown.data.report, (await get(token, { include_insights: true })).data.report); // an auditor sees all that there is
    const paper = await partner.assetReportAuditCopyPdfGet({ audit_copy_token }, { responseType: 'arraybuffer' });
    assert.equal(paper.headers['content-type'], 'application/pdf');
    const closed = (call) => refused(call, 'INVALID_INPUT', 'INVALID_AUDIT_COPY_TOKEN');
    await closed(() => client.assetReportAuditCopyGet({ audit_copy_token }));
    await closed(() => partner.assetReportAuditCopyRemove({ audit_copy_token }));
    await wrong(() => partner.assetReportGet({ asset_report_token: token }), /^asset_report_token/);
    assert.equal((await client.assetReportAuditCopyRemove({ audit_copy_token })).data.removed, true);
    await closed(() => partner.assetReportAuditCopyGet({ audit_copy_token }));
  });

  it('outlives its Item, and is removed', async () => {
    await client.itemRemove({ access_token: access });
    assert.equal((await get(token)).data.report.items[0].item_id, item);
    await refused(() => client.assetReportRefresh({ asset_report_token: token }), 'ITEM_ERROR', 'ITEM_NOT_FOUND');
    assert.equal((await client.assetReportRemove({ asset_report_token: token })).data.removed, true);
    await wrong(() => get(token), /^asset_report_token.*removed/);
    await wrong(() => client.assetReportRemove({ asset_report_token: token }), /^asset_report_token/);
  });
});

describe('what cannot be reported', () => {
  const create = (request) => client.assetReportCreate({ days_requested: 10, ...request });

  it('is refused with the field', async () => {
    const token = await link(['assets']);
    await wrong(() => create({ access_tokens: [] }), /^access_tokens/);
    await wrong(() => create({ access_tokens: [token, token] }), /^access_tokens.*different/);
    await wrong(() => create({ access_tokens: [token], days_requested: 732 }), /^days_requested.*731/);
    await wrong(() => create({ access_tokens: [token], options: { user: { ssn: '123456789' } } }), /^options\.user\.ssn/);
    await refused(() => client.assetReportCreate({ access_tokens: [token] }), 'INVALID_REQUEST', 'MISSING_FIELDS', { says: /days_requested/ });
    await refused(() => create({ access_tokens: ['x'] }), 'INVALID_INPUT', 'INVALID_ACCESS_TOKEN');
    await refused(() => get(''), 'INVALID_REQUEST', 'INVALID_FIELD');
    await wrong(() => get('assets-sandbox-00000000-0000-0000-0000-000000000000'), /^asset_report_token/);
    await wrong(() => get('assets-production-00000000-0000-0000-0000-000000000000'), /^asset_report_token.*environment/);
  });

  it('is an Item of which nobody has agreed to it', async () => {
    await asksConsent(({ access_token }) => create({ access_tokens: [access_token] }), 'ASSETS');
  });
});
