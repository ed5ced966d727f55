// How a receiver of Link Money's webhooks trusts none that is not the server's: the steps of the dialect's guide, in jose of today.
import { createHash, timingSafeEqual } from 'node:crypto';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';

// verifier is a receiver of a developer's webhooks, with the keys that it has asked for before. base ends with /v1/plaid.
export function verifier({ base, clientID, secret }) {
  const keys = new Map();

  async function ask(kid) {
    const answer = await fetch(`${base}/webhook__verification_key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: clientID, client_secret: secret, key_id: kid }),
    });
    if (!answer.ok) throw new Error(`no key: ${(await answer.json()).error_code}`);
    return (await answer.json()).key;
  }

  // An id that is new says that keys have changed: those that are still good are asked for again too, since one may have expired.
  async function keyOf(kid) {
    if (!keys.has(kid)) {
      const fresh = await ask(kid);
      for (const [id, key] of keys) {
        if (key.expired_at === null) keys.set(id, await ask(id));
      }
      keys.set(kid, fresh);
    }
    return keys.get(kid);
  }

  // verify fails unless a body came from the server at most five minutes before now (a Date). headers are as node has them.
  return async function verify(headers, body, now) {
    const token = headers['webhook-verification'];
    if (!token) throw new Error('there is no signature');
    const { alg, kid, typ } = decodeProtectedHeader(token);
    if (alg !== 'ES256' || !kid || !typ) throw new Error(`the signature is of ${alg} by ${kid}`);
    const key = await keyOf(kid);
    if (key.expired_at !== null) throw new Error('the key has expired');
    const { payload } = await jwtVerify(token, await importJWK(key, 'ES256'), { algorithms: ['ES256'], maxTokenAge: '5 min', currentDate: now });
    const sum = createHash('sha256').update(body).digest();
    const claimed = Buffer.from(String(payload.request_body_sha256), 'hex');
    if (sum.length !== claimed.length || !timingSafeEqual(sum, claimed)) throw new Error('the body is another');
    return JSON.parse(body);
  };
}
