// Reports each test as a line of JSON, for browser_test.go. What tests print is passed on.
import path from 'node:path';

function text(error) {
  const cause = error.cause ?? error;
  return cause.stack ?? String(cause.message ?? cause);
}

export default async function* report(events) {
  const names = []; // of the groups that a test is in, and its own
  let file = ''; // of the outermost group: tests themselves are all made in test.mjs
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      names[data.nesting] = data.name;
      if (data.nesting === 0) file = data.file;
    }
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message.endsWith('\n') ? data.message : `${data.message}\n`;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A group fails with its tests; it is told of only if its own setup has failed.
    if (data.details.type === 'suite' && (type === 'test:pass' || data.details.error?.failureType === 'subtestsFailed')) continue;
    const name = [path.basename(file, '.test.mjs'), ...names.slice(0, data.nesting), data.name].join('/');
    const skipped = typeof data.skip === 'string' ? data.skip : data.skip ? 'skipped' : '';
    const seconds = data.details.duration_ms / 1000;
    const failure = type === 'test:fail' ? text(data.details.error) : '';
    yield `${JSON.stringify({ name, skipped, failure, seconds })}\n`;
  }
}
