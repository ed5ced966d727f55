// Node's test runner, with a limit for each test: one that waits for what does not come fails alone, and the others go on.
import * as test from 'node:test';

export { describe } from 'node:test';

const limit = { timeout: 90_000 };

export const it = (name, run) => test.it(name, limit, run);
export const before = (run) => test.before(run, limit);
export const after = (run) => test.after(run, limit);
export const beforeEach = (run) => test.beforeEach(run, limit);
