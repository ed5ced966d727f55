// Ways through Link at the simulated banks, from a client's page to what its server can read.
import assert from 'node:assert/strict';
import { after, before, describe, it } from '../support/test.mjs';
import { abroad, complaints, stop } from '../support/browser.mjs';
import { answerAll, checkEvents, choose, expectWay, find, logIn, openLink, pane, platypus, press, search, succeed, walk } from '../support/person.mjs';
import { startStage } from '../support/stage.mjs';
import { ask, exchange, itemOf, linkToken, sessions } from '../support/weft.mjs';

let stage;
before(async () => { stage = await startStage(); });
after(stop);

async function begin(t, more = {}, config = {}) {
  const { link_token: token } = await linkToken(more);
  const page = await stage.visit(t);
  const link = await openLink(page, { token, ...config });
  return Object.assign(link, { token });
}

const accountsOf = async (publicToken) => (await ask('/accounts/get', { access_token: await exchange(publicToken) })).accounts;

const opening = ['OPEN', 'TRANSITION_VIEW CONSENT?', 'TRANSITION_VIEW SUBMIT_PHONE?', 'SKIP_SUBMIT_PHONE?', 'TRANSITION_VIEW SUBMIT_PHONE?', 'SKIP_SUBMIT_PHONE?'];
const ending = ['TRANSITION_VIEW SELECT_ACCOUNT', 'TRANSITION_VIEW LOADING', 'TRANSITION_VIEW SUBMIT_PHONE?', 'SKIP_SUBMIT_PHONE?', 'TRANSITION_VIEW CONNECTED', 'HANDOFF'];
const login = ['SELECT_INSTITUTION', 'TRANSITION_VIEW CREDENTIAL', 'SUBMIT_CREDENTIALS', 'TRANSITION_VIEW LOADING'];
const listed = ['TRANSITION_VIEW SELECT_INSTITUTION', 'SEARCH_INSTITUTION'];

describe('a bank with a login', () => {
  it('is linked, and its accounts can be read', async (t) => {
    const link = await begin(t);
    await walk(link.where, 'connected');
    const publicToken = await succeed(link);
    await expectWay(link, [...opening, ...listed, ...login, ...ending]);
    const [, metadata] = await link.called('onSuccess');
    assert.deepEqual(metadata.institution, { name: 'First Platypus Bank', institution_id: platypus });
    const accounts = await accountsOf(publicToken);
    assert.deepEqual(metadata.accounts.map(({ id, name, mask, type, subtype }) => ({ id, name, mask, type, subtype })),
      accounts.map(({ account_id: id, name, mask, type, subtype }) => ({ id, name, mask, type, subtype })));
    assert.deepEqual([abroad(link.page), complaints(link.page)], [[], []]);
    const [kept] = await sessions(link.token);
    assert.deepEqual(kept.events.map((e) => e.event_name).sort(), (await link.events()).map((name) => name.split(' ')[0]).sort());
    assert.equal(kept.results.item_add_results[0].public_token, publicToken);
  });

  it('is found by the search', async (t) => {
    const link = await begin(t);
    await walk(link.where, 'institutions');
    await find(link.where, 'gingham', 'ins_109509');
    await link.where.locator(`#aut-${platypus}`).waitFor({ state: 'detached' });
    await search(link.where, 'no such bank at all');
    await link.where.locator('#aut-ins_109509').waitFor({ state: 'detached' });
    await find(link.where, 'tartan', 'ins_109511');
    await link.where.locator('[aria-label="Tartan Bank"]').click();
    await pane(link.where, 'credentials');
    await walk(link.where, 'connected');
    await succeed(link);
    const searches = (await link.calls('onEvent')).filter((c) => c.args[0] === 'SEARCH_INSTITUTION').map((c) => c.args[1].institution_search_query);
    assert.equal(searches.at(-1), 'tartan');
  });

  it('shares only the accounts that are chosen', async (t) => {
    const link = await begin(t);
    await walk(link.where, 'connected', {
      accounts: async (where) => {
        const boxes = await where.locator('input[name="account"]:enabled').all();
        for (const [i, box] of boxes.entries()) await box.setChecked(i === 1);
        await press(where);
      },
    });
    const accounts = await accountsOf(await succeed(link));
    assert.deepEqual(accounts.map(({ mask }) => mask), ['1111']);
  });

  it('says when the password is wrong, and goes on with the right one', async (t) => {
    const link = await begin(t);
    let times = 0;
    await walk(link.where, 'connected', {
      credentials: async (where) => {
        times++;
        if (times === 2) await where.locator('#problem').waitFor();
        await logIn(where, 'user_good', times === 1 ? 'wrong' : 'pass_good');
      },
    });
    await succeed(link);
    const error = (await link.calls('onEvent')).find((c) => c.args[0] === 'ERROR').args[1];
    assert.deepEqual([times, error.error_type, error.error_code], [2, 'ITEM_ERROR', 'INVALID_CREDENTIALS']);
    await expectWay(link, [...opening, ...listed, ...login, 'ERROR', 'TRANSITION_VIEW CREDENTIAL', 'SUBMIT_CREDENTIALS', 'TRANSITION_VIEW LOADING', ...ending]);
  });

  it('may be locked, which the client is told on the exit', async (t) => {
    const link = await begin(t);
    await walk(link.where, 'error', { credentials: (where) => logIn(where, 'user_good', 'error_ITEM_LOCKED') });
    await link.where.locator('#close-button').click();
    const [error, metadata] = await leave(link);
    assert.deepEqual([error.error_type, error.error_code, metadata.institution.institution_id], ['ITEM_ERROR', 'ITEM_LOCKED', platypus]);
  });

  it('is linked to several in one session', async (t) => {
    const { user_id: user } = await ask('/user/create', { client_user_id: `several-${Date.now()}` });
    const link = await begin(t, { enable_multi_item_link: true, user: undefined, user_id: user });
    await walk(link.where, 'connected');
    await link.where.locator('#aut-secondary-button').click();
    await pane(link.where, 'institutions');
    await walk(link.where, 'connected', {
      institutions: (where) => choose(where, 'Gingham', 'ins_109509'),
    });
    await press(link.where);
    await link.called('onSuccess');
    assert.ok((await link.events()).includes('CONNECT_NEW_INSTITUTION'));
    const [kept] = await sessions(link.token);
    assert.deepEqual(kept.results.item_add_results.map((r) => r.institution.institution_id).sort(), [platypus, 'ins_109509']);
    for (const { public_token: one } of kept.results.item_add_results) assert.ok((await accountsOf(one)).length > 0);
  });
});

// leave confirms the exit where it is asked for, and returns what onExit was told.
async function leave(link) {
  await Promise.race([
    link.called('onExit'),
    link.where.locator('[data-pane="exit"] #aut-secondary-button').click().catch(() => {}),
  ]);
  const args = await link.called('onExit');
  await checkEvents(link, 'EXIT');
  return args;
}

describe('a person with a phone', () => {
  const typed = (number) => ({
    consent: async (where) => {
      await where.locator('#phone-input').fill(number);
      await press(where);
    },
    otp: async (where) => {
      await where.locator('#aut-input-0-input').fill('123456');
      await press(where);
    },
  });

  it('is recognised by it, and links without a login', async (t) => {
    const number = `415-555-${String(Date.now()).slice(-4)}`;
    const first = await begin(t);
    assert.ok((await walk(first.where, 'connected', typed(number))).includes('credentials'));
    await succeed(first);
    const link = await begin(t);
    const way = await walk(link.where, 'connected', {
      ...typed(number),
      saved: (where) => where.locator(`#aut-${platypus}`).click(),
      accounts: press,
    });
    // Whether LOADING is seen between the panes is a matter of time; the events below tell of it.
    assert.deepEqual(way.filter((pane) => pane !== 'loading'), ['consent', 'otp', 'saved', 'accounts', 'connected']);
    assert.ok((await accountsOf(await succeed(link))).length > 0);
    await expectWay(link, ['OPEN', 'SUBMIT_PHONE', 'TRANSITION_VIEW VERIFY_PHONE', 'SUBMIT_OTP', 'VERIFY_PHONE', 'TRANSITION_VIEW SELECT_SAVED_INSTITUTION',
      'SELECT_INSTITUTION', 'TRANSITION_VIEW LOADING', 'TRANSITION_VIEW SELECT_SAVED_ACCOUNT', 'TRANSITION_VIEW LOADING', 'TRANSITION_VIEW CONNECTED', 'HANDOFF']);
    const chosen = (await link.calls('onEvent')).find((c) => c.args[0] === 'SELECT_INSTITUTION').args[1];
    assert.equal(chosen.match_reason, 'SAVED_INSTITUTION');
  });
});

describe('a bank that asks more', () => {
  const asked = (kinds) => kinds.flatMap((kind) => [`MFA ${kind}`, 'SUBMIT_MFA']);
  for (const [password, mfa, kinds] of [
    ['mfa_device', () => async (where) => {
      if (await where.locator('#device-input').count()) await press(where);
      else {
        await where.locator('#aut-input-0-input').fill('1234');
        await press(where);
      }
    }, ['device', 'code']],
    ['mfa_questions_1_1', () => (where) => answerAll(where, () => 'answer_0_0'), ['questions']],
    ['mfa_questions_2_2', rounds((round, name) => `answer_${round}_${name.slice(-1)}`), ['questions', 'questions']],
    ['mfa_selections_1_1_3', () => (where) => answerAll(where, () => 'answer_1_1_0'), ['selections']],
  ]) {
    it(`is linked: ${password}`, async (t) => {
      const link = await begin(t);
      await walk(link.where, 'connected', { credentials: (where) => logIn(where, 'user_good', password), mfa: mfa() });
      await succeed(link);
      const told = (await link.calls('onEvent')).map((c) => c.args)
        .filter(([name, m]) => name === 'SUBMIT_MFA' || (name === 'TRANSITION_VIEW' && m.view_name === 'MFA'))
        .map(([name, m]) => (name === 'SUBMIT_MFA' ? name : `MFA ${m.mfa_type}`));
      assert.deepEqual(told, asked(kinds));
    });
  }

  // rounds makes of answers by round and field what is done on each round's pane.
  function rounds(answer) {
    return () => {
      let round = -1;
      return (where) => {
        round++;
        const now = round;
        return answerAll(where, (name) => answer(now, name));
      };
    };
  }
});

describe('leaving', () => {
  const leaving = {
    'close-button': (link) => link.where.locator('#close-button').click(),
    Escape: (link) => link.where.locator('body').press('Escape'),
    exit: (link) => link.exit(),
  };
  const typed = (password) => ({ credentials: (where) => logIn(where, 'user_good', password) });
  const hows = Object.keys(leaving);
  // The panes, the status that onExit is told there, and the way to them. All are left in turn by one of the ways to leave, and
  // one by each.
  for (const [i, [name, status, does, more]] of [
    ['consent', 'requires_credentials', {}],
    ['institutions', 'institution_not_found', {}],
    ['credentials', 'requires_credentials', {}, { how: 'close-button' }],
    ['credentials', 'requires_credentials', {}, { how: 'Escape' }],
    ['credentials', 'requires_credentials', {}, { how: 'exit' }],
    ['mfa', 'choose_device', typed('mfa_device')],
    ['mfa', 'requires_code', typed('mfa_device'), { again: true }],
    ['mfa', 'requires_questions', typed('mfa_questions_1_1')],
    ['mfa', 'requires_selections', typed('mfa_selections_1_1_3')],
    ['recaptcha', 'requires_recaptcha', typed('{"recaptcha":"good"}')],
    ['oauth', 'requires_oauth', { institutions: (where) => choose(where, 'Platypus OAuth Bank', 'ins_127287') }],
    ['accounts', 'requires_account_selection', {}],
    ['error', 'requires_credentials', typed('error_INSTITUTION_DOWN'), { code: 'INSTITUTION_DOWN' }],
    ['error', 'requires_credentials', { institutions: (where) => choose(where, 'Unhealthy Platypus', 'ins_132361') }, { code: 'INSTITUTION_DOWN' }],
  ].entries()) {
    const how = more?.how ?? hows[i % hows.length];
    it(`the pane ${name} (${status}) by ${how}`, async (t) => {
      const link = await begin(t);
      await walk(link.where, name, does);
      if (more?.again) {
        await press(link.where);
        await link.where.locator('#aut-input-0-input').waitFor();
      }
      await leaving[how](link);
      const [error, metadata] = await leave(link);
      assert.deepEqual([error?.error_code ?? null, metadata.status], [more?.code ?? null, status]);
      assert.match(metadata.link_session_id, /^[0-9a-f-]{36}$/);
      const [kept] = await sessions(link.token);
      assert.equal(kept.exit.metadata.status, status);
      assert.equal(await link.page.evaluate(() => document.body.style.overflow), '');
    });
  }

  for (const name of ['consent', 'accounts', 'exit']) {
    it(`the pane ${name} by force`, async (t) => {
      const link = await begin(t);
      await walk(link.where, name, name === 'exit' ? { credentials: (where) => where.locator('#close-button').click() } : {});
      await link.exit({ force: true });
      const [error, metadata] = await link.called('onExit');
      assert.equal(error, null);
      assert.match(metadata.link_session_id, /^[0-9a-f-]{36}$/);
      assert.equal(await link.page.evaluate(() => document.body.style.overflow), '');
    });
  }

  it('can be thought better of', async (t) => {
    const link = await begin(t);
    await walk(link.where, 'credentials');
    await link.exit();
    await pane(link.where, 'exit');
    await press(link.where);
    await pane(link.where, 'credentials');
    await walk(link.where, 'connected');
    await succeed(link);
  });
});

// dismiss closes the page of an error without a session. The frame goes with the click, for which Playwright's own would wait.
async function dismiss(link) {
  await link.where.locator('#aut-button, #close-button').first().evaluate((button) => setTimeout(() => button.click()));
  return link.called('onExit');
}

describe('a link token', () => {
  it('of an Item renews its login', async (t) => {
    const access = await itemOf(platypus);
    await ask('/sandbox/item/reset_login', { access_token: access });
    const link = await begin(t, { access_token: access, products: undefined });
    const way = await walk(link.where, 'connected');
    assert.ok(!way.includes('institutions'), way.join(', '));
    await succeed(link);
    assert.equal((await link.calls('onEvent'))[0].args[1].is_update_mode, 'true');
    assert.equal((await ask('/item/get', { access_token: access })).item.error, null);
  });

  for (const token of ['link-sandbox-00000000-0000-0000-0000-000000000000', 'nonsense']) {
    it(`that is none is told on the exit: ${token}`, async (t) => {
      const page = await stage.visit(t);
      const link = await openLink(page, { token });
      assert.equal((await dismiss(link))[0].error_code, 'INVALID_LINK_TOKEN');
    });
  }

  it('is needed: the older form says that it is no longer there', async (t) => {
    const page = await stage.visit(t);
    const link = await openLink(page, { key: 'public-key', env: 'sandbox', product: ['transactions'], clientName: 'A client' });
    assert.equal((await dismiss(link))[0].error_code, 'PUBLIC_KEY_NOT_ENABLED');
  });
});

describe('a keyboard', () => {
  it('is enough', async (t) => {
    const link = await begin(t);
    const { page, where } = link;
    // to moves the focus by Tab alone until it is on an element.
    const to = async (selector) => {
      for (let i = 0; i < 80; i++) {
        if (await where.evaluate((s) => document.activeElement?.matches(s), selector)) return;
        await page.keyboard.press('Tab');
      }
      assert.fail(`Tab does not lead to ${selector}`);
    };
    const enter = async (selector) => {
      await to(selector);
      await page.keyboard.press('Enter');
    };
    await walk(where, 'connected', {
      consent: async () => enter(await where.locator('#aut-secondary-button').count() ? '#aut-secondary-button' : '#aut-button'),
      phone: () => enter('#aut-secondary-button'),
      institutions: async () => {
        await to('#search-input');
        await page.keyboard.type('First Platypus Bank');
        await where.locator('#aut-ins_109509').waitFor({ state: 'detached' });
        await enter(`#aut-${platypus}`);
      },
      credentials: async () => {
        await to('#aut-input-0-input');
        await page.keyboard.type('user_good');
        await to('#aut-input-1-input');
        await page.keyboard.type('pass_good');
        await page.keyboard.press('Enter');
      },
      accounts: async () => {
        await to('input[name="account"]');
        if (!await where.locator('input[name="account"]').first().isChecked()) await page.keyboard.press('Space');
        await enter('#aut-button');
      },
    });
    await enter('#aut-button');
    await link.called('onSuccess');
    assert.equal(await page.evaluate(() => document.querySelectorAll('iframe').length), 0);
  });

  it('does not leave the frame', async (t) => {
    const link = await begin(t);
    for (const key of ['Tab', 'Shift+Tab']) {
      for (let i = 0; i < 30; i++) {
        await link.page.keyboard.press(key);
        assert.equal(await link.page.evaluate(() => document.activeElement.tagName), 'IFRAME');
      }
    }
  });
});
