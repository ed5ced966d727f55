// Follows the transactions of one Item through Plaid's own client, from the Item's making to its removal: what a program does
// that keeps a copy of a person's transactions. The steps build on each other; WEFT_CLOCK is where the server's clock is moved,
// which then does what is due.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PlaidApi, Products } from 'plaid';
import { configuration, env, pass, refused } from './client.mjs';
import { receive, trusted } from './receiver.mjs';

const client = new PlaidApi(configuration(env('WEFT_SECRET')));
const range = { start_date: '2024-01-01', end_date: '2027-12-31' };

describe('the transactions of user_transactions_dynamic', { concurrency: false }, () => {
  let receiver, token, itemID, cursor;
  const held = new Map(); // the fold: what the bank has, by transaction_id
  const pendings = () => [...held.values()].filter((t) => t.pending);

  // told is the webhooks that come when so much time has passed, each verified.
  async function told(seconds) {
    const now = await pass(seconds);
    const hooks = [];
    for (const { token: signature, body } of receiver.take()) {
      await trusted(client, signature, body, now);
      const hook = JSON.parse(body);
      assert.equal(hook.item_id, itemID);
      assert.equal(hook.environment, 'sandbox');
      assert.equal(hook.webhook_type, 'TRANSACTIONS');
      assert.ok(!hook.error);
      hooks.push(hook);
    }
    return hooks;
  }

  // follow reads all pages after the cursor and folds them.
  async function follow(count = 10) {
    const all = { added: [], modified: [], removed: [], pages: 0 };
    for (let more = true; more; ) {
      const { data } = await client.transactionsSync({ access_token: token, cursor, count });
      const changes = data.added.length + data.modified.length + data.removed.length;
      assert.ok(changes <= count, `a page of ${count} has ${changes}`);
      assert.ok(!data.has_more || changes > 0, 'an empty page says that there are more');
      assert.equal(data.accounts.length > 0, changes > 0);
      for (const t of data.added) {
        assert.ok(!held.has(t.transaction_id), 'added twice');
        held.set(t.transaction_id, t);
      }
      for (const t of data.modified) {
        assert.ok(held.has(t.transaction_id), 'modified and never added');
        t.before = held.get(t.transaction_id);
        held.set(t.transaction_id, t);
      }
      for (const t of data.removed) assert.ok(held.delete(t.transaction_id), 'removed and never added');
      for (const kind of ['added', 'modified', 'removed']) all[kind].push(...data[kind]);
      all.pages++;
      all.status = data.transactions_update_status;
      cursor = data.next_cursor;
      more = data.has_more;
    }
    return all;
  }

  // agrees holds the fold against /transactions/get.
  async function agrees() {
    const all = [];
    for (let total = Infinity; all.length < total; ) {
      const { data } = await client.transactionsGet({ access_token: token, ...range, options: { count: 25, offset: all.length } });
      assert.ok(data.transactions.length > 0, `an empty page at ${all.length} of ${data.total_transactions}`);
      total = data.total_transactions;
      all.push(...data.transactions);
    }
    const byID = (list) => Object.fromEntries(list.map(({ before: _, ...t }) => [t.transaction_id, t]));
    assert.deepEqual(byID(all), byID([...held.values()]));
    assert.equal(all.length, held.size);
    const days = all.map((t) => t.date);
    assert.deepEqual(days, [...days].sort().reverse());
  }

  before(async () => {
    receiver = await receive();
  });
  after(() => receiver.close());

  it('have not come when the Item is made', async () => {
    const made = await client.sandboxPublicTokenCreate({
      institution_id: 'ins_109508',
      initial_products: [Products.Transactions],
      options: {
        webhook: receiver.url,
        override_username: 'user_transactions_dynamic',
        override_password: 'pass',
        transactions: { days_requested: 180 },
      },
    });
    const exchanged = await client.itemPublicTokenExchange({ public_token: made.data.public_token });
    [token, itemID] = [exchanged.data.access_token, exchanged.data.item_id];
    await refused(() => client.transactionsGet({ access_token: token, ...range }), 'ITEM_ERROR', 'PRODUCT_NOT_READY');
    const nothing = await follow();
    assert.deepEqual([nothing.pages, nothing.status, cursor, held.size], [1, 'NOT_READY', '', 0]);
    assert.deepEqual(await told(0), []);
    const { data } = await client.itemGet({ access_token: token });
    assert.equal(data.status.last_webhook, null);
    assert.equal(data.item.webhook, receiver.url);
  });

  it('come for the newest days at first', async () => {
    const [initial, available, ...more] = await told(6);
    assert.deepEqual([initial.webhook_code, more], ['INITIAL_UPDATE', []]);
    assert.equal(available.webhook_code, 'SYNC_UPDATES_AVAILABLE');
    assert.deepEqual([available.initial_update_complete, available.historical_update_complete], [true, false]);
    const { added, modified, removed, status } = await follow();
    assert.equal(status, 'INITIAL_UPDATE_COMPLETE');
    assert.equal(added.length, initial.new_transactions);
    assert.deepEqual([modified, removed], [[], []]);
    assert.ok(pendings().length > 0, 'nothing is pending');
    await agrees();
  });

  it('come with all of their history then', async () => {
    const [historical, available, ...more] = await told(60);
    assert.deepEqual([historical.webhook_code, more], ['HISTORICAL_UPDATE', []]);
    assert.equal(available.webhook_code, 'SYNC_UPDATES_AVAILABLE');
    assert.deepEqual([available.initial_update_complete, available.historical_update_complete], [true, true]);
    const { added, modified, removed, status, pages } = await follow();
    assert.equal(status, 'HISTORICAL_UPDATE_COMPLETE');
    assert.ok(added.length > 10 && added.length === historical.new_transactions, `${added.length} of ${historical.new_transactions}`);
    assert.ok(pages > 1, 'has_more was never true');
    assert.deepEqual([modified, removed], [[], []]);
    await agrees();
    const { data } = await client.itemGet({ access_token: token });
    assert.equal(data.status.last_webhook.code_sent, 'SYNC_UPDATES_AVAILABLE');
    assert.ok(Date.parse(data.status.last_webhook.sent_at) > 0);
    assert.ok(data.status.transactions.last_successful_update);
  });

  it('are signed, each by itself', async () => {
    const now = await pass(0);
    await client.sandboxItemFireWebhook({ access_token: token, webhook_type: 'TRANSACTIONS', webhook_code: 'DEFAULT_UPDATE' });
    assert.equal(await pass(0), now);
    const [{ token: signature, body }] = receiver.take();
    await trusted(client, signature, body, now);
    await assert.rejects(trusted(client, signature, Buffer.concat([body, Buffer.from(' ')]), now), /another/);
    await assert.rejects(trusted(client, signature, body, now + 301), /signed at/);
    const [header, claims, sum] = signature.split('.');
    const flipped = (sum[0] === 'A' ? 'B' : 'A') + sum.slice(1);
    await assert.rejects(trusted(client, [header, claims, flipped].join('.'), body, now), /signature/);
  });

  for (const round of [1, 2, 3]) {
    it(`change with a refresh, ${round}`, async () => {
      const waiting = new Map(pendings().map((t) => [t.transaction_id, t]));
      assert.ok(waiting.size > 0, 'nothing is pending');
      await client.transactionsRefresh({ access_token: token });
      const [changed, gone, available, ...more] = await told(0);
      assert.deepEqual([changed.webhook_code, gone.webhook_code, available.webhook_code, more],
        ['DEFAULT_UPDATE', 'TRANSACTIONS_REMOVED', 'SYNC_UPDATES_AVAILABLE', []]);
      const { added, modified, removed, pages } = await follow(3);
      assert.ok(pages > 1, 'has_more was never true');
      assert.equal(added.length, changed.new_transactions);

      // What was pending is removed, and posted under another id that names it.
      const ids = (list) => list.map((t) => t.transaction_id).sort();
      assert.deepEqual(ids(removed), [...waiting.keys()].sort());
      assert.deepEqual([...gone.removed_transactions].sort(), ids(removed));
      const posted = added.filter((t) => !t.pending);
      assert.deepEqual(posted.map((t) => t.pending_transaction_id).sort(), [...waiting.keys()].sort());
      for (const t of posted) {
        const was = waiting.get(t.pending_transaction_id);
        assert.deepEqual([t.name, t.account_id, t.authorized_date], [was.name, was.account_id, was.date]);
        assert.ok(t.amount >= was.amount, 'it was posted for less');
      }
      // Others are pending, and one amount has grown by 1.00.
      assert.ok(added.some((t) => t.pending), 'nothing new is pending');
      assert.equal(modified.length, 1);
      const [{ before, ...now }] = modified;
      const { before: earlier, ...was } = before; // it may have been modified in an earlier round as well
      assert.equal((now.amount - was.amount).toFixed(2), '1.00');
      assert.deepEqual({ ...now, amount: was.amount }, was);
      await agrees();
    });
  }

  it('stay as they are while nobody asks the bank', async () => {
    const at = cursor;
    const { added, modified, removed, pages } = await follow();
    assert.deepEqual([added, modified, removed, pages, cursor], [[], [], [], 1, at]);
    assert.deepEqual(await told(0), []);
  });

  it('are the same to one who begins anew', async () => {
    const before = new Map(held);
    held.clear();
    cursor = undefined;
    const { modified, removed } = await follow(500);
    assert.deepEqual([modified.length, removed.length], [0, 0]);
    assert.deepEqual([...held.keys()].sort(), [...before.keys()].sort());
    await agrees();
  });

  it('come again and again', async () => {
    const { data } = await client.transactionsRecurringGet({ access_token: token });
    assert.ok(data.outflow_streams.length > 0, 'nothing recurs');
    for (const stream of [...data.outflow_streams, ...data.inflow_streams]) {
      assert.ok(stream.transaction_ids.length >= 2);
      assert.ok(stream.transaction_ids.every((id) => held.has(id)), `${stream.description} names a transaction that there is not`);
    }
    const monthly = data.outflow_streams.find((s) => s.frequency === 'MONTHLY' && s.status === 'MATURE');
    assert.ok(monthly, 'nothing is paid each month');
    const [newest] = monthly.transaction_ids.map((id) => held.get(id)).sort((a, b) => b.date.localeCompare(a.date));
    assert.deepEqual([monthly.last_date, monthly.last_amount.amount], [newest.date, newest.amount]);
  });

  it('go with the Item', async () => {
    await client.itemRemove({ access_token: token });
    for (const call of [client.transactionsSync, client.transactionsGet, client.transactionsRefresh, client.transactionsRecurringGet]) {
      await refused(() => call.call(client, { access_token: token, ...(call === client.transactionsGet && range) }), 'ITEM_ERROR', 'ITEM_NOT_FOUND');
    }
    assert.deepEqual(await told(3600), []);
  });
});
