// A program that receives webhooks and trusts none: each is held against the key that the server publishes for it, as
// Plaid documents it.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const mostAge = 5 * 60;

// read is a part of a JWT.
const read = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());

// trusted fails unless a body was sent by the server: token is its Plaid-Verification header, now the time in seconds.
export async function trusted(client, token, body, now) {
  const [header, claims, signature] = token.split('.');
  const { alg, kid } = read(header);
  assert.equal(alg, 'ES256');
  const { data } = await client.webhookVerificationKeyGet({ key_id: kid });
  assert.equal(data.key.kid, kid);
  assert.equal(data.key.expired_at, null);
  const key = { key: createPublicKey({ key: data.key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  assert.ok(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')), 'the signature is wrong');
  const { iat, request_body_sha256: sum } = read(claims);
  assert.ok(iat <= now && now - iat <= mostAge, `signed at ${iat}, now is ${now}`);
  assert.equal(sum, createHash('sha256').update(body).digest('hex'), 'the body is another');
}

// receive starts a receiver. Its take resolves to what has come since the last call, in the order in which it came.
export async function receive() {
  let received = [];
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    received.push({ token: request.headers['plaid-verification'], body: Buffer.concat(pieces) });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/hook`,
    take: () => received.splice(0),
    close: () => server.close(),
  };
}
