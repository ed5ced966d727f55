// Verifies webhooks with jose, as a receiver in Node does. The cases come from the file that is named on the command line.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';

const { url, client_id, secret, cases } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const keys = new Map();

async function keyOf(kid) {
  if (!keys.has(kid)) {
    const answer = await fetch(`${url}/webhook_verification_key/get`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ client_id, secret, key_id: kid }),
    });
    if (!answer.ok) throw new Error(`no key: ${(await answer.json()).error_code}`);
    keys.set(kid, (await answer.json()).key);
  }
  return keys.get(kid);
}

async function verify(token, body, now) {
  const { alg, kid } = decodeProtectedHeader(token);
  if (alg !== 'ES256') throw new Error(`alg is ${alg}`);
  const key = await importJWK(await keyOf(kid), 'ES256');
  const { payload } = await jwtVerify(token, key, { algorithms: ['ES256'], maxTokenAge: '5 min', currentDate: new Date(now * 1000) });
  const sum = createHash('sha256').update(body).digest();
  if (!timingSafeEqual(sum, Buffer.from(payload.request_body_sha256, 'hex'))) throw new Error('another body');
}

for (const { name, token, body, now } of cases) {
  const verdict = await verify(token, body, now).then(() => 'accepted', (error) => `rejected: ${error.message}`);
  console.log(`${name}\t${verdict}`);
}
