// What people owe through Plaid's own client: the published sample, debts that are played, and what changes with the months.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refused } from '../client.mjs';
import { account, asksConsent, client, day, described, link, listen, refusesAccounts, refusesOthers, somebody } from '../world.mjs';

const get = (request) => client.liabilitiesGet(request);

describe('the documented debts', () => {
  let token;
  before(async () => {
    token = await link(['liabilities']);
  });

  it('are those of a card', async () => {
    const { data } = await get({ access_token: token });
    const { account_id } = await account(token, '3333');
    const { account_id: business } = await account(token, '9999');
    const [card, other, ...more] = data.liabilities.credit;
    assert.deepEqual([other.account_id, other.last_statement_balance, more], [business, 5020, []]);
    assert.deepEqual(card, {
      account_id,
      aprs: [
        { apr_percentage: 15.24, apr_type: 'balance_transfer_apr', balance_subject_to_apr: 1562.32, interest_charge_amount: 130.22 },
        { apr_percentage: 27.95, apr_type: 'cash_apr', balance_subject_to_apr: 56.22, interest_charge_amount: 14.81 },
        { apr_percentage: 12.5, apr_type: 'purchase_apr', balance_subject_to_apr: 157.01, interest_charge_amount: 25.66 },
        { apr_percentage: 0, apr_type: 'special', balance_subject_to_apr: 1000, interest_charge_amount: 0 },
      ],
      is_overdue: false,
      last_payment_amount: 168.25, last_payment_date: '2026-10-22',
      last_statement_issue_date: '2026-10-28', last_statement_balance: 1708.77,
      minimum_payment_amount: 20, next_payment_due_date: '2026-11-28',
    });
  });

  it('are those of a mortgage and a student loan', async () => {
    const { data } = await get({ access_token: token });
    const [mortgage, ...mortgages] = data.liabilities.mortgage;
    const [student, ...students] = data.liabilities.student;
    assert.deepEqual([mortgages, students], [[], []]);
    assert.equal(mortgage.account_id, (await account(token, '8888')).account_id);
    assert.deepEqual(mortgage.interest_rate, { percentage: 3.99, type: 'fixed' });
    assert.deepEqual([mortgage.account_number, mortgage.loan_term, mortgage.escrow_balance, mortgage.origination_principal_amount],
      ['3120194154', '30 year', 3141.54, 425000]);
    assert.equal(mortgage.property_address.street, '2992 Cameron Road');
    assert.equal(student.account_id, (await account(token, '7777')).account_id);
    assert.deepEqual([student.account_number, student.interest_rate_percentage, student.guarantor, student.loan_name, student.minimum_payment_amount],
      ['4277075694', 5.25, 'DEPT OF ED', 'Consolidation', 25]);
    assert.deepEqual([student.loan_status, student.repayment_plan],
      [{ end_date: '2032-07-28', type: 'repayment' }, { description: 'Standard Repayment', type: 'standard' }]);
  });

  it('are null where no account owes so', async () => {
    const { account_id } = await account(token, '7777');
    const { data } = await get({ access_token: token, options: { account_ids: [account_id] } });
    assert.deepEqual([data.liabilities.credit, data.liabilities.mortgage, data.liabilities.student.length], [null, null, 1]);
    assert.deepEqual(data.accounts.map((a) => a.account_id), [account_id]);
  });

  it('are refused where the request or the Item is wrong', async () => {
    await refusesOthers(get);
    await refusesAccounts(get, token);
    await asksConsent(get, 'LIABILITIES');
    const retired = await link(['liabilities'], somebody('user_prism_1'));
    await refused(() => get({ access_token: retired }), 'ITEM_ERROR', 'NO_LIABILITY_ACCOUNTS');
    const elsewhere = await link(['auth'], {}, 'ins_130016');
    await refused(() => get({ access_token: elsewhere }), 'ITEM_ERROR', 'PRODUCTS_NOT_SUPPORTED');
    await client.sandboxItemResetLogin({ access_token: token });
    await refused(() => get({ access_token: token }), 'ITEM_ERROR', 'ITEM_LOGIN_REQUIRED');
  });
});

it('a debt that is described is told as it is', async () => {
  const token = await link(['liabilities'], described({
    type: 'credit', subtype: 'credit card', starting_balance: 1245.67, transactions: [],
    liability: { type: 'credit', purchase_apr: 16.99, last_payment_amount: 250, minimum_payment_amount: 35, is_overdue: true },
  }));
  const { data } = await get({ access_token: token });
  const [card] = data.liabilities.credit;
  assert.equal(card.aprs.find((a) => a.apr_type === 'purchase_apr').apr_percentage, 16.99);
  assert.deepEqual([card.is_overdue, card.last_payment_amount, card.minimum_payment_amount, card.last_statement_balance], [true, 250, 35, 1245.67]);
});

describe('debts that are played', () => {
  let receiver;
  before(async () => {
    receiver = await listen();
  });
  after(() => receiver.close());

  it('agree with the transactions, and tell what a month has changed', async () => {
    const token = await link(['transactions', 'liabilities'], { ...somebody('user_yuppie'), webhook: receiver.url });
    await receiver.told();
    // agrees holds a student loan's last payment against the account's transactions, and each card's statement against its number.
    const agrees = async () => {
      const { data } = await get({ access_token: token });
      const [loan] = data.liabilities.student;
      const { data: paid } = await client.transactionsGet({
        access_token: token, start_date: loan.last_payment_date, end_date: loan.last_payment_date, options: { account_ids: [loan.account_id] },
      });
      assert.deepEqual(paid.transactions.filter((t) => t.amount < 0).map((t) => -t.amount), [loan.last_payment_amount]);
      for (const card of data.liabilities.credit) {
        assert.ok(!card.is_overdue);
        const least = Math.min(card.last_statement_balance, Math.max(25, card.last_statement_balance * 0.04));
        assert.ok(Math.abs(card.minimum_payment_amount - least) < 0.01, `${card.minimum_payment_amount} of ${card.last_statement_balance}`);
      }
      return data.liabilities;
    };
    const then = await agrees();

    assert.deepEqual(await receiver.told(20 * day), []);
    await client.transactionsRefresh({ access_token: token });
    const hook = (await receiver.told()).find((h) => h.webhook_type === 'LIABILITIES');
    assert.deepEqual([hook.webhook_code, hook.error, hook.account_ids_with_new_liabilities], ['DEFAULT_UPDATE', null, []]);
    const now = await agrees();
    const changed = Object.fromEntries([...now.credit, ...now.student].map((debt) => {
      const was = [...then.credit, ...then.student].find((d) => d.account_id === debt.account_id);
      return [debt.account_id, Object.keys(debt).filter((key) => JSON.stringify(debt[key]) !== JSON.stringify(was[key])).sort()];
    }).filter(([, members]) => members.length > 0));
    const told = Object.fromEntries(Object.entries(hook.account_ids_with_updated_liabilities).map(([id, members]) => [id, [...members].sort()]));
    assert.deepEqual(told, changed);
    assert.ok(Object.values(changed).some((members) => members.includes('last_statement_issue_date')));
  });
});
