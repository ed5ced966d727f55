// Link in its other forms, and what can be linked without a bank's login.
import assert from 'node:assert/strict';
import { after, before, describe, it } from '../support/test.mjs';
import { complaints, newPage, stop } from '../support/browser.mjs';
import { document } from '../support/client.mjs';
import { fill, find, openLink, pane, platypus, press, succeed, walk } from '../support/person.mjs';
import { startStage } from '../support/stage.mjs';
import { ask, exchange, linkToken, sessions } from '../support/weft.mjs';

let stage;
before(async () => { stage = await startStage(); });
after(stop);

describe('a hosted page', () => {
  it('links without a client\'s page, and leads on', async (t) => {
    stage.client.set('/done', document('', 'Done'));
    const token = await linkToken({ hosted_link: { completion_redirect_uri: `${stage.client.origin}/done` } });
    const page = await newPage(t, stage.browser);
    await page.goto(token.hosted_link_url);
    await walk(page, 'connected');
    await press(page);
    await page.waitForURL('**/done');
    assert.deepEqual(complaints(page), []);
    const [kept] = await sessions(token.link_token);
    const { public_token: publicToken } = kept.results.item_add_results[0];
    assert.ok((await ask('/accounts/get', { access_token: await exchange(publicToken) })).accounts.length > 0);
  });

  it('shows where the person was when it is loaded anew', async (t) => {
    const token = await linkToken({ hosted_link: {} });
    const page = await newPage(t, stage.browser);
    await page.goto(token.hosted_link_url);
    await walk(page, 'credentials');
    await page.reload();
    await walk(page, 'connected');
  });
});

describe('an app\'s page', () => {
  it('tells the app by navigations', async (t) => {
    const { link_token: token } = await linkToken();
    const page = await newPage(t, stage.browser);
    // An app takes such a navigation for itself. The browser would ask whether to look for one, and hear nothing else meanwhile.
    await page.addInitScript(() => {
      window.told = [];
      window.navigation.addEventListener('navigate', (event) => {
        if (!event.destination.url.startsWith('plaidlink:')) return;
        event.preventDefault();
        window.told.push(event.destination.url);
      });
    });
    await page.goto(`${process.env.WEFT_URL}/link/v2/stable/link.html?isWebview=true&token=${token}`);
    await walk(page, 'connected');
    await press(page);
    const ended = await page.waitForFunction(() => window.told.find((url) => url.startsWith('plaidlink://connected')));
    assert.match(new URL(await ended.jsonValue()).searchParams.get('public_token'), /^public-sandbox-/);
    const events = (await page.evaluate(() => window.told)).filter((url) => url.startsWith('plaidlink://event'))
      .map((url) => new URL(url).searchParams.get('event_name'));
    assert.deepEqual([events[0], events.at(-1)], ['OPEN', 'HANDOFF']);
  });
});

describe('a list in the page', () => {
  it('leads to the modal', async (t) => {
    const { link_token: token } = await linkToken();
    stage.client.set('/embedded', document('', `<div id="box" style="width: 350px; height: 400px"></div>${stage.client.script}`));
    const page = await stage.visit(t, {}, '/embedded');
    const link = await openLink(page, { token }, '#box');
    const before = await link.element.boundingBox();
    assert.deepEqual([before.width, before.height], [350, 400]);
    assert.equal(await link.where.locator('[data-pane="institutions"]').count(), 1);
    await link.where.locator('[id^="aut-ins_"]').first().waitFor();
    assert.ok(await link.where.locator('[id^="aut-ins_"]').count() >= 2);
    await find(link.where, 'First Platypus Bank', platypus);
    await link.where.locator(`#aut-${platypus}`).click();
    await page.waitForFunction(() => document.body.style.overflow === 'hidden');
    assert.deepEqual(await link.element.boundingBox(), { x: 0, y: 0, ...page.viewportSize() });
    await walk(link.where, 'connected');
    await succeed(link);
    const events = (await link.events()).filter((name) => name !== 'SEARCH_INSTITUTION');
    assert.deepEqual(events.slice(0, 2), ['OPEN', 'SELECT_INSTITUTION']);
  });
});

it('a list in the page has a tile for account numbers, after which consent comes', async (t) => {
  const { link_token: token } = await linkToken({ products: ['auth'], auth: { same_day_microdeposits_enabled: true } });
  stage.client.set('/numbers', document('', `<div id="box" style="width: 350px; height: 400px"></div>${stage.client.script}`));
  const link = await openLink(await stage.visit(t, {}, '/numbers'), { token }, '#box');
  await link.where.locator('#aut-manual').click();
  const way = await walk(link.where, 'deposited', {
    routing: (where) => fill(where, { routing: '110000000' }),
    number: (where) => fill(where, { account: '1111222233330000', account_again: '1111222233330000' }),
    holder: (where) => fill(where, { name: 'Ada Lovelace' }),
    authorize: press,
    institutions: () => {},
  });
  assert.deepEqual(way.filter((name) => !['institutions', 'loading'].includes(name)), ['consent', 'routing', 'number', 'holder', 'authorize', 'deposited']);
  await succeed(link);
});

it('who leaves while the bank is asked is asked whether to leave, once the bank has answered', async (t) => {
  const { link_token: token } = await linkToken();
  const page = await stage.visit(t);
  let answer;
  const asked = new Promise((resolve) => {
    page.route('**/link/v2/act', async (route) => {
      if (!route.request().postData()?.includes('"continue"') || answer) { route.continue(); return; }
      await new Promise((go) => { answer = go; resolve(); });
      route.continue();
    });
  });
  const link = await openLink(page, { token });
  await walk(link.where, 'loading');
  await asked;
  await link.exit();
  await pane(link.where, 'loading');
  answer();
  await pane(link.where, 'exit');
  await link.where.locator('#aut-button').click();
  await walk(link.where, 'connected', { exit: () => {} }); // which may be there still
  await succeed(link);
});

const statement = `OFXHEADER:100
DATA:OFXSGML
VERSION:102

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261101<LANGUAGE>ENG
<FI><ORG>Larkfield Brokers<FID>4711</FI></SONRS></SIGNONMSGSRSV1>
<INVSTMTMSGSRSV1><INVSTMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<INVSTMTRS><DTASOF>20261030<CURDEF>USD<INVACCTFROM><BROKERID>larkfield.example<ACCTID>77001234</INVACCTFROM>
<INVPOSLIST><POSSTOCK><INVPOS><SECID><UNIQUEID>037833100<UNIQUEIDTYPE>CUSIP</SECID><HELDINACCT>CASH<POSTYPE>LONG
<UNITS>10<UNITPRICE>160.10<MKTVAL>1601.00<DTPRICEASOF>20261030</INVPOS></POSSTOCK></INVPOSLIST>
<INVBAL><AVAILCASH>250.75<MARGINBALANCE>0<SHORTBALANCE>0</INVBAL></INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1>
<SECLISTMSGSRSV1><SECLIST><STOCKINFO><SECINFO><SECID><UNIQUEID>037833100<UNIQUEIDTYPE>CUSIP</SECID>
<SECNAME>APPLE INC<TICKER>AAPL</SECINFO><STOCKTYPE>COMMON</STOCKINFO></SECLIST></SECLISTMSGSRSV1></OFX>
`;

// brought walks to the pane of a tile below the list, does what the pane needs, and links.
async function brought(t, products, tile, name, act) {
  const { link_token: token } = await linkToken({ products }, 'production');
  const link = await openLink(await stage.visit(t), { token });
  await walk(link.where, 'institutions');
  await link.where.locator(tile).click();
  await pane(link.where, name);
  let times = 0;
  await walk(link.where, 'connected', { [name]: (where) => act(where, times++) });
  return exchange(await succeed(link), 'production');
}

// renewed opens update mode for an Item and does what its pane needs.
async function renewed(t, access, name, act) {
  const { link_token: token } = await linkToken({ access_token: access, products: undefined }, 'production');
  const link = await openLink(await stage.visit(t), { token });
  const way = await walk(link.where, 'connected', { [name]: act });
  assert.ok(way.includes(name) && !way.includes('institutions'), way.join(', '));
  await succeed(link);
  return ask('/accounts/get', { access_token: access }, 'production');
}

describe('without a login', () => {
  it('a statement file becomes holdings', async (t) => {
    const access = await brought(t, ['investments'], '#aut-files', 'upload', async (where, times) => {
      // At first a file that is none, which is said without losing the pane.
      const buffer = Buffer.from(times === 0 ? 'this is no statement' : statement);
      await where.locator('#file-input').setInputFiles({ name: 'broker.ofx', mimeType: 'application/x-ofx', buffer });
      await press(where);
    });
    const { holdings } = await ask('/investments/holdings/get', { access_token: access }, 'production');
    assert.deepEqual(holdings.map((h) => h.institution_value), [1601, 250.75]);

    // A newer one brings the same Item up to date.
    const newer = statement.replaceAll('20261030', '20261102').replace('250.75', '300.00');
    const { item, accounts } = await renewed(t, access, 'upload', async (where) => {
      await where.locator('#file-input').setInputFiles({ name: 'newer.ofx', mimeType: 'application/x-ofx', buffer: Buffer.from(newer) });
      await press(where);
    });
    const after = await ask('/investments/holdings/get', { access_token: access }, 'production');
    assert.deepEqual([after.item.item_id, accounts.length], [item.item_id, 1]);
    assert.deepEqual(after.holdings.map((h) => h.institution_value), [1601, 300]);
  });

  it('a token of SimpleFIN becomes accounts', async (t) => {
    // The server itself serves what was linked, to itself.
    const body = new FormData();
    body.set('file', new Blob([statement]), 'broker.ofx');
    const imported = await (await fetch(`${process.env.WEFT_URL}/weft/import`, {
      method: 'POST', body, headers: { 'PLAID-CLIENT-ID': process.env.WEFT_CLIENT_ID, 'PLAID-SECRET': process.env.WEFT_PRODUCTION_SECRET },
    })).json();
    const made = await ask('/weft/simplefin/create', { access_tokens: [imported.files[0].items[0].access_token], name: 'Link' }, 'production');
    const access = await brought(t, ['transactions'], '#aut-tokens', 'token', async (where) => {
      await where.locator('[name="token"]').fill(made.setup_token);
      await press(where);
    });
    const { accounts } = await ask('/accounts/get', { access_token: access }, 'production');
    assert.equal(accounts.length, 1);
    const again = await renewed(t, access, 'token', (where) => where.locator('#aut-secondary-button').click());
    assert.deepEqual(again.accounts.map((a) => a.account_id), accounts.map((a) => a.account_id));
  });
});
