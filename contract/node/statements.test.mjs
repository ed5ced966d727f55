// Reads brokers' statement files, imported before, through Plaid's own client: positions, quantities, prices and values are
// those of the files' own text, digit for digit. WEFT_TOKEN_<FILE> are the Items' access tokens.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Configuration, PlaidApi } from 'plaid';
import { env } from './client.mjs';

const client = new PlaidApi(new Configuration({
  basePath: env('WEFT_URL'),
  baseOptions: {
    headers: { 'PLAID-CLIENT-ID': env('WEFT_CLIENT_ID'), 'PLAID-SECRET': env('WEFT_SECRET') },
    transformResponse: [(text) => text], // the digits as they are sent
  },
}));

// holdings are [ticker or name, quantity, price, value, date] of an Item, as text.
async function holdings(file) {
  const { data } = await client.investmentsHoldingsGet({ access_token: env(`WEFT_TOKEN_${file}`) });
  const numbers = data.replace(/":(-?\d[\d.]*)/g, '":"$1"');
  const answer = JSON.parse(numbers);
  const named = new Map(answer.securities.map((s) => [s.security_id, s]));
  const rows = answer.holdings.map((h) => {
    const s = named.get(h.security_id);
    return [s.ticker_symbol ?? s.name, Number(h.quantity), Number(h.institution_price), Number(h.institution_value), h.institution_price_as_of];
  });
  return { answer, rows, named };
}

it('a Fidelity brokerage', async () => {
  const { answer, rows } = await holdings('FIDELITY');
  assert.deepEqual(rows.filter(([name]) => !name.startsWith('USD') && !name.startsWith('CUR')), [
    ['SDRL', 128, 40.87, 5231.36, '2012-09-08'],
    ['CLCT', 70.573, 14.32, 1010.6, '2012-09-08'],
    ['HI', 115, 18.93, 2176.95, '2012-09-08'],
    ['INTC', 100.911, 24.19, 2441.03, '2012-09-08'],
    ['RHT', 50, 59.15, 2957.5, '2012-09-08'],
    ['XIN', 390.909, 2.82, 1102.36, '2012-09-08'],
  ]);
  const cash = rows.filter(([name]) => name.startsWith('USD') || name.startsWith('CUR'));
  assert.deepEqual(cash.map(([, quantity, price, value]) => [quantity, price, value]), [[18073.98, 1, 18073.98]]);
  assert.equal(answer.accounts[0].type, 'investment');
  // The file's own net worth, less nothing: positions and cash.
  assert.equal(Number(answer.accounts[0].balances.current).toFixed(2), '32993.78');
});

it('a TD Ameritrade brokerage with a bond', async () => {
  const { rows, named } = await holdings('TD_AMERITRADE');
  assert.deepEqual(rows[0], ['AMZN', 1, 1000, 1000, '2017-12-03']);
  // 1000 of face at 100 percent: ten units of 100 of face.
  assert.deepEqual(rows[1].slice(1), [10, 100, 1000, '2017-12-03']);
  const bond = [...named.values()].find((s) => s.type === 'fixed income');
  assert.equal(bond.name, 'US Treasury 2047');
});

it('a 401(k) at Vanguard', async () => {
  const { answer, rows } = await holdings('VANGUARD401K');
  assert.deepEqual(rows, [['Target Retirement 2050 Trust Plus', 117.506, 44.01, 5171.44, '2014-10-17']]);
  assert.equal(answer.accounts[0].subtype, '401k');
});

it('a Vanguard account whose two positions name one security', async () => {
  const { rows } = await holdings('VANGUARD');
  const [, quantity, , value] = rows[0];
  assert.deepEqual([rows.length, quantity, value], [1, 244.2, 24479.72]);
});
